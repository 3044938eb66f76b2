"""The edges of the Standard's rules: tables of cases, each with what is owed and by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.rules.standard.facts import Accepted, Doing, Nature, OurTurn, Said, Story, Turn, Work
from desk.rules.standard.obligation import Excuse, Exempt, Outcome, judge
from desk.rules.standard.parameters import Answer, Critical, Escalation, Minutes, Parameters, Share
from desk.rules.standard.rules_of_the_day import intake_checked, plan_confirmed
from tests.rules.standard_facts import (
    ME,
    OTHER,
    asked,
    clock,
    day,
    did,
    ours,
    story,
    stretch,
    violated,
    worked,
)

NONE = Parameters()
CRITICAL = Critical(15, 10)
ESCALATION = Escalation(30, 60)
CLAIM = Nature(clock("09:00"), is_bug=True, is_critical=True, limited=False)


def nature(text: str, *, bug: bool) -> Nature:
    return Nature(clock(text), is_bug=bug, is_critical=bug, limited=not bug)


def heard(text: str) -> Said:
    return Said(clock(text), f"message:{text}")


def taken(*natures: Nature, **changes: object) -> Story:
    """A ticket accepted at 09:20, in our hands from then."""
    found = story(accepted=(Accepted(clock("09:20")),), ours=ours("09:20"), natures=natures)
    return replace(found, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("natures", "owed"),
    [
        # A claim that the acceptance confirms.
        ((CLAIM, nature("09:20", bug=True)), ["09:50", "10:20"]),
        # A claim found to be none at acceptance.
        ((CLAIM, nature("09:20", bug=False)), []),
        # It becomes a bug later: the minutes count from then.
        ((nature("09:20", bug=False), nature("11:00", bug=True)), ["11:30", "12:00"]),
        # It turns out to be none before the second limit.
        ((nature("09:20", bug=True), nature("10:00", bug=False)), ["09:50"]),
    ],
)
def test_what_is_escalated_is_what_is_critical_at_the_time(
    natures: tuple[Nature, ...], owed: list[str]
) -> None:
    found = violated("critical_escalated", ESCALATION, stretch(taken(*natures)))
    assert [at.partition(" ")[2] for _, at in found] == owed


def test_a_refused_claim_had_to_be_accepted_as_one() -> None:
    late = taken(
        CLAIM,
        nature("09:40", bug=False),
        acceptances=(asked("09:00", "10:00", "09:40"),),
        accepted=(Accepted(clock("09:40")),),
    )
    found = violated("critical_taken_up", CRITICAL, stretch(late))
    assert found == [("ticket:1/critical_accept", "30 09:15")]


def test_a_message_before_it_became_a_bug_has_an_hour() -> None:
    turned = taken(nature("09:20", bug=False), nature("10:30", bug=True), heard=(heard("10:20"),))
    found = violated("partner_answered", Answer(60, 15), stretch(turned))
    assert [at for _, at in found] == ["30 11:20"]


def test_the_hour_is_of_one_cycle_and_of_the_type_at_its_limit() -> None:
    part = "ticket:1/part:1"
    first = worked("09:30", "10:10", part)
    again = Work(ME, part, clock("11:00"), clock("11:40"), "work:2", 2)
    kept = taken(nature("09:20", bug=False), work=(first, again))
    assert violated("an_hour_at_most", Minutes(60), stretch(kept)) == []
    long = replace(again, until_at=clock("12:30"))
    late = taken(nature("09:20", bug=False), work=(first, long))
    assert violated("an_hour_at_most", Minutes(60), stretch(late)) == [
        (f"{part}/hour:2", "30 12:00")
    ]
    free = taken(nature("09:20", bug=False), nature("11:30", bug=True), work=(long,))
    assert violated("an_hour_at_most", Minutes(60), stretch(free)) == []


@pytest.mark.parametrize(
    ("work", "owed"),
    [
        # Begun before the critical error, and ended in time.
        (did(Doing.WORK, "09:00", "09:25", "ticket:2"), []),
        # It goes on beyond the ten minutes.
        (did(Doing.WORK, "09:00", "09:45", "ticket:2"), ["30 09:30"]),
        (did(Doing.WORK, "09:00", None, "ticket:2"), ["30 09:30"]),
        # Begun within them, still there after them.
        (did(Doing.WORK, "09:25", "09:40", "ticket:2"), ["30 09:30"]),
        # Begun when the critical error was delivered.
        (did(Doing.WORK, "12:10", "12:40", "ticket:2"), []),
        (did(Doing.BREAK, "10:00", "10:10"), []),
        # The critical error itself, and another one.
        (did(Doing.WORK, "09:40", "10:10", "ticket:1/part:1"), []),
        (did(Doing.WORK, "09:40", "10:10", "ticket:3"), []),
    ],
)
def test_other_work_is_suspended(work: object, owed: list[str]) -> None:
    critical = taken(nature("09:20", bug=True), ours=ours("09:20", "12:00"))
    alike = replace(critical, key="ticket:3")
    found = stretch(critical, alike, did=(work,))
    mine = [
        at
        for key, at in violated("other_work_suspended", CRITICAL, found)
        if key.startswith("ticket:1/")
    ]
    assert mine == owed


def test_what_waits_for_the_deposit_need_not_be_begun() -> None:
    waits = taken(nature("09:20", bug=True), ours=ours("12:00"))
    assert violated("critical_taken_up", CRITICAL, stretch(waits)) == []


def test_of_several_holders_of_one_instant_the_last_is_liable() -> None:
    turns = (Turn(ME, clock("09:00")), Turn(OTHER, clock("09:00")))
    assert story(turns=turns).holder(clock("09:00")) == OTHER


@pytest.mark.parametrize(("came", "owed"), [("16:59", 1), ("17:00", 1), ("17:01", 0)])
def test_what_comes_in_the_last_hour_is_not_told_that_day(came: str, owed: int) -> None:
    late = story(ours=(OurTurn(clock(came)),))
    assert len(violated("partner_hears", NONE, stretch(late))) == owed


def test_an_old_ticket_is_owed_news_of_known_days_only() -> None:
    old = story(ours=(OurTurn(clock("09:00") - timedelta(days=60)),))
    old = replace(old, turns=(Turn(ME, clock("09:00") - timedelta(days=60)),))
    assert len(violated("partner_hears", NONE, stretch(old))) == 1


def test_serving_a_bug_until_the_evening_leaves_no_look_for_the_night() -> None:
    found = stretch(days=(day(),), did=(did(Doing.WORK, "17:10", "18:00", "ticket:1"),))
    bug = Exempt(Excuse.BUG, clock("17:10"), clock("18:00"))
    last = max(intake_checked(Minutes(30), found), key=lambda owed: owed.since_at)
    kept = replace(last, since_at=clock("17:00"), due_at=clock("17:30"), met_at=None)
    assert judge(kept, [bug], 0, clock("20:00")).outcome == Outcome.LAPSED


def test_a_plan_is_not_owed_after_the_shift() -> None:
    [owed] = plan_confirmed(Minutes(15), stretch(days=(day(None),)))
    out = Exempt(Excuse.OUTAGE, clock("09:05"), clock("19:00"))
    assert judge(owed, [out], 0, clock("20:00")).outcome == Outcome.LAPSED


def test_an_outage_is_left_out_of_what_must_be_on_record() -> None:
    worked_on = (did(Doing.WORK, "09:00", "13:00", "ticket:1"),)
    half = stretch(did=worked_on)
    assert len(violated("work_on_record", Share(90), half)) == 1
    out = stretch(did=worked_on, out=((clock("13:30"), clock("18:00")),))
    assert violated("work_on_record", Share(90), out) == []
