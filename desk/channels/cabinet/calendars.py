"""The desk's working hours as a partner reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from desk.rules.worktime import Calendar
from desk.tickets.queries import values
from desk.web import formats

Context = dict[str, Any]
WEEK = 7
HOUR, MINUTE = 3600, 60
AHEAD = timedelta(days=365)


def text(calendar: values.CalendarView) -> str:
    """“We are closed, the clock starts Monday 09:00”, or until when the desk is open."""
    return _said(calendar.closes_at if calendar.is_open else None, calendar.opens_at)


def text_at(calendar: Calendar, at: datetime) -> str:
    """The same from the calendar itself."""
    if calendar.is_open(at):
        return _said(calendar.next_close(at), None)
    return _said(None, calendar.next_open(at))


def _said(closes_at: datetime | None, opens_at: datetime | None) -> str:
    if closes_at is not None:
        return _("We are at work until %(time)s.") % {"time": formats.clock_time(closes_at)}
    if opens_at is None:
        return _("We are at work.")
    return _("We are closed, the clock starts %(moment)s.") % {"moment": formats.moment(opens_at)}


def zone_note(zone: str, at: datetime) -> str:
    """Names the desk's zone when the reader's clock shows another time (specification 2)."""
    there = at.astimezone(ZoneInfo(zone))
    if there.utcoffset() == formats.local(at).utcoffset():
        return ""
    names = {"zone": zone, "time": f"{there:%H:%M}"}
    return _("Times are by your clock. The desk works by %(zone)s, it is %(time)s there.") % names


def week(calendar: Calendar, at: datetime) -> list[Context]:
    """The seven days from Monday with their hours, in the calendar's own zone."""
    today = calendar.date_of(at)
    days = [today + timedelta(days=index - today.weekday()) for index in range(WEEK)]
    return [
        {
            "day": formats.capital(formats.weekday(day)),
            "hours": _hours(calendar.week[day.weekday()]),
            "today": day == today,
        }
        for day in days
    ]


def exceptions(calendar: Calendar, at: datetime) -> list[Context]:
    """Days off and days with other hours within a year, the next one first."""
    today = calendar.date_of(at)
    extra = calendar.extra_days
    days = sorted({*calendar.days_off, *extra})
    return [{"on": on, "hours": _hours(extra.get(on, ()))} for on in days if _is_near(on, today)]


def _is_near(on: date, today: date) -> bool:
    return today <= on <= today + AHEAD


def _hours(spans: Iterable[tuple[int, int]]) -> str:
    """“09:00–13:00, 14:00–18:00”, or that it is closed."""
    return ", ".join(f"{_time(start)}–{_time(end)}" for start, end in spans) or _("closed")


def _time(seconds: int) -> str:
    return f"{seconds // HOUR:02}:{seconds % HOUR // MINUTE:02}"
