"""One alert per episode of a low deposit, armed again only clearly above (L10)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.rules import lowness
from desk.rules.lowness import Kind, Mark, Reach

THREE, NOTHING = Mark(Kind.CONSULTATIONS, 3), Mark(Kind.CONSULTATIONS, 0)
FIVE_DAYS = Mark(Kind.DAYS, 5)
MARKS = lowness.marks((3, 0), (5,))


class Deposit:
    """A deposit that is looked at after each movement, and what was told of it."""

    def __init__(self, known: frozenset[Mark] = MARKS) -> None:
        self.known = known
        self.running: set[Mark] = set()
        self.available = 0
        self.told: list[Mark] = []

    def becomes(self, available: int, days: int | None = None) -> Mark | None:
        rose, self.available = available > self.available, available
        change = lowness.change(self.known, self.running, Reach(available, days), rose=rose)
        self.running = (self.running - set(change.end)) | set(change.begin)
        if change.tells:
            self.told.append(change.tells)
        return change.tells


@pytest.mark.parametrize(
    ("at_most", "clear_from"), [(0, 2), (3, 5), (5, 7), (10, 12), (11, 14), (20, 24), (100, 120)]
)
def test_clearly_above_is_two_more_or_a_fifth_more(at_most: int, clear_from: int) -> None:
    """L10"""
    assert Mark(Kind.CONSULTATIONS, at_most).clear_from == clear_from


def test_each_mark_on_the_way_down_is_told_once() -> None:
    """L10"""
    deposit = Deposit()
    steps = [(9, 12), (6, 8), (4, 5), (3, 4), (2, 2), (1, 1), (0, 0), (-1, 0)]
    assert [deposit.becomes(*step) for step in steps] == [
        None,
        None,
        FIVE_DAYS,
        THREE,
        None,
        None,
        NOTHING,
        None,
    ]


def test_several_marks_passed_at_once_are_one_alert_of_the_last() -> None:
    """L10"""
    deposit = Deposit()
    deposit.becomes(20, 20)
    assert deposit.becomes(0, 0) == NOTHING
    assert deposit.running == MARKS


def test_who_knows_of_the_end_is_not_told_of_the_way_there() -> None:
    """L10: that the deposit lasts five days is no news to who read that it is used up."""
    deposit = Deposit()
    deposit.becomes(20)
    assert deposit.becomes(2) == THREE
    assert deposit.becomes(1, 4) is None
    assert FIVE_DAYS in deposit.running


def test_a_mark_is_armed_again_only_clearly_above() -> None:
    """L10"""
    deposit = Deposit()
    told = [deposit.becomes(available) for available in (9, 3, 4, 3, 4, 2, 5, 3)]
    assert told == [None, THREE, None, None, None, None, None, THREE]


def test_without_a_rise_nothing_is_armed_again() -> None:
    """L10: a pace that slackens makes a deposit last longer, but not larger."""
    deposit = Deposit()
    deposit.becomes(40, 20)
    assert deposit.becomes(10, 5) == FIVE_DAYS
    assert deposit.becomes(9, 9) is None
    assert deposit.becomes(8, 4) is None
    deposit.becomes(40, 20)
    assert deposit.becomes(10, 5) == FIVE_DAYS


def test_a_mark_that_the_plan_no_longer_has_ends_in_silence() -> None:
    """L10"""
    deposit = Deposit()
    deposit.becomes(9)
    deposit.becomes(3)
    deposit.known = lowness.marks((1,), ())
    assert deposit.becomes(2) is None
    assert deposit.running == set()


@given(st.lists(st.integers(-2, 1), min_size=5, max_size=200), st.integers(0, 30))
def test_a_swing_around_the_mark_is_one_alert(swing: list[int], at_most: int) -> None:
    """L10: however often it rises and falls below clearly above, there is one alert."""
    mark = Mark(Kind.CONSULTATIONS, at_most)
    deposit = Deposit(frozenset({mark}))
    deposit.becomes(mark.clear_from)
    for step in swing:
        deposit.becomes(at_most + step)
    assert len(deposit.told) <= 1


@given(st.lists(st.tuples(st.integers(-3, 40), st.none() | st.integers(0, 30)), max_size=80))
def test_between_two_alerts_of_a_mark_it_was_clearly_above(
    steps: list[tuple[int, int | None]],
) -> None:
    """L10"""
    deposit, armed = Deposit(), dict.fromkeys(MARKS, True)
    for available, days in steps:
        reach, rose = Reach(available, days), available > deposit.available
        for mark in MARKS:
            value = reach.of(mark.kind)
            if rose and (value is None or value >= mark.clear_from):
                armed[mark] = True
        told = deposit.becomes(available, days)
        assert told is None or armed[told]
        for mark in deposit.running:
            armed[mark] = False


@given(st.lists(st.integers(-3, 40), max_size=60))
def test_an_episode_runs_while_the_deposit_is_low(steps: list[int]) -> None:
    """L10"""
    deposit = Deposit()
    for available in steps:
        deposit.becomes(available)
        low = {mark for mark in (THREE, NOTHING) if available <= mark.at_most}
        clear = {mark for mark in (THREE, NOTHING) if available >= mark.clear_from}
        assert low <= deposit.running
        assert not clear & deposit.running or not deposit.told
