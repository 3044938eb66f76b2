"""The API v2 of a OneBox, as far as it is publicly known, with all that it does differently.

Nothing is taken on trust: an answer is good when its status is 2xx *and* its envelope says so, and
every row that comes back is checked against what was asked for, as filters match loosely.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from desk.lib import outside

LOGIN = "/api/v2/token/get/"
WORKFLOWS = "/api/v2/workflow/get/"
READ = "/api/v2/order/get/"
WRITE = "/api/v2/order/set/"
# How long a token lives is not documented; others keep it so long and are never refused.
TOKEN_KEPT = timedelta(minutes=50)
SECONDS = 20.0
COMPLAINTS_MAX = 5
SAID_MAX = 300
DENIED = frozenset({401, 403})
AWAY_FROM = 500
# "author" is no word of those who refuse a token.
REFUSES_TOKEN = re.compile(r"token|auth(?!or\b|ors\b)", re.IGNORECASE)
# All licensed sessions are taken: the box would do it, but not now.
_TAKEN = r"limit|full|busy|taken|too many|зайнят|занят|ліміт|лимит"
FULL = re.compile(rf"(?:{_TAKEN}).*(?:session|сес)|(?:session|сес).*(?:{_TAKEN})", re.IGNORECASE)
FIRST_LOOK, ROWS_MAX = 10, 1000
# What a box says that wants its orders as an object with numbers as keys, not as an array.
WANTS_OBJECT = "Відсутня перший елемент масиву"
ARRAY, OBJECT = "array", "object"

Row = Mapping[str, Any]


class Unavailable(Exception):
    """No answer that can be used: down, slow, broken JSON, an address that is not allowed.

    `code` says which: those of `outside.Away` and `outside.Forbidden`, "status" (HTTP 5xx), "no
    box" (what answers is no OneBox), or "full" (`Full`).
    """

    def __init__(self, text: str, code: str = "no box") -> None:
        super().__init__(text)
        self.code = code


class Full(Unavailable):
    """Every licensed session of the box is taken; nothing is wrong, it is to be asked later."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "full")


class Denied(Exception):
    """Login and REST password are not accepted, or a fresh token is refused."""


class Complaint(Exception):
    """The OneBox has read the request and will not do it; the text is its own."""


@dataclass(slots=True)
class Session:
    """How to talk to one box. `token`, `token_at` and `root` are learnt: keep them, they spare
    requests. `password` is the REST password in clear and is never shown in a representation."""

    base_url: str
    login: str
    password: str
    token: str = ""
    token_at: datetime | None = None
    root: str = ARRAY

    def __repr__(self) -> str:
        return f"Session({self.base_url!r}, {self.login!r})"


def log_in(session: Session, at: datetime) -> None:
    """Get a fresh token. Classic boxes know the password by its MD5 only: both are tried.

    Raises `Denied`, `Unavailable`.
    """
    hashed = hashlib.md5(session.password.encode(), usedforsecurity=False).hexdigest()
    said = ""
    for password in (session.password, hashed):
        body = {"login": session.login, "restapipassword": password}
        try:
            found = _data(session, LOGIN, body, {})
        except (Complaint, _TokenRefused) as error:
            said = said or str(error)
            continue
        token = found.get("token") if isinstance(found, dict) else None
        if not isinstance(token, str) or not token:
            raise Unavailable("there is no token in the answer")
        session.token, session.token_at = token, at
        return
    raise Denied(said)


def workflows(session: Session, at: datetime) -> dict[str, str]:
    """The names of the box's workflows by their ids."""
    rows = _rows(_ask(session, WORKFLOWS, {}, at))
    return {number(row["id"]): str(row.get("name", "")) for row in rows if "id" in row}


def order(session: Session, process: str, fields: Sequence[str], at: datetime) -> Row | None:
    """The process with this id, or None; rows that a loose filter adds are left out."""
    for limit in (FIRST_LOOK, ROWS_MAX):
        body = {"filter": {"id": process}, "fields": _with_id(fields), "limit": limit}
        rows = list(_rows(_ask(session, READ, body, at)))
        found = next((row for row in rows if number(row.get("id")) == process), None)
        # A box that ignores the filter gives any rows: the one may stand behind them.
        if found is not None or len(rows) < limit:
            return found
    return None


