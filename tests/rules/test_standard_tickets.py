"""The rules over tickets (specification 4, clauses 2.1 to 3.3, 5.1, 5.2, 6.1)."""

from __future__ import annotations

from dataclasses import replace

from desk.rules.standard.edition import Rule
from desk.rules.standard.facts import Accepted, Doing, Handover, Said, Story, Turn
from desk.rules.standard.obligation import Excuse, Exempt
from desk.rules.standard.parameters import (
    Answer,
    Critical,
    Escalation,
    Minutes,
    Parameters,
    Rulings,
)
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
ANSWER = Answer(60, 15)
CRITICAL = Critical(15, 10)
ESCALATION = Escalation(30, 60)


def heard(text: str, ref: str = "") -> Said:
    return Said(clock(text), ref or f"message:{text}")


def test_an_acceptance_is_held_to_the_limit_that_was_shown() -> None:
    late = story(acceptances=(asked("09:10", "10:10", "10:11"),))
    assert violated("accepted_in_time", NONE, stretch(late)) == [("ticket:1/accept:1", "30 10:10")]
    kept = story(acceptances=(asked("09:10", "10:10", "10:10"),))
    assert violated("accepted_in_time", NONE, stretch(kept)) == []


def test_who_held_it_at_the_limit_owes_it() -> None:
    turns = (Turn(ME, clock("09:00")), Turn(OTHER, clock("10:00")))
    moved = story(turns=turns, acceptances=(asked("09:10", "10:10"),))
    assert violated("accepted_in_time", NONE, stretch(moved)) == []
    back = story(turns=(*turns, Turn(ME, clock("10:05"))), acceptances=(asked("09:10", "10:10"),))
    assert len(violated("accepted_in_time", NONE, stretch(back))) == 1


def test_an_acceptance_lacks_nothing() -> None:
    good = story(accepted=(Accepted(clock("09:20")),))
    assert violated("acceptance_complete", NONE, stretch(good)) == []
    bare = story(accepted=(Accepted(clock("09:20"), ("message",)),))
    assert violated("acceptance_complete", NONE, stretch(bare)) == [
        (f"ticket:1/complete:{clock('09:20').isoformat()}", "30 09:20")
    ]


def test_an_hour_on_one_part_asks_for_a_decision() -> None:
    part = "ticket:1/part:1"
    rows = (worked("09:00", "09:40", part), worked("10:00", "10:30", part))
    assert violated("an_hour_at_most", Minutes(60), stretch(story(work=rows))) == [
        (f"{part}/hour", "30 10:20")
    ]
    decided = story(work=rows, decided=((part, heard("10:20")),))
    assert violated("an_hour_at_most", Minutes(60), stretch(decided)) == []
    ended = story(work=(worked("09:00", "09:40", part), worked("10:00", "10:20", part)))
    assert violated("an_hour_at_most", Minutes(60), stretch(ended)) == []
    others = story(work=(worked("09:00", "09:40", part), worked("10:00", None, part, OTHER)))
    assert violated("an_hour_at_most", Minutes(60), stretch(others)) == []
    free = story(work=rows, limited=False)
    assert violated("an_hour_at_most", Minutes(60), stretch(free)) == []


def test_the_hour_does_not_run_out_while_nothing_can_be_ended() -> None:
    """The limit came in an outage of ours, and the work was ended as soon as it was over."""
    part = "ticket:1/part:1"
    out = (clock("10:10"), clock("10:40"))

    def found(*until: str | None) -> list[tuple[str, str]]:
        rows = [worked("09:00", "09:40", part), worked("10:00", until[0], part)]
        rows += [worked("11:00", at, part) for at in until[1:]]
        known = replace(stretch(story(work=tuple(rows))), out=(out,))
        return violated("an_hour_at_most", Minutes(60), known, Exempt(Excuse.OUTAGE, *out))

    assert found("10:40") == []
    assert found("10:50") == []
    assert found("10:51") == [(f"{part}/hour", "30 10:50")]
    assert found(None) == [(f"{part}/hour", "30 10:50")]
    assert found("10:40", "11:10") == []
    assert found("10:40", "11:11") == [(f"{part}/hour", "30 11:10")]


def test_a_message_is_answered_and_the_first_of_several_counts() -> None:
    two = story(heard=(heard("10:00"), heard("10:40")), said=(heard("11:00"),))
    assert violated("partner_answered", ANSWER, stretch(two)) == []
    late = story(heard=(heard("10:00"), heard("10:40")), said=(heard("11:01"),))
    assert violated("partner_answered", ANSWER, stretch(late)) == [
        ("ticket:1/answer:message:10:00", "30 11:00")
    ]
    bug = story(is_bug=True, heard=(heard("10:00"),), said=(heard("10:16"),))
    assert violated("partner_answered", ANSWER, stretch(bug))[0][1] == "30 10:15"
    ended = story(heard=(heard("10:00"),), ended=(clock("10:30"),))
    assert violated("partner_answered", ANSWER, stretch(ended)) == []


