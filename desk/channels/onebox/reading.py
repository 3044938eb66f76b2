"""What a box says, in one form: a row that was read there, or an event that it sent.

Boxes differ, and nothing of this is promised by anybody: names are tried one after another, ids
come as numbers or strings, dates may be 0000-00-00, and texts may be HTML.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import nh3

from desk.channels.errors import Unclear
from desk.channels.onebox.client import number
from desk.channels.onebox.models import Connection

COMMENTS = "comments"
ROW_FIELDS = (
    "name",
    "description",
    "content",
    "statusid",
    "cdate",
    "clientname",
    "clientemail",
    "clientphone",
)
# By what an event may call a thing, in the order of trying; a connection may name its own.
NAMES: Mapping[str, tuple[str, ...]] = {
    "event": ("event", "event_type", "kind", "action", "type"),
    "process": ("process", "processid", "orderid", "order_id", "order.id", "id"),
    "text": ("text", "comment.text", "comment.content", "comment", "message", "content"),
    "status": ("status", "statusid", "status_id", "order.statusid"),
    "name": ("name", "title", "order.name"),
    "comment": ("commentid", "comment_id", "comment.id"),
    "author": ("author", "author.name", "username", "clientname"),
    "email": ("email", "author.email", "clientemail"),
    "phone": ("phone", "author.phone", "clientphone"),
    "key": ("event_id", "eventid", "event.id"),
}
TESTS = frozenset({"test", "ping"})
BEGINNINGS = frozenset({"created", "create", "new", "added", "add"})
_BREAKS = re.compile(r"<\s*(?:br|/p|/div|/li|/tr|/h[1-6])\b[^>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z/!][^>]*>|&(?:[a-zA-Z]{2,8}|#\d{1,7});")
_BLANK_LINES = re.compile(r"\n{3,}")
_LEVELS_MAX = 6


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; `id` and `author` are "" where the box does not tell them."""

    text: str
    id: str = ""
    author: str = ""
    email: str = ""

    @property
    def digest(self) -> str:
        """The same for the same words, however they are spaced."""
        return digest(self.text)


@dataclass(frozen=True, slots=True)
class Told:
    """What a box told of a process; "" for what it did not tell. `created_at` is when it says
    that the process began. `event` is the kind that an event names, and `key` its own id."""

    process: str
    name: str = ""
    text: str = ""
    status: str = ""
    comments: tuple[Comment, ...] = ()
    author: str = ""
    email: str = ""
    phone: str = ""
    created_at: datetime | None = None
    event: str = ""
    key: str = ""

    @property
    def digest(self) -> str:
        """Another one when something changed that may be news."""
        comments = [[comment.id, comment.digest] for comment in self.comments]
        return digest(json.dumps([self.status, comments]))


def row(found: Mapping[str, Any], connection: Connection) -> Told:
    """A row of order/get."""
    return Told(
        process=number(found.get("id")),
        name=_text(found.get("name")),
        text=plain(_text(found.get("content")) or _text(found.get("description"))),
        status=number(found.get("statusid")),
        comments=tuple(_comments(found.get(COMMENTS))) if connection.comments else (),
        author=_text(found.get("clientname")),
        email=_text(found.get("clientemail")),
        phone=_text(found.get("clientphone")),
        created_at=moment(found.get("cdate"), connection.timezone),
    )


def event(raw: bytes, content_type: str, mapping: Mapping[str, str]) -> Told:
    """An event in JSON or as a form, its names mapped. Raises `Unclear`."""
    body = _body(raw, content_type)
    found = {wanted: _named(body, wanted, mapping) for wanted in NAMES}
    kind = _text(found["event"]).casefold().rpartition("_")[2].rpartition(".")[2]
    text = plain(_text(found["text"]))
    comments: tuple[Comment, ...] = ()
    if text and kind not in BEGINNINGS:
        author, email = _text(found["author"]), _text(found["email"])
        comments = (Comment(text, number(found["comment"])[:40], author, email),)
    return Told(
        process=number(found["process"])[:20],
        name=_text(found["name"]),
        text=text,
        status=number(found["status"])[:20],
        comments=comments,
        author=_text(found["author"]),
        email=_text(found["email"]),
        phone=_text(found["phone"]),
        event=kind,
        key=_text(found["key"]),
    )


