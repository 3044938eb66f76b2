"""Invoices and their payments: whole units, money that is left, the bonus once (spec 3, L3, L6)."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from desk.deposits import actions
from desk.deposits import queries as ledger
from desk.deposits.actions.invoicing import (
    ContractMissing,
    Order,
    OrderWrong,
    TooManyOpen,
    cancel_invoice,
    issue_invoice,
)
from desk.deposits.actions.papering import InvoicePaid
from desk.deposits.actions.paying import (
    DayWrong,
    Incoming,
    InvoiceClosed,
    MoreThanPaid,
    PaymentMoved,
    PeriodClosed,
    WhyMissing,
    match_payment,
    return_payment,
    take_payment,
)
from desk.deposits.models import Allocation, Invoice, Payment, Period
from desk.deposits.queries import invoices, payments
from desk.deposits.queries.catalogue import CompanyMissing
from desk.deposits.queries.invoices import InvoiceRow
from desk.deposits.queries.payments import PaymentRow
from desk.deposits.values import Balance
from desk.journal.actions import KeyReused
from desk.partners.models import Calendar, Partner, PlanVersion
from desk.rules import settlement
from desk.rules.billing import Purpose
from desk.rules.matching import Hint
from desk.rules.settlement import InvoiceState
from tests.scenarios.billing import OTHER_COMPANY_CODE, a_company, a_contract, a_pack
from tests.scenarios.deposits import MONDAY, MONEY, PRICE, a_partner, keyed, on, unkeyed

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> int:
    """A partner with a contract, of a company that sells."""
    found = on_a_plan(a_partner())
    a_company()
    a_contract(found)
    return found


def on_a_plan(partner_id: int) -> int:
    """The partner's plan with the default terms."""
    plan = Partner.objects.get(pk=partner_id).plan
    calendar = Calendar.objects.get(name="Service")
    PlanVersion.objects.create(plan=plan, effective_on=on(-30), calendar=calendar, terms={})
    return partner_id


def issued(partner: int, quantity: int = 10, **order: Any) -> InvoiceRow:
    return issue_invoice(keyed(), partner, Order(**(order or {"quantity": quantity})))


def paid(invoice: InvoiceRow, kopecks: int | None = None, **fields: Any) -> PaymentRow:
    """Money that came for an invoice, by its number; the sum of it unless another is named."""
    given = {
        "company_id": invoice.company_id,
        "kopecks": invoice.left_kopecks if kopecks is None else kopecks,
        "paid_on": on(0),
        "purpose": f"Оплата за послуги зг. рахунку № {invoice.number}",
        **fields,
    }
    return take_payment(keyed(), Incoming(**given))


def matched(payment: PaymentRow, invoice: InvoiceRow, kopecks: int | None = None) -> PaymentRow:
    booked = payment.left_kopecks if kopecks is None else kopecks
    return match_payment(keyed(), payment.id, invoice.partner_id, invoice.id, booked)


def fresh(invoice: InvoiceRow) -> InvoiceRow:
    return invoices.invoice(invoice.id)


def test_an_invoice_is_issued_at_the_price_of_the_day_and_its_paper_says_so(partner: int) -> None:
    found = issued(partner, 10)
    assert (found.purpose, found.quantity, found.unit_price_kopecks) == (
        Purpose.CONSULTATIONS,
        10,
        PRICE,
    )
    assert found.total_kopecks == 10 * PRICE
    assert found.due_on == on(7)
    assert found.state(on(0)) is InvoiceState.OPEN
    assert found.state(on(8)) is InvoiceState.OVERDUE
    assert [one.id for one in invoices.open_invoices(partner)] == [found.id]


def test_a_pack_is_snapshot(partner: int) -> None:
    pack = a_pack(20, bonus=2, unit_price_kopecks=150_00, validity_days=365)
    found = issued(partner, pack_id=pack)
    assert (found.quantity, found.bonus, found.unit_price_kopecks) == (20, 2, 150_00)
    assert (found.validity_days, found.total_kopecks) == (365, 20 * 150_00)


def test_money_of_an_estimate_is_invoiced_for_its_ticket(partner: int) -> None:
    found = issued(partner, kopecks=5_000_00, subject="ticket:42", memo="OLH-42 Prices")
    assert (found.purpose, found.quantity, found.subject) == (Purpose.MONEY, 0, "ticket:42")
    paid(found)
    assert ledger.balance(partner).money_available_kopecks == 5_000_00
    assert fresh(found).state(on(0)) is InvoiceState.PAID


def test_an_invoice_is_issued_once_per_key(partner: int) -> None:
    cause = keyed("form:invoice")
    first = issue_invoice(cause, partner, Order(quantity=3))
    assert issue_invoice(cause, partner, Order(quantity=3)) == first
    with pytest.raises(KeyReused):
        issue_invoice(cause, partner, Order(quantity=4))
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize(
    "order",
    [
        Order(),
        Order(quantity=1, kopecks=1),
        Order(quantity=10_001),
        Order(kopecks=10_000_000_01),
        Order(pack_id=1_000_000),
    ],
)
def test_an_order_names_one_thing_within_the_limits(partner: int, order: Order) -> None:
    with pytest.raises(OrderWrong):
        issue_invoice(keyed(), partner, order)


