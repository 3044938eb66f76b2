"""Pages of lists: a cursor says where the last page ended, signed, opaque to who carries it.

A cursor belongs to one list with one set of filters. It names a place, not a page number: what is
added meanwhile neither repeats nor hides a row.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field

LIMIT_MAX = 100
LIMIT_USUAL = 50
CURSOR_LENGTH_MAX = 400
SIGNATURE_BYTES = 12

T = TypeVar("T")
Place = Sequence[object]


class BadCursor(Exception):
    """A cursor that this list, with these filters, has not given out."""


class Paging(BaseModel):
    """The query parameters that every list has; lists add their filters to them."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(LIMIT_USUAL, ge=1, le=LIMIT_MAX, description="The most items on a page.")
    cursor: str = Field(
        "",
        max_length=CURSOR_LENGTH_MAX,
        description="`next_cursor` of the page before; nothing for the first page.",
    )

    def filters(self) -> dict[str, object]:
        """What else the list is narrowed by."""
        return self.model_dump(mode="json", exclude={"limit", "cursor"})


class Page(BaseModel, Generic[T]):
    """A page of a list."""

    items: list[T]
    next_cursor: str | None = Field(description="Fetches the next page; null on the last one.")


def sealed(name: str, wanted: Paging, place: Place) -> str:
    """The cursor of a place in the list `name`."""
    text = json.dumps(list(place), separators=(",", ":"), default=str).encode()
    return f"{_plain(text)}.{_plain(_signature(name, wanted.filters(), text))}"


def opened(name: str, wanted: Paging) -> list[object] | None:
    """The place that the cursor of a call names; None for the first page. Raises `BadCursor`."""
    if not wanted.cursor:
        return None
    text, _, signature = wanted.cursor.partition(".")
    try:
        raw, signed = _raw(text), _raw(signature)
    except ValueError as error:
        raise BadCursor from error
    if not hmac.compare_digest(signed, _signature(name, wanted.filters(), raw)):
        raise BadCursor
    place = json.loads(raw)
    assert isinstance(place, list), "we signed a list"
    return place


def cut(
    name: str, wanted: Paging, found: Sequence[T], place: Callable[[T], Place]
) -> tuple[Sequence[T], str | None]:
    """The rows of the page and the cursor of the next one. `found` holds one row more than the
    limit where there are more (ask for `wanted.limit + 1`)."""
    shown = found[: wanted.limit]
    more = len(found) > wanted.limit
    return shown, sealed(name, wanted, place(shown[-1])) if more else None


def _signature(name: str, filters: Mapping[str, object], text: bytes) -> bytes:
    bound = json.dumps([name, filters], sort_keys=True, default=str).encode()
    key = f"api cursor {settings.SECRET_KEY}".encode()
    return hmac.new(key, bound + b"\0" + text, hashlib.sha256).digest()[:SIGNATURE_BYTES]


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
