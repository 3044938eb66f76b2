"""The areas of the API, in the order of the reference. A new area is one import and one line."""

from __future__ import annotations

from desk.channels.api.me import me
from desk.channels.api.routing import Area

AREAS: tuple[Area, ...] = (me,)
