"""The promises of specification 1 that the main job touches, each shown working."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from desk.deposits import actions as deposits
from desk.deposits import queries as ledger
from desk.journal import queries as history
from desk.rules.lifecycle import NotAllowed, Reason, State, Type
from desk.tickets import actions, queries
from desk.tickets.actions import (
    Accepting,
    Handover,
    Incomplete,
    Offer,
    Reply,
    Submission,
)
from desk.tickets.models import Clock, Promise, Ticket
from desk.workdays import actions as workdays
from desk.workdays.models import AbsenceKind
from tests.language import Desk, moment

RESULT = Handover("Set the rule to stage 3", "The rule of the stage", "Open any order")


def submitted(desk: Desk, subject: str = "The report is empty", critical: bool = False) -> Ticket:
    return actions.submit(
        desk.cause(desk.member, key=desk.key()),
        Submission(
            desk.company.partner.pk,
            desk.company.project.pk,
            subject,
            "Since this morning.",
            author_id=desk.member.pk,
            critical_claim=critical,
        ),
    )


def bought(desk: Desk, quantity: int) -> None:
    deposits.buy(
        desk.cause(desk.house.accountant, "accounting", desk.key()),
        desk.company.partner.pk,
        quantity,
        180_00,
        quantity * 180_00,
    )


def accepted(desk: Desk, ticket: Ticket, kind: Type = Type.SIMPLE, *parts: str) -> Ticket:
    return actions.accept(
        desk.cause(desk.lead, "workplace"), ticket.pk, Accepting(kind, "Taken.", parts)
    )


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("partner").get(pk=ticket.pk)


def test_promise_1_a_personal_manager_executes_and_the_cover_stands_in(desk: Desk) -> None:
    """The lead is the executor; absent at the instant of submission, the cover is (T9)."""
    assert submitted(desk).executor == desk.lead
    workdays.note_absence(
        desk.cause(desk.lead, "workplace"),
        desk.lead.pk,
        AbsenceKind.VACATION,
        desk.now,
        desk.now + timedelta(days=3),
        "",
    )
    desk.later(minutes=1)
    assert submitted(desk, "Another").executor == desk.cover


def test_promise_3_acceptance_within_an_hour_shows_type_executor_and_deadline(desk: Desk) -> None:
    bought(desk, 5)
    ticket = submitted(desk)
    assert ticket.acceptance_due_at == moment("fri 10:00")
    desk.at("fri 09:20")
    ticket = accepted(desk, ticket)
    view = queries.partner_view(fresh_for(desk, ticket), desk.member, desk.now)
    assert view.head.state == State.ACCEPTED
    assert view.head.type == Type.SIMPLE
    assert view.people.executor is not None and view.people.executor.name == desk.lead.name
    assert view.deadline.due_at == moment("fri 18:00")


def fresh_for(desk: Desk, ticket: Ticket) -> Ticket:
    return queries.by_number(desk.member, queries.number(fresh(ticket)))


def test_promise_4_each_type_has_its_time(desk: Desk) -> None:
    """Simple 8, bug 3, nine parts two blocks of 8 working hours, from submission (R5, R6)."""
    bought(desk, 30)
    simple, bug, complex_ = submitted(desk), submitted(desk), submitted(desk)
    desk.at("fri 09:30")
    assert accepted(desk, simple).due_at == moment("fri 18:00")
    assert accepted(desk, bug, Type.BUG).due_at == moment("fri 12:00")
    titles = [f"Part {n}" for n in range(1, 10)]
    nine = accepted(desk, complex_, Type.COMPLEX, *titles)
    assert nine.state == State.AWAITING_APPROVAL
    nine = actions.approve(desk.cause(desk.owner), nine.pk)
    assert nine.state == State.ACCEPTED
    assert nine.due_at == moment("mon 18:00", desk.now)
    assert ledger.balance(desk.company.partner.pk).consultations_held == 11


def test_promise_4_customisation_waits_for_production_and_is_extended_by_its_time(
    desk: Desk,
) -> None:
    """БП: the deadline moves by exactly the working time production took, over a weekend."""
    deposits.top_up(
        desk.cause(desk.house.accountant, "accounting", desk.key()),
        desk.company.partner.pk,
        10_000_00,
        "advance",
    )
    ticket = accepted(desk, submitted(desk, "A new screen"), Type.CUSTOMISATION)
    assert ticket.state == State.AWAITING_ESTIMATE
    desk.at("fri 10:00")
    offer = Offer(4, 8 * 3600, "The screen", desk.now + timedelta(days=10))
    actions.estimate(desk.cause(desk.house.production, "production"), ticket.pk, offer)
    desk.at("fri 11:00")
    ticket = actions.approve(desk.cause(desk.owner), ticket.pk)
    assert ticket.state == State.ACCEPTED
    assert ticket.due_at == moment("mon 11:00", desk.now)
    assert ledger.balance(desk.company.partner.pk).money_held_kopecks == 4 * 900_00
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    desk.at("fri 16:00")
    ticket = actions.consult(desk.cause(desk.lead, "workplace"), ticket.pk, "Which table?")
    assert ticket.state == State.AWAITING_PRODUCTION and ticket.due_at is None
    desk.at("mon 10:00")
    ticket = actions.reply(
        desk.cause(desk.house.production, "production"), ticket.pk, Reply("orders")
    )
    assert ticket.due_at == moment("mon 15:00", desk.now)
    production = desk.cause(desk.house.production, "production")
    actions.log(production, ticket.pk, 90, desk.now.date(), "built")
    actions.build(production, ticket.pk, "Ready on the test copy")
    desk.at("mon 12:00")
    ticket = actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, RESULT)
    actions.confirm(desk.cause(desk.member), ticket.pk, 5)
    balance = ledger.balance(desk.company.partner.pk)
    assert balance.money_held_kopecks == 0
    assert balance.money_available_kopecks == 10_000_00 - 90 * 900_00 // 60


def test_promise_5_the_partner_sees_status_deadline_executor_time_and_cost(desk: Desk) -> None:
    bought(desk, 2)
    ticket = accepted(desk, submitted(desk))
    actions.work_start(desk.cause(desk.lead, "workplace"), ticket.pk)
    desk.later(minutes=25)
    actions.work_stop(desk.cause(desk.lead, "workplace"), ticket.pk)
    actions.note(desk.cause(desk.lead, "workplace"), ticket.pk, "The client is difficult")
    view = queries.partner_view(fresh_for(desk, ticket), desk.member, desk.now)
    assert view.head.state == State.IN_WORK
    assert view.worked_seconds == 25 * 60
    assert view.money.cost.units_held == 1 and view.money.cost.kopecks_held == 180_00
    assert all(message.kind != "note" for message in view.messages)
    assert view.messages[-1].text == "Taken."


def test_promise_8_nothing_is_charged_before_it_is_resolved(desk: Desk) -> None:
    bought(desk, 3)
    ticket = accepted(desk, submitted(desk), Type.COMPLEX, "One", "Two")
    lead = "workplace"
    actions.start(desk.cause(desk.lead, lead), ticket.pk)
    for number in (1, 2):
        actions.finish_part(desk.cause(desk.lead, lead), ticket.pk, number, "done")
    assert ledger.cost(ticket.key).units_captured == 0
    actions.deliver(desk.cause(desk.lead, lead), ticket.pk, RESULT)
    assert ledger.cost(ticket.key).units_held == 2
    actions.confirm(desk.cause(desk.member), ticket.pk, 4, "Thanks")
    cost = ledger.cost(ticket.key)
    assert (cost.units_held, cost.units_captured, cost.kopecks_charged) == (0, 2, 360_00)
    assert ledger.balance(desk.company.partner.pk).consultations_available == 1


def test_t1_a_refused_move_changes_nothing_and_says_what_is_allowed(desk: Desk) -> None:
    ticket = submitted(desk)
    before = fresh(ticket)
    with pytest.raises(NotAllowed) as refused:
        actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, RESULT)
    assert refused.value.by_state and "accept" in refused.value.allowed
    assert fresh(ticket).version == before.version


def test_t1_the_same_key_does_it_once(desk: Desk) -> None:
    bought(desk, 2)
    ticket = submitted(desk)
    cause = desk.cause(desk.lead, "workplace", "a-double-click")
    for _ in range(2):
        actions.accept(cause, ticket.pk, Accepting(Type.SIMPLE, "Taken."))
    assert Promise.objects.filter(ticket=ticket).count() == 1
    assert ledger.balance(desk.company.partner.pk).consultations_held == 1


def test_a_stale_form_is_refused(desk: Desk) -> None:
    ticket = submitted(desk)
    actions.message(desk.cause(desk.member), ticket.pk, "One thing more")
    stale = replace(desk.cause(desk.lead, "workplace"), seen=1)
    with pytest.raises(actions.Stale):
        actions.decline(stale, ticket.pk, Reason.ABUSE, "no")


def test_l2_a_bug_never_waits_for_money(desk: Desk) -> None:
    ticket = accepted(desk, submitted(desk, "All is down", critical=True), Type.BUG)
    assert ticket.state == State.ACCEPTED
    assert ledger.cost(ticket.key).uncovered_units == 1


def test_fund_no_skipping_and_in_the_partners_order(desk: Desk) -> None:
    first = accepted(desk, submitted(desk), Type.COMPLEX, "One", "Two")
    second = accepted(desk, submitted(desk))
    assert first.state == second.state == State.AWAITING_DEPOSIT
    bought(desk, 1)
    assert actions.fund_waiting(desk.cause(None), desk.company.partner.pk) == []
    bought(desk, 2)
    funded = actions.fund_waiting(desk.cause(None), desk.company.partner.pk)
    assert [ticket.pk for ticket in funded] == [first.pk, second.pk]


def test_r10_no_date_is_shown_that_will_move(desk: Desk) -> None:
    bought(desk, 1)
    ticket = accepted(desk, submitted(desk))
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    desk.at("fri 15:40")
    ticket = actions.ask(desk.cause(desk.lead, "workplace"), ticket.pk, "Which order?")
    assert ticket.due_at is None
    assert ticket.stands_since_at == moment("fri 15:40")
    assert ticket.left_seconds == 2 * 3600 + 20 * 60
    desk.at("mon 09:00")
    ticket = actions.answer(desk.cause(desk.member), ticket.pk, "Number 7")
    assert ticket.state == State.IN_WORK
    assert ticket.due_at == moment("mon 11:20", desk.now)


def test_reopened_within_five_working_days_what_was_left_and_free(desk: Desk) -> None:
    """8 h, created Fri 09:00, delivered 11:00 and confirmed, reopened Mon 16:00: Tue 13:00."""
    bought(desk, 1)
    ticket = accepted(desk, submitted(desk))
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    desk.at("fri 11:00")
    actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, RESULT)
    actions.confirm(desk.cause(desk.member), ticket.pk)
    desk.at("mon 16:00")
    ticket = actions.reopen(desk.cause(desk.member), ticket.pk, "It is empty again")
    assert ticket.due_at == moment("tue 13:00", desk.now)
    assert (ticket.cycle, ticket.state) == (2, State.ACCEPTED)
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, RESULT)
    actions.confirm(desk.cause(desk.member), ticket.pk)
    assert ledger.cost(ticket.key).units_captured == 1


def test_reopening_too_late_is_refused(desk: Desk) -> None:
    bought(desk, 1)
    ticket = accepted(desk, submitted(desk))
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, RESULT)
    actions.confirm(desk.cause(desk.member), ticket.pk)
    desk.at("2026-12-04 18:00")
    with pytest.raises(Incomplete):
        actions.reopen(desk.cause(desk.member), ticket.pk, "late")


def test_recall_lets_the_time_since_delivery_count(desk: Desk) -> None:
    bought(desk, 1)
    ticket = accepted(desk, submitted(desk))
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    desk.at("fri 12:00")
    actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, RESULT)
    desk.at("fri 15:00")
    ticket = actions.recall(desk.cause(desk.lead, "workplace"), ticket.pk, "One thing is wrong")
    assert ticket.due_at == moment("fri 18:00")


def test_return_leaves_at_least_two_hours(desk: Desk) -> None:
    bought(desk, 1)
    ticket = accepted(desk, submitted(desk))
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    desk.at("fri 17:30")
    actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, RESULT)
    desk.at("mon 09:00")
    ticket = actions.return_(desk.cause(desk.member), ticket.pk, "Not for orders of today")
    assert ticket.due_at == moment("mon 11:00", desk.now)
    assert Clock.objects.get(ticket=ticket, kind="resolution").target_seconds == 9.5 * 3600


def test_l6_a_split_part_is_free_until_approved(desk: Desk) -> None:
    bought(desk, 5)
    ticket = accepted(desk, submitted(desk))
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    actions.split(desk.cause(desk.lead, "workplace"), ticket.pk, "The second report")
    assert ledger.cost(ticket.key).units_held == 1
    ticket = actions.approve(desk.cause(desk.owner), ticket.pk)
    assert ticket.state == State.IN_WORK
    assert ledger.cost(ticket.key).units_held == 2


def test_a_crash_in_the_middle_leaves_nothing(desk: Desk) -> None:
    bought(desk, 1)
    ticket = submitted(desk)
    with pytest.raises(RuntimeError), transaction.atomic():
        accepted(desk, ticket)
        raise RuntimeError("the power went")
    assert fresh(ticket).state == State.SUBMITTED
    assert ledger.balance(desk.company.partner.pk).consultations_held == 0


def test_t3_work_beyond_the_hour_without_a_decision_is_noted(desk: Desk) -> None:
    """The surplus is absorbed and noted; with a decision nothing is noted."""
    bought(desk, 2)
    for decided in (False, True):
        ticket = accepted(desk, submitted(desk))
        actions.work_start(desk.cause(desk.lead, "workplace"), ticket.pk)
        desk.later(minutes=65)
        if decided:
            actions.absorb(desk.cause(desk.lead, "workplace"), ticket.pk)
        actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, RESULT)
        noted = history.of(ticket.key).filter(verb="surplus")
        assert noted.exists() is not decided
        assert ledger.cost(ticket.key).units_held == 1


def test_fund_a_customisation_that_lacks_money_keeps_no_question_waiting(desk: Desk) -> None:
    """Consultations and money are two queues; in each nobody is skipped."""
    custom = accepted(desk, submitted(desk, "A new screen"), Type.CUSTOMISATION)
    offer = Offer(4, 8 * 3600, "The screen", desk.now + timedelta(days=10))
    actions.estimate(desk.cause(desk.house.production, "production"), custom.pk, offer)
    custom = actions.approve(desk.cause(desk.owner), custom.pk)
    simple = accepted(desk, submitted(desk))
    assert custom.state == simple.state == State.AWAITING_DEPOSIT
    bought(desk, 1)
    funded = actions.fund_waiting(desk.cause(None), desk.company.partner.pk)
    assert [ticket.pk for ticket in funded] == [simple.pk]
