"""What a plan may change of what is charged, and what it never can: more than the promised N, or
twice (L5, L6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from desk.deposits import queries as ledger
from desk.partners import actions as partners
from desk.rules import promises
from desk.rules.lifecycle import State, Type
from desk.rules.promises import Terms, TermsError
from desk.tickets import actions
from desk.tickets.actions import Incomplete, Offer, Reclassifying
from desk.tickets.models import Ticket
from tests.language import Desk
from tests.scenarios.tickets import (
    accepted,
    accepts,
    buys,
    delivers,
    entries,
    estimates,
    fresh,
    in_work,
    resolved,
    state,
    submits,
    tops_up,
)

pytestmark = pytest.mark.django_db


def desk_with(**terms: Any) -> Desk:
    """A desk whose plan differs from the defaults."""
    desk = Desk.open(**terms)
    buys(desk, 20)
    return desk


def units(ticket: Ticket) -> tuple[int, int, int]:
    """What the ticket may cost, holds, and was charged."""
    cost = ledger.cost(ticket.key)
    return fresh(ticket).promised, cost.units_held, cost.units_charged


def finishes(desk: Desk, ticket: Ticket, number: int) -> None:
    actions.finish_part(desk.cause(desk.lead, "workplace"), ticket.pk, number, "Done")


def changes(desk: Desk, ticket: Ticket, kind: Type, *parts: str) -> Ticket:
    change = Reclassifying(kind, "It is another thing.", parts)
    return actions.reclassify(desk.cause(desk.lead, "workplace"), ticket.pk, change)


def finds_defect(desk: Desk, ticket: Ticket) -> Ticket:
    cause = desk.cause(desk.house.production, "production")
    return actions.confirm_defect(cause, ticket.pk, "A defect of the product.")


# Bugs


def test_a_bug_costs_a_consultation_by_default() -> None:
    desk = desk_with()
    ticket = in_work(desk, Type.BUG)
    assert units(ticket) == (1, 1, 0)
    resolved(desk, ticket)
    assert units(ticket) == (1, 0, 1)


def test_a_plan_may_charge_no_bugs() -> None:
    desk = desk_with(charge_bugs=False)
    ticket = in_work(desk, Type.BUG)
    assert units(ticket) == (0, 0, 0)
    resolved(desk, ticket)
    assert units(ticket) == (0, 0, 0)
    other = in_work(desk)
    assert units(other) == (1, 1, 0)


def test_a_simple_ticket_found_to_be_a_free_bug_gives_its_hold_back() -> None:
    desk = desk_with(charge_bugs=False)
    ticket = changes(desk, in_work(desk), Type.BUG)
    assert units(ticket) == (0, 0, 0)
    assert ledger.balance(desk.company.partner.pk).consultations_available == 20


def test_a_free_bug_found_to_be_none_waits_for_the_partners_consent() -> None:
    """L6: every increase of N needs the partner's recorded approval."""
    desk = desk_with(charge_bugs=False)
    ticket = changes(desk, in_work(desk, Type.BUG), Type.SIMPLE)
    assert (state(ticket), units(ticket)) == (State.AWAITING_APPROVAL, (0, 0, 0))
    actions.approve(desk.cause(desk.owner), ticket.pk)
    assert (state(ticket), units(ticket)) == (State.IN_WORK, (1, 1, 0))


def test_the_credit_for_bugs_is_the_plans_or_the_partners_own_where_it_is_higher() -> None:
    assert promises.credit_limit(Terms(credit_consultations=3), 2) == 3
    assert promises.credit_limit(Terms(credit_consultations=3), 5) == 5
    desk = Desk.open(credit_consultations=1)
    ticket = accepted(desk, Type.BUG)
    assert units(ticket) == (1, 1, 0)
    assert ledger.balance(desk.company.partner.pk).consultations_available == -1


# Confirmed defects


def test_a_confirmed_defect_is_free_by_default() -> None:
    desk = desk_with()
    ticket = resolved(desk, in_work(desk))
    finds_defect(desk, ticket)
    assert units(ticket)[1:] == (0, 0)


def test_a_plan_may_charge_confirmed_defects() -> None:
    desk = desk_with(charge_confirmed_defects=True)
    ticket = in_work(desk, Type.BUG)
    assert finds_defect(desk, ticket).billable
    assert units(ticket) == (1, 1, 0)
    with pytest.raises(Incomplete, match="confirmed_before"):
        finds_defect(desk, ticket)
    resolved(desk, ticket)
    assert units(ticket) == (1, 0, 1)


