"""A change of prices touches what is bought and submitted after it, and nothing else (R12)."""

from __future__ import annotations

import pytest

from desk.deposits import queries as ledger
from desk.deposits.actions import catalogue
from desk.deposits.actions.invoicing import Order, issue_invoice
from desk.deposits.models import Invoice, Lot
from desk.partners import actions as partners
from desk.partners import queries
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets.models import Promise
from tests.language import Desk
from tests.scenarios.billing import a_company, a_contract, a_pack
from tests.scenarios.tickets import accepts, buys, fresh, resolved, submits

pytestmark = pytest.mark.django_db


def raises_prices(desk: Desk) -> None:
    """From today on everything costs twice as much."""
    partners.add_plan_version(
        desk.cause(desk.house.vendor),
        desk.house.plan.pk,
        queries.today(desk.now),
        desk.house.calendar.pk,
        {"price_kopecks": 360_00, "hour_price_kopecks": 1_800_00, "simple_seconds": 3600},
    )


def test_an_accepted_ticket_keeps_price_and_terms(desk: Desk) -> None:
    """R15: what the ticket was promised is what it costs, also when it is resolved later."""
    buys(desk, 10)
    ticket = accepts(desk, submits(desk))
    promised = Promise.objects.get(ticket=ticket)
    raises_prices(desk)
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    resolved(desk, ticket)
    assert fresh(ticket).plan_version.value().price_kopecks == 180_00
    assert (promised.kopecks, promised.target_seconds) == (180_00, 8 * 3600)
    assert ledger.cost(ticket.key).kopecks_charged == 180_00


def test_a_ticket_submitted_before_is_accepted_under_its_plan(desk: Desk) -> None:
    """R15: also the price at which a bug is lent is that of the plan it came under."""
    ticket = submits(desk, critical=True)
    raises_prices(desk)
    accepts(desk, ticket, Type.BUG)
    cost = ledger.cost(ticket.key)
    assert (cost.uncovered_units, cost.uncovered_kopecks) == (1, 180_00)
    later = accepts(desk, submits(desk, critical=True), Type.BUG)
    assert ledger.cost(later.key).uncovered_kopecks == 360_00


def test_a_bought_lot_keeps_its_price(desk: Desk) -> None:
    """L6: the price of a consultation is frozen at its purchase."""
    buys(desk, 10)
    raises_prices(desk)
    assert [lot.unit_price_kopecks for lot in Lot.objects.all()] == [180_00]
    ticket = accepts(desk, submits(desk))
    assert ledger.cost(ticket.key).kopecks_held == 180_00


def test_an_issued_invoice_keeps_its_price(desk: Desk) -> None:
    a_contract(desk.company.partner.pk, a_company())
    partner = desk.company.partner.pk
    issue_invoice(desk.cause(desk.owner, key=desk.key()), partner, Order(quantity=10))
    raises_prices(desk)
    issued = Invoice.objects.get()
    assert (issued.unit_price_kopecks, issued.total_kopecks) == (180_00, 1_800_00)
    issue_invoice(desk.cause(desk.owner, key=desk.key()), partner, Order(quantity=10))
    assert Invoice.objects.latest("paper_id").unit_price_kopecks == 360_00


def test_an_invoice_keeps_the_pack_that_ended(desk: Desk) -> None:
    a_contract(desk.company.partner.pk, a_company())
    partner, today = desk.company.partner.pk, queries.today(desk.now)
    pack = a_pack(30, unit_price_kopecks=170_00, bonus=2, since_on=today)
    order = Order(pack_id=pack)
    issue_invoice(desk.cause(desk.owner, key=desk.key()), partner, order)
    catalogue.end_pack(desk.cause(desk.house.vendor), pack, today)
    issued = Invoice.objects.get()
    assert (issued.quantity, issued.bonus, issued.unit_price_kopecks) == (30, 2, 170_00)