def test_without_company_or_contract_there_is_no_invoice() -> None:
    partner = on_a_plan(a_partner())
    with pytest.raises(CompanyMissing):
        issued(partner)
    a_company()
    with pytest.raises(ContractMissing):
        issued(partner)


def test_open_invoices_have_a_limit(partner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.deposits.actions.invoicing.OPEN_INVOICES_MAX", 1)
    issued(partner)
    with pytest.raises(TooManyOpen):
        issued(partner)


def test_a_payment_with_number_and_sum_is_booked_by_itself(partner: int) -> None:
    invoice = issued(partner, 10)
    payment = paid(invoice)
    assert (payment.left_kopecks, payment.hint, payment.partner_id) == (0, None, partner)
    assert ledger.balance(partner) == Balance(10, 0, 0, 0)
    assert fresh(invoice).state(on(0)) is InvoiceState.PAID
    (booked,) = payments.allocations_of(invoice.id)
    assert (booked.payment_id, booked.amount_kopecks, booked.verb) == (payment.id, 1_800_00, "buy")


def test_a_pack_gives_its_bonus_once_and_lives_as_long_as_it_says(partner: int) -> None:
    pack = a_pack(10, bonus=2, validity_days=365)
    paid(issued(partner, pack_id=pack))
    assert ledger.balance(partner).consultations_available == 12
    assert {lot.expires_on for lot in ledger.lots(partner)} == {on(365)}
    assert [lot.quantity for lot in ledger.lots(partner) if lot.source == "bonus"] == [2]


def test_two_halves_of_a_unit_become_one(partner: int) -> None:
    invoice = issued(partner, pack_id=a_pack(10, bonus=1))
    matched(paid(invoice, 500_00), invoice)
    assert ledger.balance(partner) == Balance(2, 0, 140_00, 0)
    assert fresh(invoice).state(on(0)) is InvoiceState.PART_PAID
    paid(invoice, 1_300_00)
    assert ledger.balance(partner) == Balance(11, 0, 0, 0)
    after = fresh(invoice)
    assert (after.bought, after.paid_kopecks, after.is_open) == (10, 1_800_00, False)


def test_money_that_was_spent_meanwhile_buys_nothing_more(partner: int) -> None:
    invoice = issued(partner, 10)
    matched(paid(invoice, 500_00), invoice)
    actions.hold(
        unkeyed(), partner, ["ticket:9/hours:1"], commodity=MONEY, quantity_each=100_00, memo="x"
    )
    paid(invoice, 1_300_00)
    assert ledger.balance(partner) == Balance(9, 0, 80_00, 100_00)
    assert fresh(invoice).bought == 9
    assert fresh(invoice).state(on(0)) is InvoiceState.PAID


def test_other_money_of_the_deposit_is_not_spent_on_an_invoice(partner: int) -> None:
    actions.top_up(keyed(), partner, 1_000_00, "for programmers")
    invoice = issued(partner, 10)
    matched(paid(invoice, 500_00), invoice)
    matched(paid(invoice, 100_00), invoice)
    # 140 and 100 left: one unit of them, none of the other money.
    assert ledger.balance(partner) == Balance(3, 0, 1_060_00, 0)


def test_an_overpayment_stays_money(partner: int) -> None:
    invoice = issued(partner, 10)
    payment = paid(invoice, 2_000_00)
    assert (payment.hint, payment.left_kopecks) == (Hint.OTHER_SUM, 2_000_00)
    matched(payment, invoice)
    assert ledger.balance(partner) == Balance(10, 0, 200_00, 0)
    assert fresh(invoice).state(on(0)) is InvoiceState.PAID


def test_a_double_payment_is_left_to_a_person(partner: int) -> None:
    invoice = issued(partner, 10)
    paid(invoice)
    second = paid(invoice, 1_800_00)
    assert (second.hint, second.left_kopecks) == (Hint.PAID_ALREADY, 1_800_00)
    with pytest.raises(InvoiceClosed):
        matched(second, invoice)
    match_payment(keyed(), second.id, partner, None, 1_000_00)
    assert ledger.balance(partner) == Balance(10, 0, 1_000_00, 0)
    returned = return_payment(keyed(), second.id, "Paid twice")
    assert (returned.left_kopecks, returned.is_unclear) == (800_00, False)
    with pytest.raises(MoreThanPaid):
        match_payment(keyed(), second.id, partner, None, 1)


def test_one_payment_pays_several_invoices(partner: int) -> None:
    one, two = issued(partner, 2), issued(partner, 3)
    payment = paid(one, 5 * PRICE, purpose=f"рах. {one.number}, {two.number}")
    assert payment.hint is Hint.SEVERAL_NUMBERS
    offered = payments.suggestions(payment)
    assert {(each.invoice.id, each.kopecks) for each in offered if each.invoice} == {
        (one.id, 2 * PRICE),
        (two.id, 3 * PRICE),
    }
    matched(payment, one, 2 * PRICE)
    matched(payment, two, 3 * PRICE)
    assert ledger.balance(partner).consultations_available == 5
    assert payments.unclear() == []


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"purpose": "Оплата за послуги"}, Hint.NO_NUMBER),
        ({"purpose": "Рахунок № 999"}, Hint.UNKNOWN_INVOICE),
        ({"payer_code": "11111111"}, Hint.OTHER_PAYER),
        ({"kopecks": 1}, Hint.OTHER_SUM),
    ],
)
def test_what_is_not_certain_is_left_with_a_hint(
    partner: int, fields: dict[str, Any], hint: Hint
) -> None:
    assert paid(issued(partner), **fields).hint is hint
    assert len(payments.unclear()) == 1
    assert ledger.balance(partner) == Balance()


