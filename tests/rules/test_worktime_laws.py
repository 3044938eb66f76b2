"""Working time: laws that hold for every calendar, zone and instant (R1, R2, R3, R13)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from desk.rules import worktime
from desk.rules.worktime import Calendar
from tests.rules.calendars import HOUR, OFFICE, documents, moments

SECONDS = st.integers(0, 40 * HOUR)


@given(documents(), moments(), SECONDS)
def test_the_due_instant_has_exactly_the_target_behind_it_r2(
    document: dict[str, Any], start: datetime, seconds: int
) -> None:
    calendar = Calendar.parse(document)
    due_at = calendar.add(start, seconds)
    assert calendar.elapsed(start, due_at) == seconds
    if seconds:
        begin, end = worktime.microseconds(start), worktime.microseconds(due_at)
        assert calendar.elapsed_microseconds(begin, end - 1) == seconds * 1_000_000 - 1


@given(documents(), moments(), SECONDS, SECONDS)
def test_targets_add_up_and_more_is_never_earlier_r2(
    document: dict[str, Any], start: datetime, first: int, second: int
) -> None:
    calendar = Calendar.parse(document)
    middle = calendar.add(start, first)
    assert calendar.add(middle, second) == calendar.add(start, first + second)
    assert middle <= calendar.add(start, first + second)


@given(documents(), st.lists(moments(), min_size=3, max_size=3))
def test_time_between_adds_up_and_never_exceeds_the_wall_clock_r13(
    document: dict[str, Any], instants: list[datetime]
) -> None:
    calendar = Calendar.parse(document)
    first, middle, last = sorted(worktime.microseconds(moment) for moment in instants)
    whole = calendar.elapsed_microseconds(first, last)
    parts = calendar.elapsed_microseconds(first, middle) + calendar.elapsed_microseconds(
        middle, last
    )
    assert whole == parts
    assert 0 <= whole <= last - first


@given(documents(), moments())
def test_next_open_is_open_and_nothing_is_before_it_r3(
    document: dict[str, Any], moment: datetime
) -> None:
    calendar = Calendar.parse(document)
    opens = calendar.next_open(moment)
    assert opens >= moment
    assert calendar.is_open(opens)
    assert calendar.elapsed(moment, opens) == 0
    closes = calendar.next_close(moment)
    if closes is not None:
        assert not calendar.is_open(closes)
        begin, end = worktime.microseconds(opens), worktime.microseconds(closes)
        assert calendar.elapsed_microseconds(begin, end) == end - begin


@given(documents(), moments(), SECONDS, st.integers(1, 86_399))
def test_splitting_an_interval_changes_nothing_r1(
    document: dict[str, Any], start: datetime, seconds: int, cut: int
) -> None:
    whole = Calendar.parse(document)
    week = tuple(
        tuple(part for interval in day for part in split(interval, cut)) for day in whole.week
    )
    pieces = Calendar(whole.timezone, week, whole.days_off, whole.extra_days)
    assert pieces.add(start, seconds) == whole.add(start, seconds)


def split(interval: tuple[int, int], cut: int) -> Iterator[tuple[int, int]]:
    start, end = interval
    if start < cut < end:
        yield from ((start, cut), (cut, end))
    else:
        yield interval


@given(documents(), moments())
def test_the_windows_of_the_dates_are_the_working_time_r13(
    document: dict[str, Any], moment: datetime
) -> None:
    calendar = Calendar.parse(document)
    today = calendar.date_of(moment)
    near = [today + timedelta(days=days) for days in (-1, 0, 1)]
    inside = any(start <= moment < end for day in near for start, end in calendar.windows(day))
    assert calendar.is_open(moment) == inside
    for day in near:
        edges = [edge for window in calendar.windows(day) for edge in window]
        assert all(earlier < later for earlier, later in pairwise(edges))
        assert all(edge.tzinfo is UTC for edge in edges)


@given(st.sampled_from(["Europe/Kyiv", "Asia/Tokyo", "America/New_York"]), moments())
def test_an_instant_means_the_same_in_any_offset_r13(zone: str, moment: datetime) -> None:
    there = moment.astimezone(Calendar.parse({**OFFICE.to_dict(), "timezone": zone}).zone)
    assume(there.utcoffset() != timedelta(0))
    assert OFFICE.add(there, 8 * HOUR) == OFFICE.add(moment, 8 * HOUR)
    assert OFFICE.is_open(there) == OFFICE.is_open(moment)
