"""The Date field, as far as anything can be made of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

from desk.channels.email.reading.limits import Problems

_YEARS = range(1970, 2200)


def of(text: str, problems: Problems) -> datetime | None:
    """The instant in UTC, or None; one without a zone is taken for UTC."""
    if not text:
        return None
    found = _parsed(text[:200])
    if found is None:
        problems.note("The date cannot be read.")
    return found


def _parsed(text: str) -> datetime | None:
    try:
        found = parsedate_tz(text)
        if found is None:
            iso = datetime.fromisoformat(text.strip())
            moment = iso if iso.tzinfo else iso.replace(tzinfo=UTC)
            return moment.astimezone(UTC) if moment.year in _YEARS else None
        year, month, day, hour, minute, second = found[:6]
        local = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        moment = local - timedelta(seconds=found[9] or 0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.year in _YEARS else None
