"""The clock against a minute-by-minute counter that shares no code with it (R1, R2, R3, R13)."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.rules import clock
from desk.rules.clock import Pause
from desk.rules.worktime import Calendar, CalendarError
from tests.rules.calendars import documents, minutes_near_a_change
from tests.rules.minute_counter import MinuteCounter

RANGE = 5 * 1440
MINUTE = timedelta(minutes=1)

STOPS = st.lists(st.tuples(st.integers(-600, RANGE), st.integers(0, 2_000)), max_size=4)


@settings(max_examples=150)
@given(documents(), minutes_near_a_change(), STOPS, st.integers(0, 3_000), st.booleans())
def test_clock_agrees_with_the_counter_r2(
    document: dict[str, Any],
    start: datetime,
    stops: list[tuple[int, int]],
    target: int,
    last_is_open: bool,
) -> None:
    calendar, counter = Calendar.parse(document), MinuteCounter(document, start, RANGE)
    pairs: list[tuple[datetime, datetime | None]] = [
        (start + opened * MINUTE, start + (opened + length) * MINUTE) for opened, length in stops
    ]
    if last_is_open and pairs:
        pairs[-1] = (pairs[-1][0], None)
    pauses = [Pause(str(number), *pair) for number, pair in enumerate(pairs)]
    end = start + RANGE * MINUTE

    assert clock.elapsed(calendar, start, end, pauses) == 60 * counter.elapsed(start, end, pairs)
    expected = counter.due(start, target, pairs)
    if expected is not None:
        assert clock.due(calendar, start, target * 60, pauses) == expected
    else:
        assert _due_beyond(calendar, start, target * 60, pauses, end)


@settings(max_examples=150)
@given(documents(), minutes_near_a_change(), st.lists(st.integers(0, RANGE - 1), max_size=20))
def test_open_minutes_agree_with_the_counter_r1(
    document: dict[str, Any], start: datetime, minutes: list[int]
) -> None:
    calendar, counter = Calendar.parse(document), MinuteCounter(document, start, RANGE)
    for minute in minutes:
        moment = start + minute * MINUTE
        assert calendar.is_open(moment) == counter.is_open(moment)


def _due_beyond(
    calendar: Calendar, start: datetime, target_seconds: int, pauses: list[Pause], end: datetime
) -> bool:
    try:
        found = clock.due(calendar, start, target_seconds, pauses)
    except CalendarError:
        return False
    return found is None or found > end
