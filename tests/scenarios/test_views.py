"""What everyone sees of a ticket (specification 2, "What everyone sees"; R7, R10)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk.partners.models import Person
from desk.rules.lifecycle import Actor, Type, Verb
from desk.tickets import actions, queries
from desk.tickets.actions import Objection, Offer, Reply, Submission
from desk.tickets.models import DisputeAbout, Ticket
from desk.tickets.queries.values import MoveKind, PartnerView, Phase, Presence, StaffView
from desk.workdays import actions as workdays
from desk.workdays.models import AbsenceKind
from tests.language import Desk, moment
from tests.scenarios.tickets import RESULT, accepted, accepts, buys, in_work, submits

SECRET = "the client is difficult"


def of_partner(desk: Desk, ticket: Ticket, reader: Person | None = None) -> PartnerView:
    who = reader or desk.member
    return queries.partner_view(found(desk, ticket, who), who, desk.now)


def of_staff(desk: Desk, ticket: Ticket, reader: Person | None = None) -> StaffView:
    who = reader or desk.lead
    return queries.staff_view(found(desk, ticket, who), who, desk.now)


def found(desk: Desk, ticket: Ticket, reader: Person) -> Ticket:
    return queries.by_number(reader, f"OLH-{ticket.number}")


def test_a_new_ticket_shows_the_acceptance_and_no_date_yet(desk: Desk) -> None:
    ticket = submits(desk)
    desk.at("fri 09:30")
    view = of_partner(desk, ticket)
    assert view.head.number == "OLH-1"
    assert (view.head.turn, view.head.my_turn) == ("specialist", False)
    assert view.deadline.phase == Phase.NONE
    assert view.deadline.due_at is None
    assert view.acceptance is not None
    assert view.acceptance.due_at == moment("fri 10:00")
    assert view.acceptance.remaining_seconds == 30 * 60
    assert view.messages[0].mine


@pytest.mark.parametrize(
    ("by", "author", "absent"),
    [("member", True, ()), ("owner", True, ("lead",)), ("lead", True, ()), ("lead", False, ())],
)
def test_a_ticket_just_written_is_shown_as_if_it_were_read(
    desk: Desk, by: str, author: bool, absent: tuple[str, ...]
) -> None:
    for name in absent:
        person = getattr(desk, name)
        span = desk.now - timedelta(hours=1), desk.now + timedelta(hours=1)
        workdays.note_absence(desk.cause(person), person.pk, AbsenceKind.SICK, *span)
    who = getattr(desk, by)
    asked = Submission(
        desk.company.partner.pk,
        desk.company.project.pk,
        "The report is empty",
        "Since this morning.",
        author_id=desk.member.pk if author else None,
        critical_claim=not author,
    )
    made = actions.submit_rows(desk.cause(who, key=desk.key()), asked)
    assert made.rows is not None
    read = queries.partner_view(found(desk, made.ticket, desk.owner), desk.owner, desk.now)
    assert queries.fresh_view(made.rows, desk.now, queries.access(desk.owner)) == read


def test_the_count_down_goes_over_lunch_and_weekend(desk: Desk) -> None:
    buys(desk, 1)
    ticket = accepted(desk)
    desk.at("fri 12:30")
    deadline = of_partner(desk, ticket).deadline
    assert deadline.phase == Phase.CALM
    assert deadline.remaining_seconds == 4 * 3600 + 30 * 60
    assert deadline.windows[0] == (moment("fri 12:30"), moment("fri 13:00"))
    assert deadline.windows[1] == (moment("fri 14:00"), moment("fri 18:00"))
    assert deadline.windows[2][0] == moment("mon 09:00", desk.now)
    assert len({start.date() for start, _ in deadline.windows}) >= 5
    desk.at("fri 16:30")
    assert of_partner(desk, ticket).deadline.phase == Phase.SOON


def test_closed_says_when_it_opens(desk: Desk) -> None:
    buys(desk, 1)
    ticket = accepted(desk)
    desk.at("fri 20:00")
    view = of_partner(desk, ticket)
    assert not view.deadline.is_open
    assert view.deadline.opens_at == view.calendar.opens_at == moment("mon 09:00", desk.now)


def test_r10_while_it_stands_no_date_is_shown(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("fri 16:40")
    actions.ask(desk.cause(desk.lead, "workplace"), ticket.pk, "Which order?")
    desk.at("mon 12:00")
    view = of_partner(desk, ticket)
    assert view.deadline.phase == Phase.STANDING
    assert view.deadline.due_at is None
    assert view.deadline.since_at == moment("2026-11-27 16:40")
    assert view.deadline.waits_for == "awaiting_partner"
    assert view.deadline.remaining_seconds == 80 * 60
    assert view.deadline.windows == ()
    assert view.head.my_turn
    assert Verb.ANSWER in view.verbs


def test_r7_overrun_ignores_pauses_and_both_are_shown(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk, Type.BUG)
    desk.at("fri 14:00")
    actions.ask(desk.cause(desk.lead, "workplace"), ticket.pk, "Which order?")
    desk.at("fri 16:00")
    deadline = of_partner(desk, ticket).deadline
    assert deadline.phase == Phase.LATE
    assert deadline.due_at == moment("fri 12:00")
    assert deadline.overrun_seconds == 3 * 3600
    assert deadline.elapsed_seconds == 4 * 3600
    assert deadline.since_at == moment("fri 14:00")


def test_internal_things_reach_no_partner(desk: Desk) -> None:
    buys(desk, 2)
    ticket = in_work(desk)
    lead = desk.cause(desk.lead, "workplace")
    actions.note(lead, ticket.pk, SECRET)
    actions.consult(lead, ticket.pk, f"{SECRET}: why?")
    actions.reply(
        desk.cause(desk.house.production, "production"),
        ticket.pk,
        Reply(f"{SECRET}: because", "It is a setting"),
    )
    actions.hand_over(desk.cause(desk.house.administrator), ticket.pk, desk.cover.pk, SECRET)
    shown = repr(of_partner(desk, ticket))
    assert SECRET not in shown
    assert "It is a setting" in shown
    internal = repr(of_staff(desk, ticket, desk.cover))
    assert internal.count(SECRET) >= 4
    assert SECRET not in repr(
        queries.explain(found(desk, ticket, desk.member), desk.member, desk.now)
    )


def test_the_partner_sees_that_production_is_asked_and_until_when(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("fri 10:00")
    actions.consult(desk.cause(desk.lead, "workplace"), ticket.pk, "Why?")
    view = of_partner(desk, ticket)
    asked = view.consultations[0]
    assert (asked.question, asked.asked_by) == ("", None)
    assert asked.asked_at == moment("fri 10:00")
    assert asked.due_at == moment("mon 10:00", desk.now)
    assert of_staff(desk, ticket).consultations[0].question == "Why?"


def test_the_executors_card_shows_presence_hours_and_contact(desk: Desk) -> None:
    ticket = submits(desk)
    card = of_partner(desk, ticket).people.executor
    assert card is not None
    assert (card.name, card.presence) == (desk.lead.name, Presence.AWAY)
    assert card.hours[0] == (moment("fri 09:00"), moment("fri 13:00"))
    assert card.email == desk.lead.email
    accepts(desk, ticket, Type.BUG)
    actions.work_start(desk.cause(desk.lead, "workplace"), ticket.pk)
    desk.later(minutes=1)
    people = of_partner(desk, ticket).people
    assert people.executor is not None and people.executor.presence == Presence.ONLINE
    assert people.cover is not None and people.cover.name == desk.cover.name
    until_at = desk.now + timedelta(days=2)
    workdays.note_absence(
        desk.cause(desk.cover, "workplace"), desk.cover.pk, AbsenceKind.SICK, desk.now, until_at, ""
    )
    cover = of_partner(desk, ticket).people.cover
    assert cover is not None
    assert (cover.presence, cover.absent_until_at) == (Presence.ABSENT, until_at)


def test_the_history_of_the_deadline(desk: Desk) -> None:
    """Promise, a pause over the weekend, an agreed new date: who, when, why, and the dues."""
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("fri 17:00")
    actions.ask(desk.cause(desk.lead, "workplace"), ticket.pk, "Which order?")
    desk.at("mon 10:00")
    actions.answer(desk.cause(desk.member), ticket.pk, "Number 7")
    actions.re_promise(
        desk.cause(desk.lead, "workplace"), ticket.pk, moment("tue 11:00", desk.now), "More data"
    )
    actions.agree(desk.cause(desk.member), ticket.pk)
    promise, pause, agreed = of_partner(desk, ticket).moves
    assert (promise.kind, promise.due_after_at) == (MoveKind.PROMISE, moment("2026-11-27 18:00"))
    assert promise.by is not None and promise.by.name == desk.lead.name
    assert (pause.kind, pause.state, pause.reason) == (
        MoveKind.PAUSE,
        "awaiting_partner",
        "Which order?",
    )
    assert pause.until_at == desk.now
    assert (pause.due_before_at, pause.due_after_at) == (
        moment("2026-11-27 18:00"),
        moment("2026-11-30 11:00"),
    )
    assert pause.moved_seconds == 2 * 3600
    assert (agreed.kind, agreed.agreed, agreed.reason) == (MoveKind.RE_PROMISE, True, "More data")
    assert agreed.due_after_at == moment("2026-12-01 11:00")
    assert of_partner(desk, ticket).deadline.due_at == moment("2026-12-01 11:00")


def test_a_return_is_told_as_a_pause_and_a_longer_target(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("fri 17:30")
    actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, RESULT)
    desk.at("mon 09:00")
    actions.return_(desk.cause(desk.member), ticket.pk, "Not for the orders of today")
    _, pause, longer = of_partner(desk, ticket).moves
    assert pause.state == "delivered"
    assert pause.due_after_at == moment("2026-11-30 09:30")
    assert (longer.kind, longer.verb) == (MoveKind.RETARGET, Verb.RETURN)
    assert (longer.due_before_at, longer.due_after_at) == (
        moment("2026-11-30 09:30"),
        moment("2026-11-30 11:00"),
    )
    assert longer.reason == "Not for the orders of today"


def test_an_estimate_waits_for_approval_with_price_and_date(desk: Desk) -> None:
    ticket = accepted(desk, Type.CUSTOMISATION)
    desk.at("fri 10:00")
    offer = Offer(4, 8 * 3600, "The screen", desk.now + timedelta(days=10))
    actions.estimate(desk.cause(desk.house.production, "production"), ticket.pk, offer)
    view = of_partner(desk, ticket, desk.owner)
    assert view.approval is not None and view.approval.estimate is not None
    assert view.approval.kopecks == 4 * 900_00
    assert view.approval.estimate.due_at == moment("mon 10:00", desk.now)
    assert Verb.APPROVE in view.verbs
    assert Verb.APPROVE not in of_partner(desk, ticket, desk.member).verbs
    desk.at("2026-12-10 10:00")
    late = of_partner(desk, ticket, desk.owner)
    assert late.approval is not None and late.approval.renewable
    assert Verb.APPROVE not in late.verbs
    assert Verb.EXPIRE in late.verbs


def test_extra_parts_are_offered_for_consent(desk: Desk) -> None:
    buys(desk, 5)
    ticket = in_work(desk)
    actions.split(desk.cause(desk.lead, "workplace"), ticket.pk, "The second report")
    view = of_partner(desk, ticket, desk.owner)
    assert view.approval is not None
    assert (view.approval.kind, view.approval.units) == ("extra_parts", 1)
    assert view.approval.titles == ("The second report",)
    assert view.approval.kopecks == 180_00
    assert [part.offered for part in view.parts] == [False, True]
    actions.refuse(desk.cause(desk.owner), ticket.pk)
    assert of_partner(desk, ticket, desk.owner).approval is None


def test_the_one_hour_rule_per_part(desk: Desk) -> None:
    buys(desk, 3)
    ticket = in_work(desk, Type.COMPLEX, "One", "Two")
    actions.work_start(desk.cause(desk.lead, "workplace"), ticket.pk, 1)
    desk.later(minutes=46)
    view = of_staff(desk, ticket)
    assert [part.work.level for part in view.parts if part.work] == ["warning", "within"]
    assert view.parts[0].worked_seconds == 46 * 60
    assert view.work.level == "exempt"
    assert (view.reader_works_on, view.reader_works_since_at) == (
        f"{ticket.key}/part:1",
        moment("fri 09:00"),
    )
    desk.later(minutes=15)
    over = of_staff(desk, ticket).parts[0].work
    assert over is not None and over.level == "over"
    assert of_partner(desk, ticket).parts[0].work is None


def test_staff_see_breaches_with_the_lag_of_detection(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk, Type.BUG)
    desk.at("fri 15:00")
    actions.note(desk.cause(desk.lead, "workplace"), ticket.pk, "Looking")
    view = of_staff(desk, ticket)
    assert view.breaches[0].breached_at == moment("fri 12:00")
    assert view.breaches[0].noticed_after_seconds == 3 * 3600
    resolution = next(c for c in view.clocks if c.deadline.kind == "resolution")
    assert [warning.percent for warning in resolution.warnings] == [50, 75, 90]


def test_a_handover_says_when_silence_confirms_and_until_when_to_reopen(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("fri 11:00")
    actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, RESULT)
    handover = of_partner(desk, ticket).handover
    assert handover is not None
    assert handover.solution == RESULT.solution
    assert handover.confirms_at == moment("2026-12-01 11:00")
    actions.confirm(desk.cause(desk.member), ticket.pk, 5, "Thanks")
    view = of_partner(desk, ticket)
    assert view.handover is not None and view.handover.rating == 5
    assert view.handover.reopen_until_at == moment("2026-12-04 18:00")
    assert view.deadline.phase == Phase.KEPT
    assert Verb.REOPEN in view.verbs
    desk.at("2026-12-04 18:00")
    assert Verb.REOPEN not in of_partner(desk, ticket).verbs


def test_disputes_and_rulings_are_shown(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("fri 10:00")
    actions.ask(desk.cause(desk.lead, "workplace"), ticket.pk, "Which order?")
    pause = of_partner(desk, ticket).moves[-1]
    objection = Objection(DisputeAbout.PAUSE, "It was in the text", pause.pause_id)
    asked = actions.contest(desk.cause(desk.owner), ticket.pk, objection)
    assert of_partner(desk, ticket).disputes[0].upheld is None
    assert Verb.RULE in of_staff(desk, ticket, desk.house.administrator).verbs
    actions.rule(
        desk.cause(desk.house.administrator), asked.pk, actions.Ruling(upheld=True, text="It was.")
    )
    view = of_partner(desk, ticket)
    assert (view.disputes[0].upheld, view.disputes[0].ruling) == (True, "It was.")
    assert view.moves[-1].struck


def test_what_the_reader_is_decides_what_is_offered(desk: Desk) -> None:
    ticket = submits(desk)
    assert of_partner(desk, ticket).head.reader == {Actor.MEMBER, Actor.AUTHOR}
    assert of_partner(desk, ticket, desk.company.viewer).verbs == ()
    view = of_staff(desk, ticket)
    assert view.head.reader == {Actor.SPECIALIST, Actor.LEAD, Actor.EXECUTOR}
    assert view.head.my_turn
    assert Verb.ACCEPT in view.verbs
    assert not of_staff(desk, ticket, desk.house.accountant).head.my_turn


def test_followers_and_files_and_number(desk: Desk) -> None:
    ticket = submits(desk)
    view = of_partner(desk, ticket)
    assert view.people.reader_follows
    assert [person.name for person in view.people.followers] == [desk.member.name]
    with pytest.raises(Ticket.DoesNotExist):
        queries.by_number(desk.member, "XYZ-1")
    with pytest.raises(Ticket.DoesNotExist):
        queries.by_number(desk.member, "OLH-1\x00")


def test_a_page_takes_at_most_six_queries_whatever_the_ticket_has(desk: Desk) -> None:
    """Beside session and user: eight in all (specification 8)."""
    buys(desk, 30)
    ticket = in_work(desk, Type.COMPLEX, "One", "Two", "Three")
    few = _queries(desk, ticket)
    for n in range(12):
        actions.message(desk.cause(desk.member), ticket.pk, f"Message {n}")
        actions.note(desk.cause(desk.lead, "workplace"), ticket.pk, f"Note {n}")
        actions.consult(desk.cause(desk.lead, "workplace"), ticket.pk, f"Question {n}")
    many = _queries(desk, ticket)
    assert few == many
    assert max(many) <= 6


def _queries(desk: Desk, ticket: Ticket) -> tuple[int, int]:
    counts = []
    for reader, view in ((desk.owner, queries.partner_view), (desk.lead, queries.staff_view)):
        person = Person.objects.get(pk=reader.pk)
        with CaptureQueriesContext(connection) as captured:
            known = queries.access(person)
            page = queries.by_number(person, f"OLH-{ticket.number}", known)
            view(page, person, desk.now, known)
        counts.append(len(captured))
    return counts[0], counts[1]
