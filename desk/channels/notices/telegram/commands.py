"""What people say to the bot: /start with a link's token, /stop, /status; all else gets a help.

Everything that comes in is somebody's words: nobody is believed to be anybody but by the token of
a link, and a chat hears of no one but the person that it is linked with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from desk.channels.models import Channel
from desk.channels.notices import fallback
from desk.channels.notices.telegram import actions, queries, texts
from desk.channels.notices.telegram.models import Chat
from desk.partners.models import Person
from desk.web.reader import zone

PRIVATE = "private"
TOKEN_MAX = 64
NOT_IN = frozenset({"kicked", "left"})


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot says to it, and whether it then leaves the chat."""

    number: int
    html: str
    leaves: bool = False


def handle(update: dict[str, Any], at: datetime) -> Reply | None:
    """Do what an update asks for; None when there is nothing to say. What is no update of a kind
    that we know is passed over."""
    message, member = _table(update, "message"), _table(update, "my_chat_member")
    found = message or member
    chat, sender = _table(found, "chat"), _table(found, "from")
    number = chat.get("id")
    if not isinstance(number, int):
        return None
    if chat.get("type") != PRIVATE:
        return _group(number, sender, member)
    if member:
        _blocked(number, member, at)
        return None
    known = queries.chat(number)
    language = known.person.language if known else _language(sender)
    with translation.override(language), timezone.override(_zone(known)):
        return Reply(number, _answer(number, _said(message), _name(sender), known, at))


def _answer(number: int, said: str, name: str, known: Chat | None, at: datetime) -> str:
    command, _, rest = said.partition(" ")
    # In a menu of several bots Telegram writes the bot's name behind the command.
    match command.partition("@")[0].lower():
        case "/start" if rest.strip():
            return _start(rest.strip(), number, name, at)
        case "/stop" if known is not None:
            actions.stop(known, at)
            return texts.plain(texts.stopped())
        case "/status" if known is not None and known.person.is_active:
            return texts.status(known.person)
    return texts.words(known.person if known else None)


def _start(token: str, number: int, name: str, at: datetime) -> str:
    person = actions.link(token, number, name, at) if len(token) <= TOKEN_MAX else None
    if person is None:
        return texts.plain(texts.stale())
    with translation.override(person.language):
        return texts.linked(person)


def _group(number: int, sender: dict[str, Any], member: dict[str, Any]) -> Reply | None:
    """Notices of one person are nothing for a group, or for a channel."""
    if _table(member, "new_chat_member").get("status") in NOT_IN:
        return None
    with translation.override(_language(sender)):
        return Reply(number, texts.plain(texts.groups()), leaves=True)


def _blocked(number: int, member: dict[str, Any], at: datetime) -> None:
    """Somebody blocked the bot: no notice comes through any more, which the desk tells its person.
    Who comes back says /start."""
    known = queries.chat(number)
    if known is not None and _table(member, "new_chat_member").get("status") in NOT_IN:
        lose(known, at)


def lose(chat: Chat, at: datetime) -> None:
    """The chat is no more, and its person learns it once."""
    if actions.lost(chat, at):
        fallback.lose(chat.person, Channel.TELEGRAM, "Telegram", at)


def _said(message: dict[str, Any]) -> str:
    text = message.get("text")
    return text.strip() if isinstance(text, str) else ""


def _name(sender: dict[str, Any]) -> str:
    """How Telegram calls somebody: "@olha", else the first and last name."""
    if sender.get("username"):
        return f"@{sender['username']}"
    return " ".join(str(sender[part]) for part in ("first_name", "last_name") if sender.get(part))


def _language(sender: dict[str, Any]) -> str:
    code = str(sender.get("language_code", "")).partition("-")[0]
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _zone(known: Chat | None) -> Any:
    person: Person | None = known.person if known else None
    return zone(person.timezone if person else settings.TIME_ZONE)


def _table(found: dict[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}