def plain(text: str) -> str:
    """A text without its markup, the lines kept."""
    if _MARKUP.search(text):
        text = html.unescape(nh3.clean(_BREAKS.sub("\n", text), tags=set()))
    lines = [line.strip() for line in text.replace("\xa0", " ").replace("\r\n", "\n").split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def digest(text: str) -> str:
    """What stands for a text: the same whatever its markup and spaces."""
    return hashlib.sha256(" ".join(plain(text).split()).encode("utf-8", "replace")).hexdigest()


def moment(found: object, timezone: str) -> datetime | None:
    """A date of a box as an aware moment; None for 0000-00-00 and what cannot be read."""
    try:
        said = datetime.fromisoformat(_text(found))
    except ValueError:
        return None
    aware = said if said.tzinfo else said.replace(tzinfo=ZoneInfo(timezone))
    return aware.astimezone(UTC)


def same(theirs: object, ours: str) -> bool:
    """Whether a field says what we want it to say: dates with and without seconds, zeros for no
    date and numbers for strings are all the same."""
    return _comparable(_text(theirs)) == _comparable(ours)


def _comparable(text: str) -> str:
    if text.startswith("0000-00-00"):
        return ""
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return " ".join(plain(text).split())


def _comments(found: object) -> Iterator[Comment]:
    """The comments of a row: texts, or objects with a text, listed or keyed by their ids."""
    if isinstance(found, Mapping):
        rows: Sequence[object] = list(found.values())
    else:
        rows = found if isinstance(found, list) else [found]
    for each in rows:
        if isinstance(each, Mapping):
            said = next((_text(each[n]) for n in ("content", "text", "comment") if n in each), "")
            author = next((_text(each[n]) for n in ("author", "username", "name") if n in each), "")
            comment = Comment(plain(said), number(each.get("id")), author, _text(each.get("email")))
        else:
            comment = Comment(plain(_text(each)))
        if comment.text:
            yield comment


def _body(raw: bytes, content_type: str) -> Mapping[str, Any]:
    if content_type.lower().startswith("multipart/form-data"):
        return _multipart(raw, content_type)
    text = raw.decode("utf-8", "replace")
    if "form" in content_type or not text.lstrip().startswith(("{", "[")):
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=1000))
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unclear("The event cannot be read: it is neither JSON nor a form.") from error
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if not isinstance(found, dict):
        raise Unclear("The event cannot be read: it is no JSON object.")
    return found


def _multipart(raw: bytes, content_type: str) -> Mapping[str, Any]:
    """A form as PHP sends one that it was given as an array."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("ascii", "replace")
    found = message_from_bytes(head + raw, policy=policy.HTTP)
    body = {}
    for part in found.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes) and not part.get_filename():
            body[name] = content.decode("utf-8", "replace")
    return body


def _named(body: Mapping[str, Any], wanted: str, mapping: Mapping[str, str]) -> object:
    names = [mapping[wanted]] if mapping.get(wanted) else NAMES[wanted]
    found = (_at(body, name) for name in names)
    return next((one for one in found if isinstance(one, str | int) and one != ""), "")


def _at(body: Mapping[str, Any], path: str) -> object:
    """What stands at "order.id", or at a form's field of exactly that name."""
    if path in body:
        return body[path]
    found: object = body
    for name in path.split(".")[:_LEVELS_MAX]:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _text(found: object) -> str:
    """A text or a number as text, "" for anything else; PostgreSQL takes no NUL."""
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return str(found).replace("\x00", "").strip()
