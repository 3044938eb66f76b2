"""Several people and machines at once: a payment is kept once and booked once (L1, L3)."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk.deposits import queries
from desk.deposits.actions.invoicing import Order, issue_invoice
from desk.deposits.actions.paying import Incoming, match_payment, take_payment
from desk.deposits.checks import check
from desk.deposits.models import Allocation, Invoice, Payment
from desk.deposits.queries import payments
from desk.deposits.queries.invoices import InvoiceRow
from desk.deposits.values import Balance
from desk.partners.models import Calendar, Partner, PlanVersion
from desk.rules.matching import Hint
from tests.scenarios.billing import a_company, a_contract
from tests.scenarios.deposits import PRICE, a_partner, keyed, on
from tests.scenarios.test_deposit_races import at_once


@pytest.fixture
def invoice(committed: str) -> InvoiceRow:
    """Ten consultations to be paid."""
    partner = a_partner()
    plan = Partner.objects.get(pk=partner).plan
    calendar = Calendar.objects.get(name="Service")
    PlanVersion.objects.create(plan=plan, effective_on=on(-30), calendar=calendar, terms={})
    a_contract(partner, a_company())
    return issue_invoice(keyed(), partner, Order(quantity=10))


def incoming(invoice: InvoiceRow, kopecks: int, **fields: str) -> Incoming:
    return Incoming(
        company_id=invoice.company_id,
        kopecks=kopecks,
        paid_on=on(0),
        purpose=f"рах. {invoice.number}",
        **fields,  # type: ignore[arg-type]  # texts only
    )


def test_l3_copies_of_one_payment_are_one(invoice: InvoiceRow) -> None:
    told = incoming(invoice, 10 * PRICE, fingerprint="liqpay:1")
    copies = [partial(take_payment, keyed(), told) for _ in range(20)]
    assert at_once(copies) == {"done": 20}
    assert Payment.objects.count() == Allocation.objects.count() == 1
    assert queries.balance(invoice.partner_id) == Balance(10)
    assert check() == []


def test_two_payments_of_one_invoice_book_one_and_leave_the_other(invoice: InvoiceRow) -> None:
    told = incoming(invoice, 10 * PRICE)
    assert at_once([partial(take_payment, keyed(), told) for _ in range(10)]) == {"done": 10}
    waiting = payments.unclear()
    assert {one.hint for one in waiting} == {Hint.PAID_ALREADY}
    assert len(waiting) == 9
    assert queries.balance(invoice.partner_id) == Balance(10)


def test_of_accountants_at_once_one_wins_and_the_others_are_told(invoice: InvoiceRow) -> None:
    payment = take_payment(keyed(), incoming(invoice, 5 * PRICE))
    outcome = at_once(
        [
            partial(
                match_payment,
                keyed().looking_at(0),
                payment.id,
                invoice.partner_id,
                invoice.id,
                5 * PRICE,
            )
            for _ in range(10)
        ]
    )
    assert outcome == {"done": 1, "PaymentMoved": 9}
    assert queries.balance(invoice.partner_id) == Balance(5)
    assert Invoice.objects.get().paid_kopecks == 5 * PRICE


def test_pieces_of_one_payment_never_exceed_it(invoice: InvoiceRow) -> None:
    payment = take_payment(keyed(), incoming(invoice, 3 * PRICE))
    outcome = at_once(
        [
            partial(match_payment, keyed(), payment.id, invoice.partner_id, invoice.id, PRICE)
            for _ in range(10)
        ]
    )
    assert outcome == {"done": 3, "MoreThanPaid": 7}
    assert queries.balance(invoice.partner_id) == Balance(3)
    assert check() == []


def test_a_payment_waits_for_who_closes_its_month(invoice: InvoiceRow) -> None:
    """The close locks the company: looked at before, it might be closed an instant later."""
    with CaptureQueriesContext(connection) as caught:
        take_payment(keyed(), incoming(invoice, 5 * PRICE))
    asked = [query["sql"] for query in caught]
    locks = next(i for i, sql in enumerate(asked) if "FOR KEY SHARE" in sql and "company" in sql)
    looks = next(i for i, sql in enumerate(asked) if '"deposits_period"' in sql)
    assert locks < looks