def test_an_answer_of_the_same_instant_had_not_read_the_message() -> None:
    together = story(heard=(heard("10:00"),), said=(heard("10:00"),))
    assert len(violated("partner_answered", ANSWER, stretch(together))) == 1


def test_a_message_in_the_evening_is_answered_in_the_morning() -> None:
    evening = story(heard=(Said(clock("19:00"), "message:1"),))
    assert violated("partner_answered", ANSWER, stretch(evening)) == [
        ("ticket:1/answer:message:1", "01 10:00")
    ]


def test_the_partner_hears_something_each_working_day() -> None:
    quiet = story(ours=ours("09:10"))
    assert violated("partner_hears", NONE, stretch(quiet)) == [
        ("ticket:1/news:2026-11-30", "30 18:00")
    ]
    told = story(ours=ours("09:10"), said=(heard("17:59"),))
    assert violated("partner_hears", NONE, stretch(told)) == []
    theirs = story(ours=ours("09:10", "12:00"))
    assert violated("partner_hears", NONE, stretch(theirs)) == []


def test_a_promise_is_kept_or_agreed_anew_before() -> None:
    broken = story(deadlines=(asked("09:10", "12:00", key="promise:1"),))
    assert violated("promise_kept", NONE, stretch(broken)) == [("ticket:1/promise:1", "30 12:00")]


def critical(**changes: object) -> Story:
    accepted = (Accepted(clock("09:20")),)
    found = story(is_critical=True, is_bug=True, accepted=accepted, ours=ours("09:20"))
    return replace(found, **changes)  # type: ignore[arg-type]


def test_a_critical_claim_is_accepted_and_taken_up() -> None:
    first = (asked("09:10", "10:10", "09:26"),)
    late = critical(acceptances=first, accepted=(Accepted(clock("09:26")),))
    assert violated("critical_taken_up", CRITICAL, stretch(late)) == [
        ("ticket:1/critical_accept", "30 09:25"),
        ("ticket:1/critical_begin", "30 09:36"),
    ]
    begun = critical(work=(worked("09:30", None, "ticket:1"),))
    assert violated("critical_taken_up", CRITICAL, stretch(begun)) == []
    # Accepted, but a consent or the deposit was missing from the first moment on: never ours.
    assert violated("critical_taken_up", CRITICAL, stretch(critical(ours=()))) == []


def test_no_other_work_is_begun_beside_a_critical_error() -> None:
    elsewhere = did(Doing.WORK, "09:30", "09:50", "ticket:2/part:1")
    found = stretch(critical(), did=(elsewhere,))
    assert violated("other_work_suspended", CRITICAL, found) == [
        (f"ticket:1/suspended:{clock('09:30').isoformat()}", "30 09:30")
    ]
    waits = critical(ours=ours("09:20", "09:25"))
    assert violated("other_work_suspended", CRITICAL, stretch(waits, did=(elsewhere,))) == []
    same = did(Doing.WORK, "09:30", "09:50", "ticket:1")
    assert violated("other_work_suspended", CRITICAL, stretch(critical(), did=(same,))) == []


def test_an_unsolved_critical_error_is_escalated() -> None:
    assert violated("critical_escalated", ESCALATION, stretch(critical())) == [
        ("ticket:1/escalate_production", "30 09:50"),
        ("ticket:1/escalate_administrator", "30 10:20"),
    ]
    solved = critical(handovers=(Handover(clock("09:50")),))
    assert violated("critical_escalated", ESCALATION, stretch(solved)) == []
    asked_for = critical(consulted=(heard("09:40"),), escalated=(heard("10:00"),))
    assert violated("critical_escalated", ESCALATION, stretch(asked_for)) == []


def test_a_handover_is_complete() -> None:
    bare = story(handovers=(Handover(clock("11:00"), ("dossier",)),))
    assert violated("handover_complete", NONE, stretch(bare)) == [
        (f"ticket:1/handover:{clock('11:00').isoformat()}", "30 11:00")
    ]


def test_what_an_administrator_owes_has_a_limit_of_its_own() -> None:
    found = stretch(asked=(asked("09:00", "13:00", key="doubt:4"),), days=(day(),))
    for days in (1, 5):
        assert violated("ruled_in_time", Rulings(days), found) == [("doubt:4", "30 13:00")]


def test_a_ruling_on_a_violation_is_owed_by_so_many_working_days() -> None:
    one = replace(asked("09:00", "10:00", key="violation:4"), in_days=True)
    for days, due in ((1, clock("18:00", 1)), (4, clock("18:00", 4)), (5, clock("18:00", 7))):
        [owed] = Rule("ruled_in_time", Rulings(days)).find(stretch(asked=(one,)))
        assert (owed.key, owed.due_at) == ("violation:4", due)
