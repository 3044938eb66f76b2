"""A Bot API server of the tests: real HTTP, and as strict as Telegram's about what it is sent."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "123456:AAbb-cc_DDee-ff_GGhh-ii_JJkk"
TAGS = re.compile(r"<(/?)(b|i|a)( href=\"[^\"<>]*\")?>")
ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|#39|#x27);)")
TEXT_MAX = 4096


@dataclass
class Telegram:
    """What the server knows and is to say; `failing` maps a method to what it answers."""

    port: int = 0
    token: str = TOKEN
    hook: str = "https://elsewhere.example/"
    updates: list[dict[str, Any]] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    failing: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1001))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def texts(self, chat: int) -> list[str]:
        """What a chat was told, as its reader sees it."""
        return [unescape(TAGS.sub("", row["text"])) for row in self.said if row["chat_id"] == chat]

    def hears(self, text: str, chat: int = 7, kind: str = "private", **sender: Any) -> None:
        """Somebody writes to the bot."""
        person = {"id": chat, "is_bot": False, "first_name": "Marko", "language_code": "uk"}
        message = {
            "message_id": 1,
            "chat": {"id": chat, "type": kind},
            "from": person | sender,
            "text": text,
        }
        self.updates.append({"update_id": next(self.numbers), "message": message})

    def blocked(self, chat: int = 7, status: str = "kicked", kind: str = "private") -> None:
        """Somebody blocks the bot, or a group takes it in."""
        member = {
            "chat": {"id": chat, "type": kind},
            "from": {"id": 7, "language_code": "en"},
            "new_chat_member": {"status": status},
        }
        self.updates.append({"update_id": next(self.numbers), "my_chat_member": member})

    def fail(self, method: str, code: int, description: str, **parameters: Any) -> None:
        """Let a method fail until told otherwise."""
        body = {"ok": False, "error_code": code, "description": description}
        self.failing[method] = (code, body | ({"parameters": parameters} if parameters else {}))

    def answer(self, token: str, method: str, given: dict[str, Any]) -> tuple[int, Any]:
        self.asked.append(method)
        if token != self.token:
            return 401, _no(401, "Unauthorized")
        if method in self.failing:
            return self.failing[method]
        match method:
            case "getMe":
                return 200, _yes({"id": 123456, "is_bot": True, "username": "demo_desk_bot",
                                  "first_name": "Demo desk"})  # fmt: skip
            case "deleteWebhook":
                self.hook = ""
                return 200, _yes(result=True)
            case "getUpdates":
                return self._updates(given)
            case "sendMessage":
                return self._say(given)
            case "leaveChat":
                self.left.append(given["chat_id"])
                return 200, _yes(result=True)
        return 404, _no(404, "Not Found")

    def _updates(self, given: dict[str, Any]) -> tuple[int, Any]:
        if self.hook:
            return 409, _no(409, "Conflict: can't use getUpdates while webhook is active")
        # Asking for the next ones is what lets Telegram forget those before.
        first = given.get("offset", 0)
        self.updates = [row for row in self.updates if row["update_id"] >= first]
        return 200, _yes(self.updates[: given["limit"]])

    def _say(self, given: dict[str, Any]) -> tuple[int, Any]:
        text = given["text"]
        plain = TAGS.sub("", text)
        if given.get("parse_mode") != "HTML" or "<" in plain or ENTITY.search(plain):
            return 400, _no(400, "Bad Request: can't parse entities")
        if not plain.strip() or len(unescape(plain)) > TEXT_MAX:
            return 400, _no(400, "Bad Request: message is too long")
        self.said.append(given)
        return 200, _yes({"message_id": len(self.said)})


def _yes(result: Any) -> dict[str, Any]:
    return {"ok": True, "result": result}


def _no(code: int, description: str) -> dict[str, Any]:
    return {"ok": False, "error_code": code, "description": description}


@contextmanager
def serving() -> Iterator[Telegram]:
    """A Bot API server on a free port."""
    telegram = Telegram()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            _, bot, method = self.path.split("/")
            given = json.loads(body or b"{}")
            status, found = telegram.answer(bot.removeprefix("bot"), method, given)
            answer = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    telegram.port = server.server_address[1]
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield telegram
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
