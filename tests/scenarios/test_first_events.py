"""First events of a VAT payer, the payments behind charges, and how old debts are."""

from __future__ import annotations

from datetime import date

import pytest

from desk.deposits import actions
from desk.deposits.actions import paying, refunding
from desk.deposits.actions.paying import Incoming
from desk.deposits.models import Lot
from desk.deposits.queries import ageing, figures, first_events
from desk.deposits.queries.first_events import EventKind, FirstEvent
from desk.deposits.queries.payments import PaymentRow
from desk.partners.models import StaffRole
from tests.scenarios.billing import a_company, a_contract
from tests.scenarios.deposits import (
    PRICE,
    a_partner,
    buys,
    day,
    holds,
    keyed,
    on,
    staff,
    unkeyed,
)

pytestmark = pytest.mark.django_db

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 31)


@pytest.fixture
def company() -> int:
    return a_company(is_vat_payer=True, tax_number="999999999999")


@pytest.fixture
def partner(company: int) -> int:
    found = a_partner()
    a_contract(found, company)
    return found


def pays(company: int, partner: int, kopecks: int, days: int) -> PaymentRow:
    """Money came in and is booked as money of the deposit."""
    incoming = Incoming(company_id=company, kopecks=kopecks, paid_on=on(days), reference="77")
    row = paying.take_payment(keyed(at=day(days)), incoming)
    return paying.match_payment(keyed(at=day(days)), row.id, partner, None, kopecks)


def lends(partner: int, subject: str, days: int) -> None:
    actions.hold_for_bug(
        unkeyed(day(days)),
        partner,
        [subject],
        credit_limit=3,
        unit_price_kopecks=PRICE,
        memo=subject,
    )


def events(company: int) -> list[FirstEvent]:
    return first_events.first_events(company, NOVEMBER, DECEMBER)


def kinds(company: int) -> list[tuple[EventKind, int]]:
    return [(one.kind, one.kopecks) for one in events(company)]


@pytest.mark.parametrize(
    ("kopecks", "percent", "vat"),
    [(120_00, 20, 20_00), (1, 20, 0), (3, 20, 1), (100, 20, 17), (-100, 20, -17), (107, 7, 7)],
)
def test_vat_inside_a_sum_is_rounded_to_the_kopiyka(kopecks: int, percent: int, vat: int) -> None:
    assert first_events.vat_in(kopecks, percent) == vat


def test_money_that_comes_first_is_the_event(company: int, partner: int) -> None:
    pays(company, partner, 600_00, 1)
    (event,) = events(company)
    assert (event.kind, event.on, event.partner_id) == (EventKind.PAYMENT, on(1), partner)
    assert (event.kopecks, event.base_kopecks, event.vat_kopecks) == (600_00, 500_00, 100_00)


def test_work_on_credit_comes_first_and_its_payment_is_none_again(
    company: int, partner: int
) -> None:
    lends(partner, "ticket:1", 0)
    assert kinds(company) == []
    actions.capture(unkeyed(day(1)), ["ticket:1"])
    assert kinds(company) == [(EventKind.WORK, PRICE)]
    buys(partner, 3, at=day(2))
    assert kinds(company) == [(EventKind.WORK, PRICE), (EventKind.BOOKED, 2 * PRICE)]


def test_credit_that_is_paid_before_the_work_is_an_event_of_the_payment(
    company: int, partner: int
) -> None:
    lends(partner, "ticket:1", 0)
    buys(partner, 1, at=day(1))
    actions.capture(unkeyed(day(2)), ["ticket:1"])
    assert kinds(company) == [(EventKind.BOOKED, PRICE)]


def test_work_on_credit_that_is_taken_back_takes_its_event_back(company: int, partner: int) -> None:
    lends(partner, "ticket:1", 0)
    actions.capture(unkeyed(day(1)), ["ticket:1"])
    actions.reverse(keyed(at=day(2)), "ticket:1", 1, "A defect")
    assert [one.kopecks for one in events(company)] == [PRICE, -PRICE]


def test_money_sent_back_takes_its_event_back(company: int, partner: int) -> None:
    pays(company, partner, 600_00, 1)
    lot = Lot.objects.get(partner_id=partner)
    by, second = staff(StaffRole.ACCOUNTANT), staff(StaffRole.ACCOUNTANT)
    asked = refunding.propose_refund(keyed(at=day(2), by=by), lot.pk, 120_00, "Leaves")
    refunding.approve_refund(keyed(at=day(3), by=second), asked.id)
    assert len(events(company)) == 1
    refunding.pay_refund(keyed(at=day(4), by=by), asked.id, on(4), "8")
    refund = events(company)[-1]
    assert (refund.kind, refund.kopecks, refund.vat_kopecks) == (
        EventKind.REFUND,
        -120_00,
        -20_00,
    )


def test_a_payment_that_goes_back_is_two_events(company: int) -> None:
    incoming = Incoming(company_id=company, kopecks=50_00, paid_on=on(1))
    row = paying.take_payment(keyed(at=day(1)), incoming)
    paying.return_payment(keyed(at=day(2)), row.id, "Not for us")
    assert kinds(company) == [(EventKind.PAYMENT, 50_00), (EventKind.RETURNED, -50_00)]


def test_a_charge_leads_to_the_payment_through_converted_money(company: int, partner: int) -> None:
    payment = pays(company, partner, 500_00, 1)
    actions.convert(keyed(at=day(2)), partner, 2, PRICE)
    holds(partner, "ticket:1", at=day(3))
    actions.capture(unkeyed(day(3)), ["ticket:1"])
    (charge,) = first_events.charges([partner], *figures.bounds(NOVEMBER, DECEMBER))
    assert (charge.amount, charge.kopecks, charge.is_units) == (1, PRICE, True)
    assert [(one.payment_id, one.reference) for one in charge.payments] == [(payment.id, "77")]


def test_a_bonus_and_a_purchase_without_payment_lead_to_none(partner: int) -> None:
    actions.buy(keyed(), partner, 1, 0, 0, bonus=True)
    holds(partner, "ticket:1", at=day(1))
    actions.capture(unkeyed(day(1)), ["ticket:1"])
    (charge,) = first_events.charges([partner], *figures.bounds(NOVEMBER, DECEMBER))
    assert (charge.kopecks, charge.payments) == (0, ())


def test_credit_ages_from_the_day_it_was_given(partner: int) -> None:
    lends(partner, "ticket:1", 0)
    assert ageing.credit([partner], on(40)) == []
    actions.capture(unkeyed(day(1)), ["ticket:1"])
    for days, bucket in ((0, 0), (1, 1), (30, 1), (31, 2), (61, 3), (91, 4)):
        (aged,) = ageing.credit([partner], on(days))
        assert [place for place, kopecks in enumerate(aged.kopecks) if kopecks] == [bucket]
        assert aged.total_kopecks == PRICE
