"""The checked vectors of the specification, one example each (2, Clocks)."""

from datetime import datetime

import pytest

from desk.rules import clock
from desk.rules.clock import Pause
from tests.rules.calendars import AROUND_THE_CLOCK, HOUR, OFFICE, at

FRIDAY, MONDAY, TUESDAY = "2026-11-27", "2026-11-30", "2026-12-01"


def paused(number: int, opened: str, closed: str) -> Pause:
    return Pause(str(number), at(opened), at(closed))


def due(start: str, hours: float, *pauses: Pause) -> datetime | None:
    return clock.due(OFFICE, at(start), int(hours * HOUR), pauses)


def test_eight_hours_from_friday_afternoon_are_due_on_monday_r2() -> None:
    assert due(f"{FRIDAY} 16:00", 8) == at(f"{MONDAY} 16:00")


def test_a_pause_of_two_working_hours_over_a_weekend_moves_the_due_by_two_r2() -> None:
    pause = paused(1, f"{FRIDAY} 17:00", f"{MONDAY} 10:00")
    assert due(f"{FRIDAY} 16:00", 8, pause) == at(f"{MONDAY} 18:00")


def test_a_pause_without_working_time_moves_nothing_r2() -> None:
    pause = paused(1, f"{FRIDAY} 18:00", f"{MONDAY} 09:00")
    assert due(f"{FRIDAY} 16:00", 8, pause) == at(f"{MONDAY} 16:00")


def test_overlapping_pauses_count_once_r2() -> None:
    pauses = (
        paused(1, f"{FRIDAY} 10:00", f"{FRIDAY} 12:00"),
        paused(2, f"{FRIDAY} 11:00", f"{FRIDAY} 12:30"),
    )
    assert due(f"{FRIDAY} 09:00", 8, *pauses) == at(f"{MONDAY} 11:30")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (f"{FRIDAY} 17:40", f"{MONDAY} 09:40"),
        ("2026-11-28 12:00", f"{MONDAY} 10:00"),
        (f"{FRIDAY} 13:30", f"{FRIDAY} 15:00"),
    ],
)
def test_acceptance_of_one_hour_r3_r4(start: str, expected: str) -> None:
    assert due(start, 1) == at(expected)


def test_a_day_off_is_passed_over_r1() -> None:
    assert due("2026-12-24 15:00", 8) == at("2026-12-28 15:00")


def test_three_hours_around_the_clock_in_the_autumn_change_r1_r13() -> None:
    found = clock.due(AROUND_THE_CLOCK, at("2026-10-25 02:30+03:00"), 3 * HOUR)
    assert found == at("2026-10-25 04:30+02:00")


def test_three_hours_around_the_clock_in_the_spring_change_r1_r13() -> None:
    found = clock.due(AROUND_THE_CLOCK, at("2027-03-28 01:30+02:00"), 3 * HOUR)
    assert found == at("2027-03-28 05:30+03:00")


def test_a_target_reached_at_the_end_of_the_day_is_due_there_r3() -> None:
    assert due(f"{FRIDAY} 14:00", 4) == at(f"{FRIDAY} 18:00")


def test_a_reopened_cycle_has_what_was_left() -> None:
    worked = clock.elapsed(OFFICE, at(f"{FRIDAY} 09:00"), at(f"{FRIDAY} 11:00"))
    left_seconds = clock.left(8 * HOUR, worked, minimum_seconds=2 * HOUR)
    assert left_seconds == 6 * HOUR
    assert clock.due(OFFICE, at(f"{MONDAY} 16:00"), left_seconds) == at(f"{TUESDAY} 13:00")


def test_simple_made_a_bug_keeps_the_time_that_ran_t4() -> None:
    found = clock.retarget(OFFICE, at(f"{FRIDAY} 09:00"), (), 3 * HOUR, at=at(f"{FRIDAY} 11:00"))
    assert (found.due_at, found.extension_seconds) == (at(f"{FRIDAY} 12:00"), 0)


def test_simple_made_a_bug_too_late_gets_one_working_hour_t4() -> None:
    found = clock.retarget(OFFICE, at(f"{FRIDAY} 09:00"), (), 3 * HOUR, at=at(f"{FRIDAY} 15:00"))
    assert (found.due_at, found.extension_seconds) == (at(f"{FRIDAY} 16:00"), 3 * HOUR)


def test_nine_parts_are_due_two_blocks_after_the_start_r6() -> None:
    start = at(f"{FRIDAY} 09:00")
    last = clock.part_due(OFFICE, start, part=9, block_seconds=8 * HOUR, parts_per_block=8)
    eighth = clock.part_due(OFFICE, start, part=8, block_seconds=8 * HOUR, parts_per_block=8)
    assert (eighth, last) == (at(f"{FRIDAY} 18:00"), at(f"{MONDAY} 18:00"))


def test_a_bug_of_friday_evening_is_due_on_monday_r3() -> None:
    assert due(f"{FRIDAY} 17:30", 3) == at(f"{MONDAY} 11:30")
