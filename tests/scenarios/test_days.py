"""The day of a specialist: proposed, confirmed, changed, planned anew by a bug (specification 4,
"The day plan", and R9's first warning)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from desk.channels.notices.models import Notice
from desk.journal.models import Entry
from desk.oversight.actions import control, days, fits
from desk.oversight.models import DayPlan, Edition, Violation
from desk.oversight.queries import days as queries
from desk.oversight.queries import gaps
from desk.rules import dayplan
from desk.rules.dayplan import Kind
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets.models import Ticket
from desk.workdays import actions as workdays
from desk.workdays.models import AbsenceKind, Activity, Interval
from tests import cast
from tests.channels import post
from tests.language import KYIV, Desk
from tests.scenarios import standard
from tests.scenarios.tickets import RESULT, accepted, accepts, buys, submits


@pytest.fixture(autouse=True)
def edition(desk: Desk) -> Edition:
    """The first edition, in force since the desk opened."""
    desk.at("mon 09:00")
    return standard.publishes(desk.now - timedelta(hours=1))


def confirms(desk: Desk) -> DayPlan:
    """The lead confirms what is proposed now."""
    slots = queries.proposal(desk.lead.pk, desk.now).slots
    return days.confirm_day(desk.cause(desk.lead, "workplace", desk.key()), slots)


def line(slots: tuple[dayplan.Slot, ...], kind: Kind = Kind.WORK) -> list[str]:
    """ "09:05 ticket:1/part:1" of each slot of a kind."""
    return [
        f"{slot.since_at.astimezone(KYIV):%H:%M} {slot.subject}".strip()
        for slot in slots
        if slot.kind == kind
    ]


def first(slots: tuple[dayplan.Slot, ...]) -> list[str]:
    """The tickets in the order in which they are begun."""
    return list(dict.fromkeys(s.subject.partition("/")[0] for s in slots if s.subject))


def test_the_proposal_has_the_breaks_and_checks_of_the_edition(desk: Desk) -> None:
    buys(desk, 5)
    ticket = accepted(desk)
    found = queries.proposal(desk.lead.pk, desk.now)
    assert line(found.slots, Kind.BREAK) == ["10:50", "15:50"]
    assert line(found.slots, Kind.INTAKE)[:5] == ["09:00", "09:30", "10:00", "10:30", "11:15"]
    assert line(found.slots) == [f"09:05 {ticket.key}/part:1", f"09:35 {ticket.key}/part:1"]
    assert found.misfits == ()


def test_those_who_stand_in_for_each_other_do_not_go_at_once(desk: Desk) -> None:
    lead, cover = (
        line(queries.proposal(person.pk, desk.now).slots, Kind.BREAK)
        for person in (desk.lead, desk.cover)
    )
    assert (lead, cover) == (["10:50", "15:50"], ["11:05", "16:05"])


def test_a_bug_comes_first_and_others_work_is_not_planned(desk: Desk) -> None:
    buys(desk, 5)
    simple, bug = accepted(desk), accepted(desk, Type.BUG)
    waits = actions.ask(desk.cause(desk.lead, "workplace"), accepted(desk).pk, "Which order?")
    found = queries.proposal(desk.lead.pk, desk.now)
    assert first(found.slots) == [bug.key, simple.key]
    assert waits.key not in {task.subject.partition("/")[0] for task in found.tasks}


def test_a_confirmed_day_keeps_the_clauses(desk: Desk) -> None:
    """Clauses 1.1, 1.2 and 2.1: confirmed in time, begun by the start button, looked at by one
    click."""
    buys(desk, 5)
    ticket = accepted(desk)
    desk.later(minutes=10)
    plan = confirms(desk)
    assert plan.confirmed_at == desk.now
    planning = Interval.objects.get(person=desk.lead)
    assert (planning.activity, planning.until_at) == (Activity.PLANNING, desk.now)
    desk.later(minutes=2)
    actions.work_start(desk.cause(desk.lead, "workplace"), ticket.pk)
    desk.at("09:30")
    workdays.look(desk.cause(desk.lead, "workplace"), desk.lead.pk)
    desk.at("10:00")
    workdays.look(desk.cause(desk.lead, "workplace"), desk.lead.pk)
    actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, RESULT)
    desk.at("10:29")
    control.look([desk.lead.pk], desk.now)
    found = Violation.objects.filter(person=desk.lead, clause__in=("1.1", "1.2", "2.1"))
    assert list(found.values_list("clause", "key")) == []


def test_who_confirms_nothing_and_looks_at_nothing_is_found(desk: Desk) -> None:
    desk.at("09:40")
    control.look([desk.lead.pk], desk.now)
    found = Violation.objects.filter(person=desk.lead).order_by("clause")
    assert [row.clause for row in found] == ["1.1", "2.1"]


def test_a_second_click_confirms_nothing_twice(desk: Desk) -> None:
    slots = queries.proposal(desk.lead.pk, desk.now).slots
    cause = desk.cause(desk.lead, "workplace", "form-1")
    assert days.confirm_day(cause, slots) == days.confirm_day(cause, slots)
    with pytest.raises(days.AlreadyConfirmed):
        days.confirm_day(desk.cause(desk.lead), slots)
    assert Entry.objects.filter(verb="confirm_day").count() == 1


def test_what_cannot_be_is_refused(desk: Desk) -> None:
    buys(desk, 5)
    accepted(desk)
    slots = queries.proposal(desk.lead.pk, desk.now).slots
    work = next(slot for slot in slots if slot.kind == Kind.WORK)
    strange = replace(work, subject="ticket:999999")
    late = replace(work, since_at=work.since_at + timedelta(hours=12), until_at=desk.at("23:00"))
    cases: list[tuple[list[dayplan.Slot], type[Exception]]] = [
        ([work, work], days.NotFitting),
        ([late], days.NotFitting),
        ([replace(work, subject="")], days.NotFitting),
        ([replace(work, until_at=work.since_at)], days.NotFitting),
        ([strange], days.NotYours),
    ]
    desk.now = work.since_at
    for slots_of, refusal in cases:
        with pytest.raises(refusal):
            days.confirm_day(desk.cause(desk.lead), slots_of)
    desk.at("18:00")
    with pytest.raises(days.NoShift):
        days.confirm_day(desk.cause(desk.lead), [])


def test_a_change_keeps_what_has_begun(desk: Desk) -> None:
    buys(desk, 5)
    one, other = accepted(desk), accepted(desk)
    plan = confirms(desk)
    assert first(queries.stands(plan)) == [one.key, other.key]
    desk.at("09:15")
    wanted = queries.Wanted((f"{other.key}/part:1", f"{one.key}/part:1"))
    slots = queries.proposal(desk.lead.pk, desk.now, wanted).slots
    days.change_day(desk.cause(desk.lead).looking_at(1), plan.pk, slots)
    plan.refresh_from_db()
    after = queries.stands(plan)
    assert plan.version == 2
    assert line(after)[:2] == [f"09:05 {one.key}/part:1", f"09:15 {other.key}/part:1"]
    assert after[1].until_at <= after[2].since_at
    with pytest.raises(days.Stale):
        days.change_day(desk.cause(desk.lead).looking_at(1), plan.pk, slots)
    with pytest.raises(days.NotYours):
        days.change_day(desk.cause(desk.cover), plan.pk, slots)


def test_a_new_bug_plans_the_rest_of_the_day_anew_and_says_what_moved(desk: Desk) -> None:
    buys(desk, 5)
    one, other = accepted(desk), accepted(desk)
    plan = confirms(desk)
    post.relayed(desk.now)
    desk.at("09:20")
    bug = submits(desk, "Nothing works", critical=True)
    post.relayed(desk.now)
    post.relayed(desk.now)
    plan.refresh_from_db()
    assert plan.version == 2
    assert first(queries.stands(plan)) == [one.key, bug.key, other.key]
    [entry] = Entry.objects.filter(verb="replan_day")
    assert entry.facts["moved"] == [one.pk, other.pk]
    assert Notice.objects.filter(person=desk.lead, entry=entry).exists()
    accepts(desk, bug, Type.BUG)
    post.relayed(desk.now)
    assert Entry.objects.filter(verb="replan_day").count() == 1


def test_a_day_that_is_not_confirmed_needs_no_new_plan(desk: Desk) -> None:
    accepted(desk, Type.BUG)
    post.relayed(desk.now)
    assert not Entry.objects.filter(verb="replan_day").exists()
    assert days.replan_day(desk.cause(desk.lead), desk.lead.pk) is None


def test_what_does_not_fit_is_said_once_to_specialist_and_administrators(desk: Desk) -> None:
    """R9: before any warning of a clock, when the planned day no longer fits the promises."""
    buys(desk, 12)
    tickets = [accepted(desk) for _ in range(9)]
    confirms(desk)
    late = Entry.objects.filter(verb="misfit")
    assert {row.subject for row in late} < {ticket.key for ticket in tickets}
    said = late.count()
    assert said
    post.relayed(desk.now)
    people = (desk.lead, desk.house.administrator)
    for person in people:
        assert Notice.objects.filter(person=person, entry=late[0]).exists()
    assert not Notice.objects.filter(person=desk.member, entry__in=late).exists()
    fits.tick(desk.now)
    fits.tick(desk.later(minutes=1))
    assert late.count() == said


def test_time_alone_can_make_a_day_too_short(desk: Desk) -> None:
    buys(desk, 5)
    accepted(desk)
    confirms(desk)
    desk.at("17:00")
    assert fits.tick(desk.now) == 0
    bug = accepted(desk, Type.BUG)
    desk.at("tue 10:00")
    for _ in range(3):
        accepted(desk, Type.BUG)
    assert fits.tick(desk.now) >= 1
    assert Entry.objects.filter(verb="misfit", subject=bug.key).count() == 1
    assert fits.tick(desk.later(seconds=20)) == 0


def test_a_new_promise_is_told_of_anew(desk: Desk) -> None:
    buys(desk, 5)
    bugs = [accepted(desk, Type.BUG) for _ in range(4)]
    fits.tick(desk.now)
    said = Entry.objects.filter(verb="misfit", subject=bugs[-1].key)
    assert said.count() == 1
    due_at = _due(bugs[-1]) + timedelta(minutes=15)
    actions.re_promise(desk.cause(desk.lead), bugs[-1].pk, due_at, "Too much at once.")
    actions.agree(desk.cause(desk.member), bugs[-1].pk)
    fits.tick(desk.later(minutes=1))
    assert said.count() == 2


def test_an_absence_shortens_the_day(desk: Desk) -> None:
    until_at = desk.now + timedelta(hours=3)
    by = desk.cause(desk.house.administrator)
    workdays.note_absence(by, desk.lead.pk, AbsenceKind.OTHER, desk.now, until_at)
    found = queries.proposal(desk.lead.pk, desk.now)
    assert found.shift is not None
    assert found.shift.since_at == until_at
    assert all(slot.since_at >= until_at for slot in found.slots)
    desk.at("sat 10:00")
    assert queries.proposal(desk.lead.pk, desk.now).shift is None
    assert queries.plan_of(desk.lead.pk, desk.now) is None


def test_a_meeting_is_planned_around(desk: Desk) -> None:
    buys(desk, 5)
    ticket = accepted(desk)
    meeting = dayplan.Slot(Kind.MEETING, desk.at("09:15"), desk.at("10:15"))
    desk.now = meeting.since_at - timedelta(minutes=15)
    wanted = queries.Wanted((f"{ticket.key}/part:1",), (meeting,))
    slots = queries.proposal(desk.lead.pk, desk.now, wanted).slots
    assert meeting in slots
    assert line(slots) == [
        f"09:05 {ticket.key}/part:1",
        f"10:20 {ticket.key}/part:1",
        f"11:05 {ticket.key}/part:1",
    ]


def test_work_that_is_over_or_somebody_elses_lapses(desk: Desk) -> None:
    """Clause 1.2 asks for nothing that is finished, or that was handed over."""
    buys(desk, 6)
    parts = accepted(desk, Type.COMPLEX, "First", "Second")
    given = accepted(desk)
    confirms(desk)
    desk.at("09:05")
    lead = desk.cause(desk.lead, "workplace")
    actions.work_start(lead, parts.pk, 1)
    for number in (1, 2):
        actions.finish_part(desk.cause(desk.lead), parts.pk, number, "Done.")
    admin = desk.cause(desk.house.administrator)
    actions.hand_over(admin, given.pk, desk.cover.pk, "Too much at once.")
    desk.at("11:30")
    control.look([desk.lead.pk], desk.now)
    assert not Violation.objects.filter(person=desk.lead, clause="1.2").exists()


def _due(ticket: Ticket) -> datetime:
    ticket.refresh_from_db()
    assert ticket.due_at is not None
    return ticket.due_at


def test_activities_and_kinds_are_the_same_words() -> None:
    assert {kind.value for kind in Kind} == set(Activity.values)


def test_a_time_that_nobody_covers_is_found(desk: Desk) -> None:
    assert gaps.gaps(desk.now) == []
    house = cast.KYIV | {"week": {day: [["10:00", "18:00"]] for day in ("mon", "tue")}}
    for person in (desk.lead, desk.cover):
        by = desk.cause(desk.house.vendor)
        workdays.set_schedule(by, person.pk, desk.now.astimezone(KYIV).date(), house)
    [gap] = gaps.gaps(desk.now, days=2)
    assert gap.person_ids == tuple(sorted((desk.lead.pk, desk.cover.pk)))
    assert [f"{start.astimezone(KYIV):%a %H:%M}" for start, _ in gap.windows] == [
        "Mon 09:00",
        "Tue 09:00",
    ]


def test_the_gaps_of_a_week_are_told_by_their_time(desk: Desk) -> None:
    assert gaps.of_the_week(desk.now) == ()
    mornings = cast.KYIV | {"week": {"mon": [["09:00", "13:00"]]}}
    for person in (desk.lead, desk.cover):
        by = desk.cause(desk.house.vendor)
        workdays.set_schedule(by, person.pk, desk.now.astimezone(KYIV).date(), mornings)
    found = gaps.of_the_week(desk.at("fri 17:00"))
    assert {frozenset(one.people) for one in found} == {
        frozenset({desk.lead.name, desk.cover.name})
    }
    assert [(f"{one.since_at:%a %H:%M}", f"{one.until_at:%H:%M}") for one in found[:4]] == [
        ("Fri 15:00", "16:00"),
        ("Mon 12:00", "16:00"),
        ("Tue 07:00", "11:00"),
        ("Tue 12:00", "16:00"),
    ]
