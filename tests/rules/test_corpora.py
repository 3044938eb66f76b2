"""Working-time vectors recorded from other products, when their folder stands beside the checkout.

They are never copied into the project. What the desk has no use for, counting backwards, is left
out with its reason; where the recorded library follows another convention, DIFFERENT says so.
"""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.rules import clock
from desk.rules.worktime import Calendar, instant, microseconds, whole_seconds

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "sla"

if not FOLDER.is_dir():
    pytest.skip(f"the corpora are not beside the checkout: {FOLDER}", allow_module_level=True)

# The library ends a day a microsecond before midnight; the desk's end of the day is midnight.
ALMOST_MIDNIGHT = "23:59:59.999999"
MIDNIGHT = timedelta(microseconds=1)


# Named by what the specification says instead.
DIFFERENT = {
    "skips non worked days when origin is not worked": "the next working date is the first (R15)",
    "skips holidays when origin is holiday": "the next working date is the first (R15)",
    "works across time shifts + midnight": "a day of 25 hours has 25 working hours (R1, R13)",
}


def vectors(name: str) -> list[dict[str, Any]]:
    return list(json.loads((FOLDER / name).read_text()))


def named(vector: dict[str, Any]) -> str:
    return f"{vector.get('op', 'clock')} {vector['source'].split(':', 1)[1][-60:]}"


def calendar_of(vector: dict[str, Any]) -> Calendar:
    recorded = vector["calendar"]
    return Calendar.parse(
        {
            "timezone": recorded["tz"],
            "week": recorded["hours"],
            "days_off": recorded.get("holidays", []),
            "extra_days": recorded.get("day_overrides", {}),
        }
    )


def backwards(vector: dict[str, Any]) -> bool:
    first, *more = vector["args"]
    if not more:
        return False
    if isinstance(more[0], str):
        days = len(first) == len("2026-11-27") or vector["op"] == "working_days_between"
        if days:
            return bool(more[0][:10] < first[:10])
        return datetime.fromisoformat(more[0]) < datetime.fromisoformat(first)
    return bool(more[0] < 0)


def expected(vector: dict[str, Any]) -> object:
    value = vector["expected"]
    if not isinstance(value, str):
        return value
    if len(value) == len("2026-11-27"):
        return date.fromisoformat(value)
    moment = datetime.fromisoformat(value)
    return moment + MIDNIGHT if ALMOST_MIDNIGHT in value else moment


def add_days(calendar: Calendar, start: str, days: int) -> date | datetime:
    """The same time of day, the working date that many further."""
    if len(start) == len("2026-11-27"):
        day = date.fromisoformat(start)
        return calendar.working_date_after(day, days) if days else day
    moment = datetime.fromisoformat(start)
    day = calendar.date_of(moment)
    return moment + (calendar.working_date_after(day, days) - day)


def add(calendar: Calendar, start: str, seconds: float) -> datetime:
    """The library gives whole seconds, so the last step rounds; the desk keeps the fraction."""
    begin = microseconds(datetime.fromisoformat(start))
    found = calendar.add_microseconds(begin, round(seconds * 1_000_000))
    return instant(whole_seconds(found) * 1_000_000)


def close(calendar: Calendar, moment: str) -> datetime | None:
    at = datetime.fromisoformat(moment)
    return calendar.next_close(at + MIDNIGHT if ALMOST_MIDNIGHT in moment else at)


def open_after_this(calendar: Calendar, moment: str) -> datetime:
    """The library's next working time leaves the interval that is running."""
    at = datetime.fromisoformat(moment)
    closes = calendar.next_close(at) if calendar.is_open(at) else at
    assert closes is not None
    return calendar.next_open(closes)


def days_between(calendar: Calendar, first: str, last: str) -> int:
    after = date.fromisoformat(first[:10]) + timedelta(days=1)
    return len(calendar.working_dates(after, date.fromisoformat(last[:10])))


ANSWERS: dict[str, Any] = {
    "working_time_between": lambda calendar, start, end: calendar.elapsed(
        datetime.fromisoformat(start), datetime.fromisoformat(end)
    ),
    "advance_to_working_time": lambda calendar, at: calendar.next_open(datetime.fromisoformat(at)),
    "advance_to_closing_time": close,
    "next_working_time": open_after_this,
    "return_to_working_time": None,
    "in_working_hours?": lambda calendar, at: calendar.is_open(datetime.fromisoformat(at)),
    "working_day?": lambda calendar, day: calendar.is_working_date(date.fromisoformat(day)),
    "working_days_between": days_between,
    "add_days": add_days,
    "add_hours": lambda calendar, start, hours: add(calendar, start, hours * 3600),
    "add_minutes": lambda calendar, start, minutes: add(calendar, start, minutes * 60),
    "add_seconds": add,
}


RECORDED = [
    vector
    for vector in vectors("working_hours_literals.json")
    if ANSWERS[vector["op"]] is not None and not backwards(vector)
]


@pytest.mark.parametrize("vector", RECORDED, ids=named)
def test_recorded_working_time_r1_r2_r3(vector: dict[str, Any]) -> None:
    answer = ANSWERS[vector["op"]](calendar_of(vector), *vector["args"])
    different = vector["source"].rsplit(" > ", 1)[1] in DIFFERENT
    assert (answer != expected(vector)) is different


@pytest.mark.parametrize("vector", vectors("ticket_clock_scenarios.json"), ids=named)
def test_recorded_ticket_clocks_r2_r8(vector: dict[str, Any]) -> None:
    """Each recorded figure of the clocks; the first of several dues is not one of ours."""
    calendar, start = calendar_of(vector), datetime.fromisoformat(vector["created"])
    happened = {event["ev"]: datetime.fromisoformat(event["at"]) for event in vector["events"]}
    contact = happened.get("agent_contact")
    for name, value in vector["expected"].items():
        kind = name.partition("_")[0]
        target = 60 * vector["sla_minutes"].get(TARGETS[kind], 0)
        if name.endswith("_due") and kind != "next":
            begin = contact if kind == "update" and contact else start
            assert clock.due(calendar, begin, target) == datetime.fromisoformat(value), name
        elif name.endswith("_in_min"):
            stop = happened[STOPS[kind]]
            shown = clock.read(calendar, start, target, (), stop, stop)
            minutes = shown.elapsed_seconds // 60
            assert value == (target // 60 - minutes if "_diff" in name else minutes), name


TARGETS = {
    "first": "first_response",
    "update": "update",
    "solution": "solution",
    "close": "solution",
    "next": "update",
}
STOPS = {"first": "first_response", "update": "agent_contact", "close": "closed"}
