"""Calendars and instants that the tests of working time and clocks share."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from desk.rules import worktime
from desk.rules.worktime import Calendar

OFFICE_HOURS = [["09:00", "13:00"], ["14:00", "18:00"]]
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
WEEKDAYS = (*WORKDAYS, "sat", "sun")

OFFICE_DOCUMENT: dict[str, Any] = {
    "timezone": "Europe/Kyiv",
    "week": dict.fromkeys(WORKDAYS, OFFICE_HOURS),
    "days_off": ["2026-12-25"],
    "extra_days": {},
}
OFFICE = Calendar.parse(OFFICE_DOCUMENT)

AROUND_THE_CLOCK = Calendar.parse(
    {"timezone": "Europe/Kyiv", "week": {day: [["00:00", "24:00"]] for day in WEEKDAYS}}
)

HOUR = 3_600

# Ordinary zones, and those with half an hour, two hours, a change at midnight, odd offsets.
ZONES = (
    "Europe/Kyiv",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Antarctica/Troll",
    "America/Havana",
    "Atlantic/Azores",
    "Africa/Cairo",
    "Asia/Kolkata",
    "UTC",
)

# The changes of those zones in 2026 and 2027 lie within a few days of these.
CHANGES = tuple(
    date.fromisoformat(day)
    for day in (
        "2026-03-08", "2026-03-29", "2026-04-05", "2026-04-24", "2026-09-27", "2026-10-04",
        "2026-10-25", "2026-10-30", "2026-11-01", "2027-03-14", "2027-03-28", "2027-10-31",
    )
)  # fmt: skip

HOURS = st.sampled_from(
    [
        [],
        OFFICE_HOURS,
        [["00:00", "24:00"]],
        [["00:00", "06:00"], ["22:00", "24:00"]],
        [["00:00", "02:30"], ["02:45", "03:00"], ["03:00", "03:30"], ["04:00", "24:00"]],
        [["00:00", "00:30"], ["01:00", "01:45"], ["02:00", "03:00"]],
        [["00:15", "01:30"], ["23:00", "23:45"]],
        [["03:15", "03:45"]],
    ]
)


def at(text: str, zone: str = "Europe/Kyiv") -> datetime:
    """The moment of ISO text; without an offset it is local to the zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def calendar_of(zone: str, *hours: list[str], **more: Any) -> Calendar:
    """The same hours on every day of the week."""
    week = {day: list(hours) for day in WEEKDAYS}
    return Calendar.parse({"timezone": zone, "week": week, **more})


def a_cut() -> datetime:
    """An instant at which one kept stretch of windows ends and the next starts."""
    noon = worktime.microseconds(at("2026-11-27 12:00"))
    return worktime.instant(noon // worktime.CHUNK * worktime.CHUNK)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Calendars as JSON, with working time on most days and some special dates near a change."""
    week = {day: draw(HOURS) for day in WEEKDAYS}
    week["wed"] = week["wed"] or OFFICE_HOURS
    near = st.builds(
        lambda day, days: (day + timedelta(days=days)).isoformat(),
        st.sampled_from(CHANGES),
        st.integers(-3, 3),
    )
    return {
        "timezone": draw(st.sampled_from(ZONES)),
        "week": week,
        "days_off": draw(st.lists(near, max_size=3, unique=True)),
        "extra_days": draw(st.dictionaries(near, HOURS, max_size=3)),
    }


@st.composite
def minutes_near_a_change(draw: st.DrawFn) -> datetime:
    """A whole minute of UTC within two days of a date on which some zone changes."""
    day = draw(st.sampled_from(CHANGES))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return noon + timedelta(minutes=draw(st.integers(-2 * 1440, 2 * 1440)))


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    """Any microsecond within some days of a change."""
    return draw(minutes_near_a_change()) + timedelta(microseconds=draw(st.integers(0, 59_999_999)))
