"""Rules that no other test names, each shown once in the words of the service.

`tests/architecture/test_rules.py` fails when a rule of docs/specification.md has no test.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from desk.deposits import queries as ledger
from desk.journal import queries as history
from desk.lib import clock as wall
from desk.partners import actions as partners
from desk.rules.lifecycle import NotAllowed, State, Type
from desk.tickets import actions
from desk.tickets.actions import Incomplete, watch
from desk.tickets.models import ClockKind, PartState, Promise
from tests import cast
from tests.language import Desk, moment
from tests.scenarios.tickets import (
    RESULT,
    accepted,
    answers,
    asks,
    buys,
    clock,
    delivers,
    entries,
    estimates,
    fresh,
    in_work,
    state,
    submits,
    tops_up,
)

MORNINGS: dict[str, Any] = cast.KYIV | {
    "week": {day: [["09:00", "13:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
}
SATURDAY = date(2026, 11, 28)


def test_r12_a_change_of_calendar_moves_no_promise_given(desk: Desk) -> None:
    """The promise keeps the calendar of its submission; only what comes later has the new one."""
    buys(desk, 4)
    desk.at("fri 16:00")
    promised = accepted(desk)
    assert promised.due_at == moment("2026-11-30 16:00")
    cause = desk.cause(desk.house.vendor, "setup")
    partners.add_calendar_version(cause, desk.house.calendar.pk, SATURDAY, MORNINGS)
    desk.at("mon 09:00")
    watch.tick(desk.now)
    assert fresh(promised).due_at == moment("2026-11-30 16:00")
    answers(desk, asks(desk, promised))
    assert fresh(promised).due_at == moment("2026-11-30 16:00"), "a pause of no time"
    assert accepted(desk).due_at == moment("2026-12-01 13:00"), "8 h are two mornings"


def test_r12_a_change_of_plan_moves_no_promise_and_no_price(desk: Desk) -> None:
    """Terms and price are those of submission, also after the plan has changed (R15)."""
    buys(desk, 4)
    promised = accepted(desk)
    calendar = desk.house.calendar.pk
    terms = {"simple_seconds": 2 * 3600, "price_kopecks": 500_00}
    cause = desk.cause(desk.house.vendor, "setup")
    partners.add_plan_version(cause, desk.house.plan.pk, SATURDAY, calendar, terms)
    desk.at("mon 09:00")
    assert fresh(promised).due_at == moment("2026-11-27 18:00")
    assert fresh(promised).plan_version.value().price_kopecks == 180_00
    assert accepted(desk).due_at == moment("2026-11-30 11:00")


def test_r14_the_time_is_the_one_that_is_given(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A month is replayed in a moment, and the wall clock is never asked."""

    def asked() -> None:
        raise AssertionError("the domain has read the wall clock")

    monkeypatch.setattr(wall, "now", asked)
    buys(desk, 2)
    ticket = in_work(desk)
    desk.at("2026-12-28 10:00")
    delivers(desk, ticket)
    desk.at("2026-12-30 17:00")
    watch.tick(desk.now)
    assert state(ticket) == State.RESOLVED
    assert [entry.at.month for entry in history.of(ticket.key)][-1] == 12


def test_t2_the_promise_is_immutable_and_names_what_was_agreed(desk: Desk) -> None:
    """Deadline, executor, type, N and price; what moves the deadline later is recorded apart."""
    buys(desk, 3)
    ticket = accepted(desk, Type.COMPLEX, "Import", "Report")
    promise = Promise.objects.get(ticket=ticket)
    assert (promise.due_at, promise.executor_id) == (ticket.due_at, desk.lead.pk)
    assert (promise.type, promise.units, promise.kopecks) == (Type.COMPLEX, 2, 2 * 180_00)
    desk.at("fri 10:00")
    asks(desk, ticket)
    desk.at("fri 12:00")
    assert answers(desk, ticket).due_at == moment("2026-11-30 11:00")
    assert Promise.objects.get(ticket=ticket) == promise
    assert Promise.objects.get(ticket=ticket).due_at == promise.due_at
    with pytest.raises(DatabaseError), transaction.atomic():
        Promise.objects.filter(pk=promise.pk).update(units=5)