# When a part is charged


def test_parts_are_charged_with_the_confirmation_by_default() -> None:
    desk = desk_with()
    ticket = in_work(desk, Type.COMPLEX, "Import", "Export")
    finishes(desk, ticket, 1)
    assert units(ticket) == (2, 2, 0)


def test_a_plan_may_charge_a_part_when_it_is_finished() -> None:
    """L5: redelivered, returned and reopened it costs no more."""
    desk = desk_with(capture_parts_when_finished=True)
    ticket = in_work(desk, Type.COMPLEX, "Import", "Export")
    finishes(desk, ticket, 1)
    assert units(ticket) == (2, 1, 1)
    finishes(desk, ticket, 2)
    assert units(ticket) == (2, 0, 2)
    delivers(desk, ticket)
    actions.return_(desk.cause(desk.member), ticket.pk, "Not yet.")
    resolved(desk, ticket)
    actions.reopen(desk.cause(desk.member), ticket.pk, "Again.")
    assert units(ticket) == (2, 0, 2)


def test_a_simple_ticket_is_charged_with_its_confirmation_in_any_plan() -> None:
    desk = desk_with(capture_parts_when_finished=True)
    ticket = delivers(desk, in_work(desk))
    assert units(ticket) == (1, 1, 0)
    actions.confirm(desk.cause(desk.member), ticket.pk)
    assert units(ticket) == (1, 0, 1)


def test_a_finished_part_that_is_approved_later_is_charged_then() -> None:
    """L6: until the partner approves it, it costs nothing."""
    desk = desk_with(capture_parts_when_finished=True)
    ticket = in_work(desk, Type.COMPLEX, "Import", "Export")
    actions.split(desk.cause(desk.lead, "workplace"), ticket.pk, "Reports")
    finishes(desk, ticket, 3)
    assert units(ticket) == (2, 2, 0)
    actions.approve(desk.cause(desk.owner), ticket.pk)
    assert units(ticket) == (3, 2, 1)


def test_parts_charged_when_finished_come_back_with_a_defect() -> None:
    desk = desk_with(capture_parts_when_finished=True)
    ticket = in_work(desk, Type.COMPLEX, "Import", "Export")
    finishes(desk, ticket, 1)
    finds_defect(desk, ticket)
    assert units(ticket)[1:] == (0, 0)
    assert ledger.balance(desk.company.partner.pk).consultations_available == 20


def test_parts_charged_when_finished_come_back_when_merged() -> None:
    """The target's N stays; what is merged costs nothing."""
    desk = desk_with(capture_parts_when_finished=True)
    ticket = in_work(desk, Type.COMPLEX, "Import", "Export")
    finishes(desk, ticket, 1)
    target = in_work(desk)
    actions.merge(desk.cause(desk.lead, "workplace"), ticket.pk, target.pk)
    assert units(ticket)[1:] == (0, 0)
    assert units(target) == (1, 1, 0)


@pytest.mark.parametrize(("charges", "left"), [(True, 1), (False, 0)])
def test_a_cancelled_ticket_costs_its_finished_parts_or_nothing(charges: bool, left: int) -> None:
    terms = {"capture_finished_parts_on_cancel": charges, "capture_parts_when_finished": True}
    desk = desk_with(**terms)
    ticket = in_work(desk, Type.COMPLEX, "Import", "Export")
    finishes(desk, ticket, 1)
    actions.cancel(desk.cause(desk.owner), ticket.pk)
    assert units(ticket)[1:] == (0, left)
    assert ledger.balance(desk.company.partner.pk).consultations_available == 20 - left


def test_a_finished_part_found_to_be_a_free_bug_is_given_back() -> None:
    desk = desk_with(capture_parts_when_finished=True, charge_bugs=False)
    ticket = in_work(desk, Type.COMPLEX, "Import", "Export")
    finishes(desk, ticket, 1)
    changes(desk, ticket, Type.BUG)
    assert units(ticket) == (0, 0, 0)


# What a complex ticket costs


def test_a_complex_ticket_may_cost_one_consultation() -> None:
    desk = desk_with(complex_costs_parts=False)
    ticket = in_work(desk, Type.COMPLEX, "Import", "Export", "Reports", "Rights")
    assert (state(ticket), units(ticket)) == (State.IN_WORK, (1, 1, 0))
    actions.split(desk.cause(desk.lead, "workplace"), ticket.pk, "Mail")
    assert units(ticket) == (1, 1, 0)
    for number in range(1, 6):
        finishes(desk, ticket, number)
    resolved(desk, ticket)
    assert units(ticket) == (1, 0, 1)


