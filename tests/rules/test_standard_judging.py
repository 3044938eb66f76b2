"""What becomes of an obligation: in time, excused, violated; and always the same, however asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.rules.standard.obligation import (
    ENDED,
    Excuse,
    Exempt,
    Judgement,
    Obligation,
    Outcome,
    judge,
)

NINE = datetime(2026, 11, 30, 9, tzinfo=UTC)
LONG_AFTER = NINE + timedelta(days=9)


def at(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def owed(met: int | None = None, lapsed: int | None = None, due: int = 60) -> Obligation:
    return Obligation(
        7,
        "ticket:1/accept:1",
        NINE,
        at(due),
        met_at=None if met is None else at(met),
        lapsed_at=None if lapsed is None else at(lapsed),
        evidence=("entry:1",),
    )


def away(since: int, until: int | None = None) -> Exempt:
    until_at = None if until is None else at(until)
    return Exempt(Excuse.ABSENCE, at(since), until_at, "absence:3")


def outcome(one: Obligation, *exempt: Exempt, minutes: int | None = None) -> Judgement:
    return judge(one, exempt, 0, LONG_AFTER if minutes is None else at(minutes))


@pytest.mark.parametrize(
    ("met", "lapsed", "minutes", "expected"),
    [
        (30, None, 29, Outcome.OPEN),
        (30, None, 30, Outcome.KEPT),
        (60, None, 90, Outcome.KEPT),
        (61, None, 90, Outcome.VIOLATED),
        (None, None, 60, Outcome.OPEN),
        (None, None, 61, Outcome.VIOLATED),
        (None, 60, 90, Outcome.LAPSED),
        (None, 61, 90, Outcome.VIOLATED),
        (59, 40, 90, Outcome.LAPSED),
        (40, 40, 90, Outcome.KEPT),
    ],
)
def test_in_time_is_up_to_the_limit_itself(
    met: int | None, lapsed: int | None, minutes: int, expected: Outcome
) -> None:
    assert outcome(owed(met, lapsed), minutes=minutes).outcome == expected


def test_a_violation_is_of_the_limit_however_late_it_is_found() -> None:
    found = outcome(owed())
    assert (found.outcome, found.at, found.evidence) == (Outcome.VIOLATED, at(60), ("entry:1",))


def test_grace_moves_the_limit() -> None:
    assert judge(owed(met=64), (), 300, LONG_AFTER).outcome == Outcome.KEPT
    late = judge(owed(met=66), (), 300, LONG_AFTER)
    assert (late.outcome, late.at) == (Outcome.VIOLATED, at(65))


def test_the_limit_stands_while_something_excuses() -> None:
    gone = away(30, 150)
    assert outcome(owed(), gone, minutes=100).limit_at is None
    assert outcome(owed(), gone, minutes=100).outcome == Outcome.OPEN
    excused = outcome(owed(met=180), gone)
    assert (excused.outcome, excused.at) == (Outcome.EXCUSED, at(60))
    assert (excused.excuse, excused.evidence) == (Excuse.ABSENCE, ("absence:3",))
    late = outcome(owed(met=181), gone)
    assert (late.outcome, late.at) == (Outcome.VIOLATED, at(180))


def test_what_excuses_after_the_limit_excuses_nothing() -> None:
    assert outcome(owed(met=200), away(60, 300)).at == at(60)
    assert outcome(owed(met=200), away(60, 300)).outcome == Outcome.VIOLATED


def test_an_act_at_once_is_excused_by_nothing_that_comes_later() -> None:
    instant = Obligation(7, "ticket:1/complete:1", NINE, NINE)
    assert outcome(instant, away(1, 300)).outcome == Outcome.VIOLATED


def test_nothing_is_due_before_it_is_owed() -> None:
    with pytest.raises(ValueError, match="before it is owed"):
        Obligation(7, "ticket:1", at(1), NINE)


minutes_of_day = st.integers(-120, 600)
spans = st.lists(
    st.tuples(minutes_of_day, st.one_of(st.none(), st.integers(1, 200))), max_size=4
).map(lambda rows: [away(since, None if long is None else since + long) for since, long in rows])


@given(
    met=st.one_of(st.none(), st.integers(0, 600)),
    lapsed=st.one_of(st.none(), st.integers(0, 600)),
    exempt=spans,
    moments=st.lists(st.integers(0, 900), min_size=2, max_size=8).map(sorted),
)
@settings(max_examples=500)
def test_what_ended_stays_as_it_was_found(
    met: int | None, lapsed: int | None, exempt: list[Exempt], moments: list[int]
) -> None:
    """However often one looks, each outcome is found once, at the instant at which it came about
    and never before."""
    one = owed(met, lapsed)
    ended: Judgement | None = None
    for moment in moments:
        found = judge(one, exempt, 0, at(moment))
        if found.outcome in ENDED:
            assert found.at is not None
            assert found.at <= at(moment)
        if ended is not None:
            assert (found.outcome, found.at) == (ended.outcome, ended.at)
        elif found.outcome in ENDED:
            ended = found


@given(met=st.one_of(st.none(), st.integers(0, 600)), exempt=spans)
def test_what_excuses_never_makes_it_worse(met: int | None, exempt: list[Exempt]) -> None:
    without = outcome(owed(met))
    found = outcome(owed(met), *exempt)
    if without.outcome == Outcome.KEPT:
        assert found.outcome == Outcome.KEPT
    if found.outcome == Outcome.VIOLATED:
        assert without.at is not None and found.at is not None
        assert found.at >= without.at


def test_serving_a_critical_error_excuses_all_but_that() -> None:
    bug = Exempt(Excuse.BUG, at(10), at(50), "interval:1", beside="ticket:2")
    assert outcome(owed(met=100), bug).outcome == Outcome.EXCUSED
    own = replace(bug, beside="ticket:1")
    assert outcome(owed(met=100), own).outcome == Outcome.VIOLATED


def test_a_takeover_excuses_that_ticket_alone() -> None:
    taken = Exempt(Excuse.COVER, at(10), at(50), "entry:1", about="ticket:1")
    assert outcome(owed(met=100), taken).outcome == Outcome.EXCUSED
    assert outcome(owed(met=100), replace(taken, about="ticket:2")).outcome == Outcome.VIOLATED
    plan = Obligation(7, "plan:2026-11-30", NINE, at(60), met_at=at(100))
    assert outcome(plan, taken).outcome == Outcome.VIOLATED
