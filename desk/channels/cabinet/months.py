"""Which month a page of the cabinet shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

YEAR_MIN = 2000


@dataclass(frozen=True, slots=True)
class Month:
    """A month in the reader's zone: [first_at, until_at); `later` is "" for the present one."""

    first_at: datetime
    until_at: datetime
    earlier: str
    later: str


def month(text: str, at: datetime) -> Month:
    """The month "2026-11", or the present one for anything else and for what lies ahead."""
    present = _first(timezone.localtime(at))
    chosen = _read(text, present)
    following = _next(chosen)
    return Month(
        first_at=chosen,
        until_at=following,
        earlier=f"{chosen - timedelta(days=1):%Y-%m}",
        later=f"{following:%Y-%m}" if following <= present else "",
    )


def _read(text: str, present: datetime) -> datetime:
    try:
        parsed = datetime.strptime(text, "%Y-%m").replace(tzinfo=present.tzinfo)
    except ValueError:
        return present
    return parsed if parsed.year >= YEAR_MIN and parsed <= present else present


def _first(local: datetime) -> datetime:
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


def _next(first: datetime) -> datetime:
    return _first(first + timedelta(days=32))
