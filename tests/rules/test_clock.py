"""Clocks: pauses, breaches, warnings, reclassification, and the account of it all (R2-R11, T4)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from desk.rules import clock
from desk.rules.clock import Clock, ClockError, Pause, Reading
from tests.rules.calendars import HOUR, OFFICE, at

FRIDAY, MONDAY, TUESDAY = "2026-11-27", "2026-11-30", "2026-12-01"
START = at(f"{FRIDAY} 09:00")


def pause(
    opened: str, closed: str | None = None, *, name: str = "1", struck: bool = False
) -> Pause:
    return Pause(name, at(opened), at(closed) if closed else None, struck)


def due(hours: float, *pauses: Pause) -> datetime | None:
    return clock.due(OFFICE, START, int(hours * HOUR), pauses)


def read(hours: float, moment: str, *pauses: Pause, stopped: str | None = None) -> Reading:
    stopped_at = at(stopped) if stopped else None
    return clock.read(OFFICE, START, int(hours * HOUR), pauses, at(moment), stopped_at)


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ([], f"{FRIDAY} 11:00"),
        ([pause(f"{FRIDAY} 09:00", f"{FRIDAY} 09:00")], f"{FRIDAY} 11:00"),
        ([pause(f"{FRIDAY} 09:00", f"{FRIDAY} 10:00")], f"{FRIDAY} 12:00"),
        # Opened before the clock started: only what lies after the start is spared.
        ([pause(f"{FRIDAY} 08:00", f"{FRIDAY} 10:00")], f"{FRIDAY} 12:00"),
        ([pause("2026-11-20 09:00", "2026-11-20 18:00")], f"{FRIDAY} 11:00"),
        # Opened an instant before the due, at the due, and after it (R7).
        ([pause(f"{FRIDAY} 10:59:59", f"{FRIDAY} 12:00")], f"{FRIDAY} 12:00:01"),
        ([pause(f"{FRIDAY} 11:00", f"{FRIDAY} 12:00")], f"{FRIDAY} 11:00"),
        ([pause(f"{FRIDAY} 11:00", None)], f"{FRIDAY} 11:00"),
        ([pause(f"{FRIDAY} 10:59:59", None)], None),
        ([pause("2100-01-01 09:00", "2101-01-01 09:00")], f"{FRIDAY} 11:00"),
        ([pause("2500-01-01 09:00", None)], f"{FRIDAY} 11:00"),
        # A struck pause never was (R11).
        ([pause(f"{FRIDAY} 09:00", None, struck=True)], f"{FRIDAY} 11:00"),
        # One inside another, and two that touch.
        (
            [
                pause(f"{FRIDAY} 09:30", f"{FRIDAY} 12:00"),
                pause(f"{FRIDAY} 10:00", f"{FRIDAY} 11:00", name="2"),
            ],
            f"{FRIDAY} 14:30",
        ),
        (
            [
                pause(f"{FRIDAY} 11:30", f"{FRIDAY} 12:00", name="2"),
                pause(f"{FRIDAY} 10:30", f"{FRIDAY} 11:30"),
            ],
            f"{FRIDAY} 12:30",
        ),
        # The one that is closed does not end the other that is open.
        (
            [
                pause(f"{FRIDAY} 09:30", f"{FRIDAY} 12:00"),
                pause(f"{FRIDAY} 10:00", None, name="2"),
            ],
            None,
        ),
    ],
)
def test_due_of_two_hours_r2_r7_r10(pauses: list[Pause], expected: str | None) -> None:
    assert due(2, *pauses) == (at(expected) if expected else None)


def test_a_target_of_nothing_is_due_at_the_start_r3() -> None:
    assert due(0) == START
    assert due(0, pause(f"{FRIDAY} 09:00")) == START


def test_elapsed_leaves_out_the_union_of_the_pauses_r2() -> None:
    pauses = [
        pause(f"{FRIDAY} 10:00", f"{FRIDAY} 12:00"),
        pause(f"{FRIDAY} 11:00", f"{FRIDAY} 15:00", name="2"),
        pause(f"{FRIDAY} 17:00", None, name="3"),
        pause(f"{FRIDAY} 09:00", None, name="4", struck=True),
    ]
    assert clock.elapsed(OFFICE, START, at(f"{MONDAY} 12:00"), pauses) == 3 * HOUR
    assert clock.elapsed(OFFICE, START, START, pauses) == 0


def test_what_cannot_be_a_clock_is_refused() -> None:
    with pytest.raises(ClockError, match="stops before it starts"):
        clock.elapsed(OFFICE, START, START - timedelta(seconds=1))
    with pytest.raises(ClockError, match="stops before it starts"):
        clock.spans(OFFICE, START, START - timedelta(seconds=1))
    with pytest.raises(ClockError, match="below zero"):
        clock.due(OFFICE, START, -1)
    with pytest.raises(ClockError, match="ends before it starts"):
        pause(f"{FRIDAY} 10:00", f"{FRIDAY} 09:59:59")
    for part, block in ((0, 8), (1, 0)):
        with pytest.raises(ClockError, match="from one"):
            clock.part_target(part, 8 * HOUR, block)


def test_a_running_clock_shows_its_due_and_what_is_left() -> None:
    assert read(8, f"{FRIDAY} 12:00") == Reading(
        elapsed_seconds=3 * HOUR,
        remaining_seconds=5 * HOUR,
        due_at=at(f"{FRIDAY} 18:00"),
        paused_since=None,
        breached_at=None,
        overrun_seconds=0,
    )


def test_a_paused_clock_shows_no_date_that_will_move_r10() -> None:
    shown = read(8, f"{MONDAY} 10:00", pause(f"{FRIDAY} 16:40"))
    assert shown.due_at is None
    assert shown.paused_since == at(f"{FRIDAY} 16:40")
    assert shown.remaining_seconds == HOUR + 20 * 60
    assert shown.breached_at is None


def test_a_clock_stands_since_the_first_of_the_pauses_that_hold_it_r10() -> None:
    pauses = (
        pause(f"{FRIDAY} 10:00", f"{FRIDAY} 12:00"),
        pause(f"{FRIDAY} 11:00", None, name="2"),
    )
    assert read(8, f"{FRIDAY} 17:00", *pauses).paused_since == at(f"{FRIDAY} 10:00")
    assert read(8, f"{FRIDAY} 09:59", *pauses).paused_since is None


def test_pauses_that_touch_are_one_stand_r10() -> None:
    pauses = (
        pause(f"{FRIDAY} 10:00", f"{FRIDAY} 12:00"),
        pause(f"{FRIDAY} 12:00", None, name="2"),
    )
    assert read(8, f"{FRIDAY} 17:00", *pauses).paused_since == at(f"{FRIDAY} 10:00")


@pytest.mark.parametrize(
    ("moment", "stands"),
    [("09:59:59", False), ("10:00", True), ("11:59:59", True), ("12:00", False)],
)
def test_a_pause_is_half_open_r2(moment: str, stands: bool) -> None:
    shown = read(8, f"{FRIDAY} {moment}", pause(f"{FRIDAY} 10:00", f"{FRIDAY} 12:00"))
    assert (shown.paused_since is not None) is stands
    assert (shown.due_at is None) is stands


def test_a_reading_of_the_past_does_not_know_what_came_later_r8() -> None:
    later = pause(f"{FRIDAY} 12:00", f"{FRIDAY} 15:00")
    assert read(8, f"{FRIDAY} 11:00", later).due_at == at(f"{FRIDAY} 18:00")
    assert read(8, f"{FRIDAY} 13:00", later).due_at is None
    assert read(8, f"{FRIDAY} 15:00", later).due_at == at(f"{MONDAY} 11:00")


@pytest.mark.parametrize(
    ("moment", "stopped", "breached", "overrun"),
    [
        ("10:59:59", None, False, 0),
        ("11:00", None, True, 0),
        ("11:00:01", None, True, 1),
        # Stopped at the due instant the promise was kept, a second later it was not.
        ("17:00", "11:00", False, 0),
        ("17:00", "11:00:01", True, 1),
        ("11:00", "11:00", False, 0),
        # Before the stop the clock still ran.
        ("10:30", "10:45", False, 0),
        ("12:00", "12:30", True, HOUR),
    ],
)
def test_the_breach_is_at_the_due_instant_r8(
    moment: str, stopped: str | None, breached: bool, overrun: int
) -> None:
    stop = f"{FRIDAY} {stopped}" if stopped else None
    shown = read(2, f"{FRIDAY} {moment}", stopped=stop)
    assert shown.breached_at == (at(f"{FRIDAY} 11:00") if breached else None)
    assert shown.overrun_seconds == overrun
    assert shown.due_at == at(f"{FRIDAY} 11:00")


def test_a_breach_at_the_end_of_the_day_is_there_before_the_morning_r3_r8() -> None:
    shown = read(8, f"{FRIDAY} 18:30")
    assert (shown.breached_at, shown.overrun_seconds) == (at(f"{FRIDAY} 18:00"), 0)


def test_after_a_breach_pauses_move_nothing_but_elapsed_r7() -> None:
    shown = read(2, f"{FRIDAY} 17:00", pause(f"{FRIDAY} 12:00", f"{FRIDAY} 16:00"))
    assert shown.due_at == shown.breached_at == at(f"{FRIDAY} 11:00")
    assert shown.overrun_seconds == 5 * HOUR
    assert shown.elapsed_seconds == 4 * HOUR
    assert shown.remaining_seconds == 0


def test_an_open_pause_after_a_breach_hides_nothing_r7() -> None:
    shown = read(2, f"{MONDAY} 10:00", pause(f"{FRIDAY} 12:00"))
    assert shown.due_at == shown.breached_at == at(f"{FRIDAY} 11:00")
    assert shown.paused_since == at(f"{FRIDAY} 12:00")
    assert (shown.elapsed_seconds, shown.overrun_seconds) == (3 * HOUR, 7 * HOUR)


def test_a_struck_pause_reveals_the_breach_at_its_instant_r11() -> None:
    kept = pause(f"{FRIDAY} 10:00", f"{FRIDAY} 15:00")
    struck = pause(f"{FRIDAY} 10:00", f"{FRIDAY} 15:00", struck=True)
    assert read(4, f"{FRIDAY} 16:00", kept).breached_at is None
    assert read(4, f"{FRIDAY} 16:00", struck).breached_at == at(f"{FRIDAY} 13:00")


def test_before_its_start_a_clock_shows_its_start() -> None:
    assert read(8, "2026-11-20 09:00") == read(8, f"{FRIDAY} 09:00")
    assert read(8, f"{FRIDAY} 09:00").remaining_seconds == 8 * HOUR


def test_a_stopped_clock_shows_its_last_reading_r2() -> None:
    shown = read(8, f"{TUESDAY} 09:00", pause(f"{FRIDAY} 10:00"), stopped=f"{MONDAY} 09:00")
    assert shown == read(8, f"{MONDAY} 09:00", pause(f"{FRIDAY} 10:00"))


def test_warnings_come_when_the_shares_are_reached_r9() -> None:
    warnings = clock.warning_instants(OFFICE, START, 8 * HOUR)
    assert [(warning.percent, warning.at) for warning in warnings] == [
        (50, at(f"{FRIDAY} 13:00")),
        (75, at(f"{FRIDAY} 16:00")),
        (90, at(f"{FRIDAY} 17:12")),
    ]


def test_warnings_after_an_open_pause_are_not_known_r9_r10() -> None:
    pauses = [pause(f"{FRIDAY} 14:30")]
    warnings = clock.warning_instants(OFFICE, START, 8 * HOUR, pauses, percents=(50, 75, 100))
    assert [warning.at for warning in warnings] == [at(f"{FRIDAY} 13:00"), None, None]


def test_a_share_that_is_no_whole_second_is_reached_after_it_r9() -> None:
    found = clock.warning_instants(OFFICE, START, 1, percents=(33,))[0].at
    assert found == START + timedelta(microseconds=330_000)


@pytest.mark.parametrize(
    ("moment", "extension", "due_text"),
    [
        (f"{FRIDAY} 10:59:59", 0, f"{FRIDAY} 12:00"),
        (f"{FRIDAY} 11:00", 0, f"{FRIDAY} 12:00"),
        (f"{FRIDAY} 11:00:01", 1, f"{FRIDAY} 12:00:01"),
        (f"{FRIDAY} 17:00", 5 * HOUR, f"{FRIDAY} 18:00"),
        (f"{FRIDAY} 17:30", 5 * HOUR + 1800, f"{MONDAY} 09:30"),
        ("2026-11-28 12:00", 6 * HOUR, f"{MONDAY} 10:00"),
        # A part of a second counts as a whole one, so that a full hour is left.
        (f"{FRIDAY} 11:00:00.000001", 1, f"{FRIDAY} 12:00:01"),
    ],
)
def test_reclassification_leaves_a_working_hour_t4(
    moment: str, extension: int, due_text: str
) -> None:
    found = clock.retarget(OFFICE, START, (), 3 * HOUR, at(moment))
    assert (found.target_seconds, found.extension_seconds) == (3 * HOUR, extension)
    assert found.due_at == at(due_text)


def test_reclassification_keeps_elapsed_time_and_pauses_t4() -> None:
    pauses = (pause(f"{FRIDAY} 10:00", f"{FRIDAY} 12:00"),)
    found = clock.retarget(OFFICE, START, pauses, 3 * HOUR, at(f"{FRIDAY} 12:00"))
    assert (found.extension_seconds, found.due_at) == (0, at(f"{FRIDAY} 15:00"))


def test_reclassification_in_a_pause_shows_its_due_after_it_t4_r10() -> None:
    opened = pause(f"{FRIDAY} 12:00")
    found = clock.retarget(OFFICE, START, (opened,), 3 * HOUR, at(f"{FRIDAY} 17:00"))
    assert (found.extension_seconds, found.due_at) == (HOUR, None)
    closed = pause(f"{FRIDAY} 12:00", f"{MONDAY} 09:00")
    resumed = Clock(OFFICE, START, 3 * HOUR, (closed,), found.extension_seconds)
    assert resumed.due_at() == at(f"{MONDAY} 10:00")


@pytest.mark.parametrize(
    ("elapsed", "extension", "left"),
    [(0, 0, 8), (6, 0, 2), (7, 1, 2), (8, 2, 2), (20, 14, 2)],
)
def test_a_return_leaves_at_least_two_hours(elapsed: int, extension: int, left: int) -> None:
    lengthened = clock.with_minimum_left(8 * HOUR, elapsed * HOUR, 2 * HOUR)
    assert lengthened == extension * HOUR
    assert clock.left(8 * HOUR, elapsed * HOUR, 2 * HOUR) == left * HOUR
    assert 8 * HOUR + lengthened - elapsed * HOUR == left * HOUR


@pytest.mark.parametrize(("part", "blocks"), [(1, 1), (7, 1), (8, 1), (9, 2), (16, 2), (17, 3)])
def test_a_part_is_due_at_the_end_of_its_block_r6(part: int, blocks: int) -> None:
    assert clock.part_target(part, 8 * HOUR, 8) == blocks * 8 * HOUR


def test_a_block_may_hold_a_single_part_r6() -> None:
    assert clock.part_target(3, 8 * HOUR, 1) == 24 * HOUR


def test_without_a_minimum_nothing_is_left_after_the_target() -> None:
    assert clock.left(8 * HOUR, 9 * HOUR) == 0


def test_a_part_pauses_with_its_ticket_r6() -> None:
    pauses = [pause(f"{FRIDAY} 09:00", f"{FRIDAY} 11:00")]
    found = clock.part_due(OFFICE, START, 9, 8 * HOUR, 8, pauses)
    assert found == at(f"{TUESDAY} 11:00")


def test_a_clock_as_one_value_knows_its_extension_and_its_stop() -> None:
    pauses = (pause(f"{FRIDAY} 10:00", f"{FRIDAY} 12:00"),)
    plain = Clock(OFFICE, START, 2 * HOUR, pauses)
    assert plain.allowed_seconds == 2 * HOUR
    one = Clock(OFFICE, START, 2 * HOUR, pauses, extension_seconds=HOUR)
    assert one.allowed_seconds == 3 * HOUR
    assert one.due_at() == at(f"{FRIDAY} 15:00")
    assert one.read(at(f"{FRIDAY} 15:00")).breached_at == one.due_at()
    assert [warning.at for warning in one.warnings((100,))] == [one.due_at()]
    stopped = Clock(OFFICE, START, 2 * HOUR, pauses, stopped_at=at(f"{FRIDAY} 12:30"))
    assert stopped.read(at(f"{MONDAY} 09:00")).elapsed_seconds == HOUR + 1800
    assert stopped.spans(at(f"{MONDAY} 09:00"))[-1].until_at == at(f"{FRIDAY} 12:30")
    assert stopped.spans(at(f"{FRIDAY} 11:00"))[-1].until_at == at(f"{FRIDAY} 11:00")


def account(found: Sequence[clock.Span]) -> list[tuple[str, str, str, float, str | None]]:
    return [
        (
            span.kind.value,
            span.from_at.astimezone(OFFICE.zone).strftime("%a %H:%M"),
            span.until_at.astimezone(OFFICE.zone).strftime("%a %H:%M"),
            span.working_seconds / HOUR,
            span.pause_id,
        )
        for span in found
    ]


def test_the_account_of_a_clock_names_every_stretch_r11() -> None:
    pauses = (
        pause(f"{FRIDAY} 15:00", f"{FRIDAY} 17:00", name="deposit"),
        pause(f"{FRIDAY} 16:00", f"{MONDAY} 10:00", name="question"),
        pause(f"{FRIDAY} 16:30", f"{FRIDAY} 16:45", name="inside"),
        pause(f"{FRIDAY} 10:00", None, name="struck", struck=True),
        pause(f"{TUESDAY} 10:00", None, name="later"),
    )
    found = clock.spans(OFFICE, at(f"{FRIDAY} 08:00"), at(f"{MONDAY} 13:30"), pauses)
    assert account(found) == [
        ("closed", "Fri 08:00", "Fri 09:00", 0, None),
        ("running", "Fri 09:00", "Fri 13:00", 4, None),
        ("closed", "Fri 13:00", "Fri 14:00", 0, None),
        ("running", "Fri 14:00", "Fri 15:00", 1, None),
        ("paused", "Fri 15:00", "Fri 17:00", 2, "deposit"),
        ("paused", "Fri 17:00", "Mon 10:00", 2, "question"),
        ("running", "Mon 10:00", "Mon 13:00", 3, None),
        ("closed", "Mon 13:00", "Mon 13:30", 0, None),
    ]
    assert account(clock.folded(found)) == [
        ("running", "Fri 08:00", "Fri 15:00", 5, None),
        ("paused", "Fri 15:00", "Fri 17:00", 2, "deposit"),
        ("paused", "Fri 17:00", "Mon 10:00", 2, "question"),
        ("running", "Mon 10:00", "Mon 13:30", 3, None),
    ]


@pytest.mark.parametrize(("microseconds", "seconds"), [(499_999, 0), (500_000, 1)])
def test_the_account_rounds_as_elapsed_does_r11(microseconds: int, seconds: int) -> None:
    until = START + timedelta(microseconds=microseconds)
    assert clock.spans(OFFICE, START, until)[0].working_seconds == seconds
    assert clock.elapsed(OFFICE, START, until) == seconds


def test_the_account_of_no_time_is_empty_r11() -> None:
    assert clock.spans(OFFICE, START, START, [pause(f"{FRIDAY} 08:00")]) == ()
    assert clock.folded(()) == ()