def test_the_payers_own_code_does_not_stand_in_the_way(partner: int) -> None:
    assert paid(issued(partner), payer_code=OTHER_COMPANY_CODE).hint is None


def test_a_payer_without_a_number_is_offered_their_invoices_and_deposit(partner: int) -> None:
    invoice = issued(partner)
    payment = paid(invoice, purpose="Оплата", payer_code=OTHER_COMPANY_CODE)
    offered = payments.suggestions(payment)
    assert [one.invoice and one.invoice.id for one in offered] == [invoice.id, None]
    assert all(one.is_payer for one in offered)


def test_a_payment_is_taken_once_per_fingerprint(partner: int) -> None:
    invoice = issued(partner)
    first = paid(invoice, fingerprint="liqpay:1")
    again = paid(invoice, 1_800_00, fingerprint="liqpay:1")
    assert (again.id, again.entry_id) == (first.id, first.entry_id)
    assert ledger.balance(partner).consultations_available == 10
    with pytest.raises(KeyReused):
        paid(invoice, 1, fingerprint="liqpay:1")


def test_who_looked_at_an_older_state_is_told(partner: int) -> None:
    invoice = issued(partner)
    payment = paid(invoice, 500_00)
    matched(payment, invoice, 100_00)
    with pytest.raises(PaymentMoved):
        match_payment(keyed().looking_at(0), payment.id, partner, invoice.id, 100_00)


@pytest.mark.parametrize("days", [1, -2000])
def test_a_payments_day_is_near(partner: int, days: int) -> None:
    with pytest.raises(DayWrong):
        paid(issued(partner), paid_on=on(days))


def test_nothing_is_paid_into_a_closed_month(partner: int) -> None:
    invoice = issued(partner)
    Period.objects.create(
        company_id=invoice.company_id,
        first_on=date(2026, 10, 1),
        closed_at=MONDAY,
        closed_by="person:7",
    )
    with pytest.raises(PeriodClosed):
        paid(invoice, paid_on=date(2026, 10, 31))
    assert not Payment.objects.exists()


def test_money_is_sent_back_for_a_reason(partner: int) -> None:
    payment = paid(issued(partner), 1)
    with pytest.raises(WhyMissing):
        return_payment(keyed(), payment.id, "  ")


def test_an_unpaid_invoice_is_cancelled_and_a_paid_one_is_not(partner: int) -> None:
    invoice = issued(partner)
    assert cancel_invoice(keyed(), invoice.id, "Wrong quantity").state(on(0)) is (
        InvoiceState.CANCELLED
    )
    late = paid(invoice, 1_800_00)
    assert late.hint is Hint.CANCELLED_INVOICE
    other = issued(partner)
    matched(paid(other, 1_00), other)
    with pytest.raises(InvoicePaid):
        cancel_invoice(keyed(), other.id, "Too late")


def test_a_purchase_fills_what_is_owed_first(partner: int) -> None:
    actions.hold_for_bug(
        unkeyed(), partner, ["ticket:7"], credit_limit=0, unit_price_kopecks=PRICE, memo="OLH-7"
    )
    invoice = issued(partner, 3)
    paid(invoice)
    assert ledger.balance(partner) == Balance(2, 1, 0, 0)
    assert fresh(invoice).bought == 3


def test_every_allocation_leads_to_its_own_transaction(partner: int) -> None:
    invoice = issued(partner, 10)
    for kopecks in (500_00, 500_00):
        matched(paid(invoice, kopecks), invoice)
    paid(invoice, 800_00)
    sums = list(Allocation.objects.values_list("amount_kopecks", flat=True).order_by("id"))
    assert sums == [500_00, 500_00, 800_00]
    assert ledger.balance(partner) == Balance(10, 0, 0, 0)


@pytest.mark.parametrize("seed", range(4))
def test_the_ledger_does_what_the_arithmetic_says(partner: int, seed: int) -> None:
    chance = random.Random(seed)
    invoice = issued(partner, 10)
    due, rest = invoice.due, 0
    while due.left_kopecks:
        kopecks = min(chance.randint(1, 700_00), due.left_kopecks + 50_00)
        payment = paid(invoice, kopecks, purpose="")
        matched(payment, invoice)
        made = settlement.pay(due, kopecks, rest)
        due, rest = made.due, made.rest_kopecks
        assert ledger.balance(partner) == Balance(due.bought, 0, rest, 0)
    assert fresh(invoice).due == due
