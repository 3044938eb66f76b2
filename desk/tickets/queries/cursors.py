"""Cursors of keyset pages: where the last page ended, opaque to who carries them."""

from __future__ import annotations

import base64
import json

CURSOR_LENGTH_MAX = 200
Place = tuple[float, ...]


class BadCursor(Exception):
    """A cursor that no list has given out."""


def written(*place: float) -> str:
    """The cursor of a place."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read(cursor: str, length: int) -> Place:
    """The place that a cursor names, `length` numbers; raises `BadCursor`."""
    if len(cursor) > CURSOR_LENGTH_MAX:
        raise BadCursor
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded, altchars="-_", validate=True))
    except ValueError as error:
        raise BadCursor from error
    if not isinstance(place, list) or len(place) != length:
        raise BadCursor
    if not all(isinstance(n, int | float) and abs(n) < 1 << 62 for n in place):
        raise BadCursor
    return tuple(place)