def orders(
    session: Session, workflow: str, fields: Sequence[str], limit: int, at: datetime
) -> tuple[list[Row], bool]:
    """The processes of a workflow by id, and whether the limit has cut the answer.

    A row that does not say that it is of this workflow is left out: filters may be ignored.
    """
    wanted = [*_with_id(fields), "workflowid"]
    # The order is a word of the older dialect: where it is known, what is new is not cut off.
    asked = {"filter": {"workflowid": workflow}, "fields": wanted, "limit": limit}
    body = asked | {"orderby": "DESC"}
    rows = list(_rows(_ask(session, READ, body, at)))
    own = {
        number(row["id"]): row
        for row in rows
        if number(row.get("workflowid")) == workflow and number(row.get("id"))
    }
    return [own[each] for each in sorted(own, key=_in_order)], len(rows) >= limit


def write(session: Session, fields: Mapping[str, object], at: datetime) -> str:
    """Make or change one process and return its id; both forms of the body's root are known.

    Raises `Complaint`, `Denied`, `Unavailable`.
    """
    try:
        found = _ask(session, WRITE, _rooted(session.root, fields), at)
    except Complaint as complaint:
        if session.root == OBJECT or WANTS_OBJECT not in str(complaint):
            raise
        found = _ask(session, WRITE, _rooted(OBJECT, fields), at)
        session.root = OBJECT
    first = next(iter(_listed(found)), None)
    if isinstance(first, Mapping):
        first = first.get("id")
    if not number(first):
        raise Unavailable("the answer does not name the process")
    return number(first)


def number(value: object) -> str:
    """An id as text, whether it came as a number or as a string; "" for none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    text = str(value).strip()
    return "" if text in ("", "0") else text


class _TokenRefused(Exception):
    """The token is not known, or not any more."""


def _ask(session: Session, path: str, body: object, at: datetime) -> object:
    """Ask with a token; one that is refused is renewed once."""
    fresh = not session.token or session.token_at is None or at - session.token_at >= TOKEN_KEPT
    if fresh:
        log_in(session, at)
    try:
        return _data(session, path, body, {"token": session.token})
    except _TokenRefused as refusal:
        if fresh:
            raise Denied(str(refusal)) from refusal
    log_in(session, at)
    try:
        return _data(session, path, body, {"token": session.token})
    except _TokenRefused as refusal:
        raise Denied(str(refusal)) from refusal


def _data(session: Session, path: str, body: object, headers: Mapping[str, str]) -> object:
    """What a request is answered, out of its envelope."""
    try:
        answer = outside.request(
            "POST",
            session.base_url.rstrip("/") + path,
            headers={"content-type": "application/json", **headers},
            body=json.dumps(body, ensure_ascii=False).encode(),
            seconds=SECONDS,
        )
    except (outside.Away, outside.Forbidden) as error:
        raise Unavailable(str(error), error.code) from error
    if answer.status >= AWAY_FROM:
        raise Unavailable(f"HTTP {answer.status}", "status")
    return _opened(answer.status, answer.body)


def _opened(status: int, body: bytes) -> object:
    if status in DENIED:
        raise _TokenRefused(f"HTTP {status}")
    try:
        envelope = json.loads(body)
    except ValueError as error:
        raise Unavailable(f"HTTP {status} without readable JSON") from error
    if not isinstance(envelope, dict):
        raise Unavailable(f"HTTP {status} without an envelope")
    if 200 <= status < 300 and number(envelope.get("status")) == "1":
        return envelope.get("dataArray")
    said = "; ".join(list(_complaints(envelope.get("errorArray")))[:COMPLAINTS_MAX])[:SAID_MAX]
    if FULL.search(said):
        raise Full(said)
    if REFUSES_TOKEN.search(said):
        raise _TokenRefused(said)
    raise Complaint(said or f"HTTP {status}")


def _complaints(found: object) -> Iterator[str]:
    """The texts of an errorArray: strings, objects, or both keyed by a field."""
    if isinstance(found, str) and found:
        yield found
    elif isinstance(found, list):
        for each in found:
            yield from _complaints(each)
    elif isinstance(found, dict):
        named = [found[name] for name in ("message", "error", "text") if name in found]
        for each in named or found.values():
            yield from _complaints(each)


def _rows(found: object) -> Iterator[Row]:
    return (row for row in _listed(found) if isinstance(row, dict))


def _listed(found: object) -> list[object]:
    """A list, also when it came as an object with numbers as keys."""
    if isinstance(found, dict):
        return list(found.values())
    return found if isinstance(found, list) else []


def _rooted(root: str, fields: Mapping[str, object]) -> object:
    return {"0": dict(fields)} if root == OBJECT else [dict(fields)]


def _with_id(fields: Sequence[str]) -> list[str]:
    return ["id", *(name for name in fields if name not in ("id", "workflowid"))]


def _in_order(process: str) -> tuple[int, str]:
    return (int(process) if process.isascii() and process.isdigit() else 0, process)
