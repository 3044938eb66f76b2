"""Talking to Telegram's Bot API, https://core.telegram.org/bots/api.

The token is part of every address there: no error and no log of ours names an address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings

from desk.lib import outside

SECONDS = 10.0
SAID_MAX = 200
WAIT_SECONDS_MAX = 3600
WAIT_SECONDS = 5
# What Telegram says of a chat that is no more, beside 403 for a bot that was blocked.
NO_CHAT = ("chat not found", "user not found", "peer_id_invalid")


class Failed(Exception):
    """Telegram did not do it. `code` tells what to do: "token" (it knows no such bot), "chat" (that
    chat takes nothing any more), "busy" (not before `wait_seconds`), "conflict" (somebody else
    reads the bot's updates), "refused" (this will never do), "away" (no answer), "forbidden" (the
    desk may not send requests there)."""

    def __init__(self, code: str, said: str = "", wait_seconds: int = 0) -> None:
        super().__init__(f"telegram: {code} {said}".strip())
        self.code = code
        self.said = said
        self.wait_seconds = wait_seconds


@dataclass(frozen=True, slots=True)
class Self:
    """Who the bot is."""

    number: int
    username: str
    name: str


def me(token: str) -> Self:
    """Who the bot of a token is. Raises `Failed`."""
    found = call(token, "getMe")
    if not isinstance(found, dict) or not found.get("username"):
        raise Failed("refused", "getMe")
    return Self(int(found.get("id", 0)), str(found["username"]), str(found.get("first_name", "")))


def updates(token: str, first: int, seconds: int) -> list[dict[str, Any]]:
    """What came in since, waiting for something up to `seconds`. Raises `Failed`."""
    asked = {
        "offset": first,
        "timeout": seconds,
        "limit": 50,
        "allowed_updates": ["message", "my_chat_member"],
    }
    found = call(token, "getUpdates", asked, SECONDS + seconds)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def say(token: str, chat: int, html: str) -> None:
    """Write into a chat; `html` by Telegram's few tags. Raises `Failed`."""
    message = {
        "chat_id": chat,
        "text": html,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    call(token, "sendMessage", message)


def leave(token: str, chat: int) -> None:
    """Go out of a group. Raises `Failed`."""
    call(token, "leaveChat", {"chat_id": chat})


def unhook(token: str) -> None:
    """Let updates wait to be asked for, whoever had them sent elsewhere. Raises `Failed`."""
    call(token, "deleteWebhook")


def call(
    token: str, method: str, given: Mapping[str, Any] | None = None, seconds: float = SECONDS
) -> Any:
    """One method of the Bot API; returns its result. Raises `Failed`."""
    try:
        answer = outside.request(
            "POST",
            f"{settings.TELEGRAM_URL}/bot{token}/{method}",
            headers={"content-type": "application/json"},
            body=json.dumps(given or {}).encode(),
            seconds=seconds,
        )
    except outside.Forbidden as error:
        raise Failed("forbidden", error.code) from None
    except outside.Away as error:
        raise Failed("away", error.code) from None
    found = _read(answer.body)
    if answer.status == HTTPStatus.OK and found.get("ok") is True:
        return found.get("result")
    raise _failure(answer.status, found)


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _failure(status: int, found: dict[str, Any]) -> Failed:
    said = str(found.get("description", ""))[:SAID_MAX]
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.NOT_FOUND if found:
            return Failed("token", said)
        case HTTPStatus.FORBIDDEN:
            return Failed("chat", said)
        case HTTPStatus.CONFLICT:
            return Failed("conflict", said)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return Failed("busy", said, _wait(found))
        case HTTPStatus.BAD_REQUEST:
            gone = any(words in said.lower() for words in NO_CHAT)
            return Failed("chat" if gone else "refused", said)
    return Failed("away", f"HTTP {status}")


def _wait(found: dict[str, Any]) -> int:
    parameters = found.get("parameters")
    asked = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return min(asked, WAIT_SECONDS_MAX) if isinstance(asked, int) and asked > 0 else WAIT_SECONDS
