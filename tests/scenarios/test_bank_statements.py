"""Importing a bank's statement: every row once, what is certain booked by itself (spec 3)."""

from __future__ import annotations

import time
from datetime import date

import pytest

from desk.deposits import queries as ledger
from desk.deposits.actions.importing import (
    Imported,
    MappingNameTaken,
    NothingNew,
    import_statement,
    keep_shipped,
    set_mapping,
)
from desk.deposits.actions.invoicing import Order, issue_invoice
from desk.deposits.models import Payment, Period
from desk.deposits.queries import imports, payments
from desk.partners.models import Calendar, Partner, PlanVersion
from desk.rules import bank
from desk.rules.bank import Skip
from desk.rules.bank_mapping import BankMapping, Field
from desk.rules.matching import Hint
from tests.scenarios.billing import a_company, a_contract
from tests.scenarios.deposits import MONDAY, a_partner, keyed, on

pytestmark = pytest.mark.django_db
SIMPLE = BankMapping({Field.DATE: "Day", Field.AMOUNT: "Sum", Field.PURPOSE: "For"})
ROWS, SECONDS_MAX = 10_000, 30


@pytest.fixture
def company() -> int:
    return a_company()


@pytest.fixture
def partner(company: int) -> int:
    found = a_partner()
    plan = Partner.objects.get(pk=found).plan
    calendar = Calendar.objects.get(name="Service")
    PlanVersion.objects.create(plan=plan, effective_on=on(-30), calendar=calendar, terms={})
    a_contract(found, company)
    return found


def statement(*rows: str) -> bytes:
    return "\n".join(["Day;Sum;For", *rows]).encode()


def read(company: int, content: bytes, key: str | None = None) -> Imported:
    kept = next((one.id for one in imports.mappings() if one.name == "Simple"), None)
    mapping = kept or set_mapping(keyed(), "Simple", SIMPLE)
    return import_statement(keyed(key), company, mapping, "statement.csv", content)


def test_what_is_certain_is_booked_and_the_rest_waits(company: int, partner: int) -> None:
    invoice = issue_invoice(keyed(), partner, Order(quantity=10))
    content = statement(
        f"20.11.2026;1800.00;Рахунок {invoice.number}",
        "20.11.2026;50.00;Дякуємо",
        "20.11.2026;-10.00;Комісія",
    )
    made = read(company, content)
    assert (made.row.new, made.row.known, made.row.skipped, made.matched) == (2, 0, 1, 1)
    assert ledger.balance(partner).consultations_available == 10
    (waiting,) = payments.unclear()
    assert (waiting.hint, waiting.amount_kopecks) == (Hint.NO_NUMBER, 50_00)


def test_a_row_is_one_payment_however_often_its_file_is_read(company: int) -> None:
    first = statement("20.11.2026;1.00;a", "20.11.2026;1.00;a", "21.11.2026;2.00;b")
    assert read(company, first, "form:1").row.new == 3
    assert read(company, first, "form:1").row.new == 3
    with pytest.raises(NothingNew):
        read(company, first)
    later = read(company, statement("21.11.2026;2.00;b", "22.11.2026;3.00;c")).row
    assert (later.new, later.known) == (1, 1)
    assert Payment.objects.count() == 4


def test_another_companys_statement_is_its_own(company: int) -> None:
    other = a_company(name="Second", code="", prefix="ІН")
    content = statement("20.11.2026;1.00;a")
    assert read(company, content).row.new == read(other, content).row.new == 1


def test_two_rows_that_pay_one_invoice_are_a_double_payment(company: int, partner: int) -> None:
    invoice = issue_invoice(keyed(), partner, Order(quantity=1))
    row = f"20.11.2026;180.00;рах. {invoice.number}"
    plan = imports.plan(company, bank.read(statement(row, row), SIMPLE), on(0))
    assert [one.verdict.hint for one in plan.new] == [None, Hint.PAID_ALREADY]
    assert read(company, statement(row, row)).matched == 1
    assert payments.unclear()[0].hint is Hint.PAID_ALREADY
    assert ledger.balance(partner).consultations_available == 1


def test_a_closed_month_and_a_day_ahead_are_skipped_with_the_reason(company: int) -> None:
    Period.objects.create(
        company_id=company, first_on=date(2026, 10, 1), closed_at=MONDAY, closed_by="person:7"
    )
    content = statement("31.10.2026;1.00;a", "24.11.2026;1.00;b", "01.11.2026;1.00;c")
    plan = imports.plan(company, bank.read(content, SIMPLE), on(0))
    assert [one.why for one in plan.skipped] == [Skip.CLOSED_MONTH, Skip.BAD_DAY]
    assert [one.row.purpose for one in plan.new] == ["c"]


def test_a_shipped_mapping_is_kept_at_its_first_use_and_mended_by_a_person() -> None:
    number = keep_shipped(keyed(), "monobank")
    assert keep_shipped(keyed(), "monobank") == number
    assert set_mapping(keyed(), "monobank", SIMPLE, number) == number
    assert imports.mapping(number).mapping == SIMPLE
    with pytest.raises(MappingNameTaken):
        set_mapping(keyed(), "monobank", SIMPLE)
    assert len(imports.mappings()) == 5


def test_ten_thousand_rows_are_read_soon(company: int, partner: int) -> None:
    invoice = issue_invoice(keyed(), partner, Order(quantity=1))
    rows = [f"20.11.2026;{number}.00;рахунок {number} від 20.11.2026" for number in range(2, ROWS)]
    content = statement(f"20.11.2026;180.00;рах. {invoice.number}", *rows)
    began = time.monotonic()
    made = read(company, content)
    assert (made.row.new, made.matched) == (ROWS - 1, 1)
    assert time.monotonic() - began < SECONDS_MAX
