"""The rules over a specialist's day (specification 4, clauses 1.1, 1.2, 2.1, 4.1, 7.1)."""

from __future__ import annotations

from desk.rules.standard.facts import Accepted, Did, Doing, Slot
from desk.rules.standard.parameters import Breaks, Minutes, Share
from tests.rules.standard_facts import (
    ME,
    OTHER,
    clock,
    day,
    did,
    ours,
    story,
    stretch,
    violated,
)

QUARTER = Minutes(15)
BREAKS = Breaks(2, 15, 1, 60)


def test_the_plan_is_confirmed_within_a_quarter_of_an_hour() -> None:
    assert violated("plan_confirmed", QUARTER, stretch(days=(day("09:15"),))) == []
    [(_, late)] = violated("plan_confirmed", QUARTER, stretch(days=(day("09:16"),)))
    [(_, never)] = violated("plan_confirmed", QUARTER, stretch(days=(day(None),)))
    assert late == never == "30 09:15"


def slot(since: str, until: str, subject: str = "ticket:1") -> Slot:
    return Slot(Doing.WORK, clock(since), clock(until), subject, f"slot:{since}")


def test_planned_work_begins_around_its_slot() -> None:
    plan = (day(slots=(slot("10:00", "11:00"),)),)
    for since, wrong in (("09:44", 1), ("09:45", 0), ("10:15", 0), ("10:16", 1)):
        done = did(Doing.WORK, since, "09:44" if since == "09:44" else "11:30", "ticket:1")
        found = violated(
            "slot_kept", QUARTER, stretch(story(ours=ours("09:10")), days=plan, did=(done,))
        )
        assert len(found) == wrong, since
    ran_on = did(Doing.WORK, "09:20", "10:40", "ticket:1")
    kept = stretch(story(ours=ours("09:10")), days=plan, did=(ran_on,))
    assert violated("slot_kept", QUARTER, kept) == []


def test_a_slot_lapses_when_the_ticket_left_our_hands() -> None:
    plan = (day(slots=(slot("10:00", "11:00"),)),)
    gone = stretch(story(ours=ours("09:10", "09:50")), days=plan)
    assert violated("slot_kept", QUARTER, gone) == []


def test_intake_is_looked_at_every_half_hour_of_the_windows() -> None:
    nothing = violated("intake_checked", Minutes(30), stretch())
    assert [at for _, at in nothing] == ["30 09:30", "30 14:30"]
    looks = tuple(
        did(Doing.INTAKE, f"{h:02}:{m}", f"{h:02}:{m}")
        for h in (*range(9, 13), *range(14, 18))
        for m in ("25", "55")
    )
    assert violated("intake_checked", Minutes(30), stretch(did=looks)) == []
    without = tuple(one for one in looks if one.since_at != clock("10:55"))
    [(_, at)] = violated("intake_checked", Minutes(30), stretch(did=without))
    assert at == "30 10:55"


def test_an_acceptance_is_a_look_and_a_break_stands_the_time() -> None:
    accepted = story(accepted=(Accepted(clock("09:20")),))
    found = violated("intake_checked", Minutes(30), stretch(accepted))
    assert [at for _, at in found] == ["30 09:50", "30 14:30"]
    paused = stretch(accepted, did=(did(Doing.BREAK, "09:30", "09:45"),))
    assert violated("intake_checked", Minutes(30), paused)[0][1] == "30 10:05"


def test_breaks_by_length_and_count() -> None:
    fine = (
        did(Doing.BREAK, "10:30", "10:45"),
        did(Doing.LUNCH, "13:00", "14:00"),
        did(Doing.BREAK, "16:00", "16:10"),
    )
    assert violated("breaks_taken", BREAKS, stretch(did=fine)) == []
    third = (*fine, did(Doing.BREAK, "17:00", "17:05"))
    [(key, at)] = violated("breaks_taken", BREAKS, stretch(did=third))
    assert (key.endswith("/count"), at) == (True, "30 17:00")
    long = (did(Doing.BREAK, "10:30", "10:46"), did(Doing.LUNCH, "13:00", None))
    found = violated("breaks_taken", BREAKS, stretch(did=long))
    assert [at for _, at in found] == ["30 10:45", "30 14:00"]


def test_whoever_leaves_last_is_one_too_many() -> None:
    def group(other: Did, *mine: Did) -> list[tuple[str, str]]:
        people = {ME: mine, OTHER: (other,)}
        return violated("not_all_away", Share(50), stretch(did=mine, group=people))

    mine = did(Doing.BREAK, "10:30", "10:45")
    assert group(did(Doing.BREAK, "10:00", "10:30"), mine) == []
    [(_, at)] = group(did(Doing.LUNCH, "10:00", "10:31"), mine)
    assert at == "30 10:30"
    assert violated("not_all_away", Share(50), stretch(did=(mine,), group={ME: (mine,)})) == []


def test_nine_tenths_of_the_shift_are_on_record() -> None:
    most = (did(Doing.WORK, "09:00", "13:00", "ticket:1"), did(Doing.WORK, "14:00", "17:12", "x"))
    assert violated("work_on_record", Share(90), stretch(did=most)) == []
    less = (most[0], did(Doing.WORK, "14:00", "17:11", "x"))
    [(_, at)] = violated("work_on_record", Share(90), stretch(did=less))
    assert at == "30 18:00"
    lunch_does_not_count = (*less, did(Doing.LUNCH, "13:00", "14:00"))
    assert len(violated("work_on_record", Share(90), stretch(did=lunch_does_not_count))) == 1
