"""Clocks: laws that hold for every calendar, target and set of pauses (R2, R7, R8, R11)."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from desk.rules import clock, worktime
from desk.rules.clock import Pause, SpanKind
from desk.rules.worktime import Calendar
from tests.rules.calendars import HOUR, documents, moments

SECONDS = st.integers(0, 30 * HOUR)
LENGTHS = st.lists(
    st.tuples(st.integers(-HOUR, 200 * HOUR), st.integers(0, 60 * HOUR), st.booleans()), max_size=5
)


def pauses_of(start: datetime, lengths: list[tuple[int, int, bool]]) -> list[Pause]:
    found = []
    for number, (opened, length, struck) in enumerate(lengths):
        opened_at = start + timedelta(seconds=opened)
        found.append(Pause(str(number), opened_at, opened_at + timedelta(seconds=length), struck))
    return found


@given(documents(), moments(), SECONDS, LENGTHS)
def test_elapsed_at_the_due_instant_is_the_target_r2(
    document: dict[str, Any], start: datetime, target: int, lengths: list[tuple[int, int, bool]]
) -> None:
    calendar, pauses = Calendar.parse(document), pauses_of(start, lengths)
    due_at = clock.due(calendar, start, target, pauses)
    assert due_at is not None
    assert clock.elapsed(calendar, start, due_at, pauses) == target
    if target:
        begin, end = worktime.microseconds(start), worktime.microseconds(due_at)
        stops = clock._stops(pauses, begin)
        assert clock._elapsed(calendar, begin, end - 1, stops) == target * worktime.SECOND - 1


@given(documents(), moments(), SECONDS, LENGTHS, moments())
def test_order_and_repetition_of_pauses_change_nothing_r2(
    document: dict[str, Any],
    start: datetime,
    target: int,
    lengths: list[tuple[int, int, bool]],
    stop: datetime,
) -> None:
    calendar, pauses = Calendar.parse(document), pauses_of(start, lengths)
    shuffled = [*reversed(pauses), *pauses]
    assert clock.due(calendar, start, target, pauses) == clock.due(
        calendar, start, target, shuffled
    )
    end = max(start, stop)
    assert clock.elapsed(calendar, start, end, pauses) == clock.elapsed(
        calendar, start, end, shuffled
    )


@given(documents(), moments(), SECONDS, LENGTHS)
def test_a_pause_after_the_due_never_moves_it_r7(
    document: dict[str, Any], start: datetime, target: int, lengths: list[tuple[int, int, bool]]
) -> None:
    calendar, pauses = Calendar.parse(document), pauses_of(start, lengths)
    due_at = clock.due(calendar, start, target, pauses)
    assert due_at is not None
    assert clock.due(calendar, start, target, [*pauses, Pause("late", due_at)]) == due_at


@given(documents(), moments(), SECONDS, LENGTHS, moments())
def test_the_account_adds_up_to_the_second_r11(
    document: dict[str, Any],
    start: datetime,
    target: int,
    lengths: list[tuple[int, int, bool]],
    stop: datetime,
) -> None:
    calendar, pauses = Calendar.parse(document), pauses_of(start, lengths)
    until = max(start, stop)
    found = clock.spans(calendar, start, until, pauses)
    running = [span for span in found if span.kind is SpanKind.RUNNING]
    shown = clock.read(calendar, start, target, pauses, until)
    assert sum(span.working_seconds for span in running) == shown.elapsed_seconds
    edges = [start, *(span.until_at for span in found)]
    assert [span.from_at for span in found] == edges[:-1]
    assert edges[-1] == until
    assert all(span.from_at < span.until_at for span in found)
    short = clock.folded(found)
    total = sum(span.working_seconds for span in short if span.kind is SpanKind.RUNNING)
    assert total == shown.elapsed_seconds


@given(documents(), moments(), SECONDS, st.lists(st.integers(0, 300 * HOUR), max_size=12))
def test_a_clock_read_again_and_again_is_consistent_r8(
    document: dict[str, Any], start: datetime, target: int, delays: list[int]
) -> None:
    calendar = Calendar.parse(document)
    due_at = clock.due(calendar, start, target)
    elapsed = 0
    for delay in sorted(delays):
        moment = start + timedelta(seconds=delay)
        shown = clock.read(calendar, start, target, (), moment)
        assert elapsed <= shown.elapsed_seconds
        elapsed = shown.elapsed_seconds
        assert shown.due_at == due_at
        assert (shown.breached_at is not None) == (due_at is not None and moment >= due_at)
        assert shown.remaining_seconds == max(0, target - shown.elapsed_seconds)
        assert shown.overrun_seconds == max(0, shown.elapsed_seconds - target)
