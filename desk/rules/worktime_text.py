"""How a working calendar is written as JSON, and what is refused in it (R1).

Every refusal is one English sentence that names the place, for the person who wrote the calendar.
"""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIELDS = ("timezone", "week", "days_off", "extra_days")
DAY_SECONDS = 86_400
INTERVALS_PER_DAY_MAX = 96
DATES_MAX = 5_000
SHOWN_MAX = 40

Interval = tuple[int, int]
Day = tuple[Interval, ...]

_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# These follow the machine or count leap seconds; none is the name of a place.
_NO_ZONES = re.compile(r"localtime|posixrules|Factory|(posix|right)/.*")


class CalendarError(ValueError):
    """What was given cannot be a working calendar, or cannot be computed with it."""


def read(document: object) -> tuple[str, tuple[Day, ...], frozenset[date], dict[date, Day]]:
    """Zone, seven days from Monday, days off and extra days of a JSON object.

    Raises CalendarError for what is not in the form; whether the hours make sense is `checked`.
    """
    fields = _object(document, "The calendar")
    for name in fields:
        if name not in FIELDS:
            raise CalendarError(
                f"The calendar has an unknown field {shown(name)}; known are {', '.join(FIELDS)}."
            )
    timezone = fields.get("timezone")
    if not isinstance(timezone, str):
        raise CalendarError('The calendar needs a "timezone" such as "Europe/Kyiv".')
    week = _object(fields.get("week", {}), "The week")
    for name in week:
        if name not in WEEKDAYS:
            raise CalendarError(
                f"The week has an unknown day {shown(name)}; days are {', '.join(WEEKDAYS)}."
            )
    days = tuple(_day(week.get(name, []), f"week, {name}") for name in WEEKDAYS)
    days_off = _list(fields.get("days_off", []), "The days off", DATES_MAX)
    extra_days = _object(fields.get("extra_days", {}), "The extra days")
    if len(extra_days) > DATES_MAX:
        raise CalendarError(f"The extra days are more than {DATES_MAX}.")
    return (
        timezone,
        days,
        frozenset(_date(text, "days off") for text in days_off),
        {
            _date(text, "extra days"): _day(day, f"extra day {text}")
            for text, day in extra_days.items()
        },
    )


def write(
    timezone: str, week: tuple[Day, ...], days_off: frozenset[date], extra_days: Mapping[date, Day]
) -> dict[str, object]:
    """The JSON object that `read` takes; days without hours are left out of the week."""
    return {
        "timezone": timezone,
        "week": {name: _written(day) for name, day in zip(WEEKDAYS, week, strict=True) if day},
        "days_off": [day.isoformat() for day in sorted(days_off)],
        "extra_days": {day.isoformat(): _written(extra_days[day]) for day in sorted(extra_days)},
    }


def checked(
    week: tuple[Day, ...], extra_days: Mapping[date, Day]
) -> tuple[tuple[Day, ...], dict[date, Day]]:
    """The same hours in order, when they make a calendar; else CalendarError."""
    if len(week) != len(WEEKDAYS):
        raise CalendarError("A week has seven days, from Monday.")
    days = tuple(_ordered(day, f"week, {name}") for name, day in zip(WEEKDAYS, week, strict=True))
    extra = {
        day: _ordered(hours, f"extra day {day.isoformat()}") for day, hours in extra_days.items()
    }
    if not any(days) and not any(extra.values()):
        raise CalendarError("The calendar has no working time at all.")
    return days, extra


def zone(name: str) -> ZoneInfo:
    """The time zone of that name in the zone database, such as Europe/Kyiv; else CalendarError."""
    try:
        if _NO_ZONES.fullmatch(name):
            raise KeyError(name)
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise CalendarError(f"There is no time zone named {shown(name)}.") from error


def shown(value: object) -> str:
    """A value as a sentence can carry it: quoted, and cut when long."""
    text = repr(value)
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"


def _object(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise CalendarError(f"{name} must be a JSON object, not {shown(value)}.")
    return value


def _list(value: object, name: str, length_max: int) -> list[object]:
    if not isinstance(value, list):
        raise CalendarError(f"{name} must be a JSON list, not {shown(value)}.")
    if len(value) > length_max:
        raise CalendarError(f"{name} are more than {length_max}.")
    return value


def _day(value: object, place: str) -> Day:
    intervals = _list(value, f"The hours ({place})", INTERVALS_PER_DAY_MAX)
    return tuple(_interval(interval, place) for interval in intervals)


def _interval(value: object, place: str) -> Interval:
    match value:
        case [str(start), str(end)]:
            return _seconds(start, place), _seconds(end, place)
    raise CalendarError(
        f'An interval ({place}) is a pair such as ["09:00", "13:00"], not {shown(value)}.'
    )


def _seconds(text: str, place: str) -> int:
    """Seconds from midnight of HH:MM or HH:MM:SS, up to 24:00."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise CalendarError(f"A time ({place}) is written as 09:00 or 09:00:30, not {shown(text)}.")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or total > DAY_SECONDS:
        raise CalendarError(f"There is no time {text} on a day ({place}).")
    return total


def _date(value: object, place: str) -> date:
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError as error:
        raise CalendarError(f"There is no date {value} ({place}).") from error
    raise CalendarError(f"A date ({place}) is written as 2026-12-25, not {shown(value)}.")


def _ordered(day: Day, place: str) -> Day:
    ordered = tuple(sorted(day))
    for start, end in ordered:
        if not 0 <= start < end <= DAY_SECONDS:
            raise CalendarError(
                f"The interval {_span((start, end))} ({place}) must end after it starts; "
                "a night shift is written as 22:00-24:00 and 00:00-06:00 of the next day."
            )
    for earlier, later in pairwise(ordered):
        if later[0] < earlier[1]:
            raise CalendarError(
                f"The intervals {_span(earlier)} and {_span(later)} ({place}) overlap."
            )
    return ordered


def _written(day: Day) -> list[list[str]]:
    return [[_time(start), _time(end)] for start, end in day]


def _span(interval: Interval) -> str:
    return "-".join(_time(edge) for edge in interval)


def _time(seconds: int) -> str:
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return text if seconds % 60 == 0 else f"{text}:{seconds % 60:02}"