def test_t5_a_ticket_with_parts_pauses_only_when_no_part_can_proceed(desk: Desk) -> None:
    buys(desk, 3)
    ticket = in_work(desk, Type.COMPLEX, "Import", "Report")
    lead = desk.cause(desk.lead, "workplace")
    assert actions.ask(lead, ticket.pk, "Which file?", part=1).state == State.IN_WORK
    assert [part.state for part in ticket.parts.all()] == [PartState.WAITING, PartState.OPEN]
    desk.at("fri 11:00")
    assert fresh(ticket).due_at is not None, "the clock runs: the report can be made"
    lead = desk.cause(desk.lead, "workplace")
    asked = actions.ask(lead, ticket.pk, "Which columns?", part=2)
    assert (asked.state, asked.due_at) == (State.AWAITING_PARTNER, None)


def test_t7_before_acceptance_messages_go_both_ways_and_nothing_moves(desk: Desk) -> None:
    ticket = submits(desk)
    due_at = ticket.acceptance_due_at
    desk.at("fri 09:20")
    actions.message(desk.cause(desk.lead, "workplace"), ticket.pk, "Which browser?")
    desk.at("fri 09:30")
    actions.message(desk.cause(desk.member), ticket.pk, "Firefox.")
    assert (state(ticket), fresh(ticket).acceptance_due_at) == (State.SUBMITTED, due_at)
    desk.at("fri 10:30")
    watch.tick(desk.now)
    assert clock(ticket, ClockKind.ACCEPTANCE).breached_at == due_at, (
        "no message accepts a ticket (R4)"
    )


def test_t8_production_builds_and_the_specialist_delivers(desk: Desk) -> None:
    """Programmers log hours; the executor stays the specialist, who checks and hands over."""
    tops_up(desk, 10_000_00)
    ticket = estimates(desk, accepted(desk, Type.CUSTOMISATION))
    actions.approve(desk.cause(desk.owner), ticket.pk)
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    production = desk.cause(desk.house.production, "production")
    actions.log(production, ticket.pk, 150, date(2026, 11, 27), "The screen")
    with pytest.raises(Incomplete):
        actions.log(production, ticket.pk, 91, date(2026, 11, 27), "Beyond what is approved")
    built = actions.build(production, ticket.pk, "Ready to be checked")
    assert (built.state, built.executor_id) == (State.IN_WORK, desk.lead.pk)
    with pytest.raises(NotAllowed):
        actions.deliver(production, ticket.pk, RESULT)
    assert delivers(desk, ticket).state == State.DELIVERED
    actions.confirm(desk.cause(desk.member), ticket.pk)
    assert ledger.cost(ticket.key).kopecks_charged == 900_00 * 150 // 60


def test_t10_answer_return_and_confirm_do_the_same_by_any_channel(desk: Desk) -> None:
    """What a partner may do by mail is the same move; the history names the channel."""
    buys(desk, 2)
    ticket = asks(desk, in_work(desk))
    by_mail = desk.cause(desk.member, "email")
    assert actions.answer(by_mail, ticket.pk, "Order 15.").state == State.IN_WORK
    delivers(desk, ticket)
    assert actions.return_(by_mail, ticket.pk, "Stage 4 too.").state == State.IN_WORK
    delivers(desk, ticket)
    assert actions.confirm(by_mail, ticket.pk).state == State.RESOLVED
    for verb in ("answer", "return", "confirm"):
        assert [entry.channel for entry in entries(ticket, verb)] == ["email"]


def test_t10_money_is_approved_by_owner_or_finance_only(desk: Desk) -> None:
    """The author may confirm, but whoever answers a mail in the author's name spends nothing."""
    buys(desk, 5)
    ticket = accepted(desk, Type.COMPLEX, "Import", "Report", "Mail", "Stock")
    assert ticket.state == State.AWAITING_APPROVAL
    with pytest.raises(NotAllowed):
        actions.approve(desk.cause(desk.member, "email"), ticket.pk)
    assert ledger.cost(ticket.key).kopecks_held == 0
    assert actions.approve(desk.cause(desk.company.finance), ticket.pk).state == State.ACCEPTED