def test_other_parts_of_such_a_ticket_cost_no_more() -> None:
    desk = desk_with(complex_costs_parts=False)
    ticket = in_work(desk, Type.COMPLEX, "Import", "Export")
    finishes(desk, ticket, 2)
    changes(desk, ticket, Type.COMPLEX, "Reports", "Rights", "Mail")
    assert (state(ticket), units(ticket)) == (State.IN_WORK, (1, 1, 0))
    actions.cancel(desk.cause(desk.owner), ticket.pk)
    assert units(ticket)[1:] == (0, 1)


# Customisations


def building(desk: Desk, hours: int = 10) -> Ticket:
    """A customisation of so many approved hours, in work."""
    tops_up(desk, 100_000_00)
    ticket = accepts(desk, submits(desk), Type.CUSTOMISATION)
    offer = Offer(hours, 8 * 3600, "The screen", desk.now + timedelta(days=10))
    actions.estimate(desk.cause(desk.house.production, "production"), ticket.pk, offer)
    actions.approve(desk.cause(desk.owner), ticket.pk)
    return actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)


def logs(desk: Desk, ticket: Ticket, hours: float, key: str = "") -> None:
    cause = desk.cause(desk.house.production, "production", key)
    actions.log(cause, ticket.pk, round(hours * 60), desk.now.date(), "")


def test_eighty_percent_of_the_approved_hours_warn_once() -> None:
    desk = desk_with()
    ticket = building(desk)
    logs(desk, ticket, 7.9)
    assert entries(ticket, "hours_warning") == []
    logs(desk, ticket, 0.1, "form:a")
    logs(desk, ticket, 0.1, "form:a")
    logs(desk, ticket, 1)
    (warned,) = entries(ticket, "hours_warning")
    assert warned.facts == {"minutes": 480, "approved_minutes": 600, "percent": 80, "cycle": 1}
    assert warned.partner_id == desk.company.partner.pk


def test_no_hour_is_logged_beyond_the_approved() -> None:
    """Work stops at 100 %: a supplement is asked for, and the partner approves it."""
    desk = desk_with()
    ticket = building(desk)
    logs(desk, ticket, 10)
    with pytest.raises(Incomplete, match="beyond_approved"):
        logs(desk, ticket, 0.1)
    more = Offer(10, 8 * 3600, "The report too", desk.now + timedelta(days=10))
    actions.supplement(desk.cause(desk.house.production, "production"), ticket.pk, more)
    assert state(ticket) == State.AWAITING_APPROVAL
    actions.approve(desk.cause(desk.owner), ticket.pk)
    logs(desk, ticket, 6)
    assert len(entries(ticket, "hours_warning")) == 2


def test_a_customisation_costs_the_hours_logged_and_at_most_the_approved() -> None:
    desk = desk_with()
    ticket = building(desk)
    assert ledger.cost(ticket.key).kopecks_held == 9_000_00
    logs(desk, ticket, 7.5)
    resolved(desk, ticket)
    cost = ledger.cost(ticket.key)
    assert (cost.kopecks_held, cost.kopecks_charged) == (0, 6_750_00)


def test_a_plan_may_warn_of_hours_elsewhere_or_not_at_all() -> None:
    plan = Terms(estimate_warning_percent=50)
    assert promises.hours_warning_due(plan, 299, 300, 600)
    assert not promises.hours_warning_due(plan, 300, 301, 600)
    assert not promises.hours_warning_due(Terms(estimate_warning_percent=0), 0, 600, 600)
    with pytest.raises(TermsError, match="estimate_warning_percent"):
        Terms(estimate_warning_percent=101)


def test_the_rate_of_an_estimate_outlives_a_change_of_the_plan() -> None:
    """R15: an approved hour keeps its price."""
    desk = desk_with()
    ticket = accepts(desk, submits(desk), Type.CUSTOMISATION)
    tops_up(desk, 100_000_00)
    estimates(desk, ticket)
    partners.add_plan_version(
        desk.cause(desk.house.vendor),
        desk.house.plan.pk,
        desk.now.date(),
        desk.house.calendar.pk,
        {"hour_price_kopecks": 2_000_00},
    )
    actions.approve(desk.cause(desk.owner), ticket.pk)
    assert ledger.cost(ticket.key).kopecks_held == 4 * 900_00
