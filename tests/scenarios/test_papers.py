"""Papers are issued once: numbers without gaps, bytes for ever, a wrong one is taken back."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from desk.deposits import printing
from desk.deposits.actions import catalogue, papering
from desk.deposits.actions.adjusting import ReasonMissing
from desk.deposits.actions.papering import (
    AlreadyCancelled,
    InvoicePaid,
    MonthClosed,
    NotCancellable,
    NotSignable,
    SigningDayWrong,
)
from desk.deposits.models import Invoice, Paper, Period, Series
from desk.deposits.queries import papers
from desk.journal.actions import KeyReused
from desk.journal.models import Entry
from desk.rules.billing import PaperKind, Purpose
from tests.scenarios.billing import a_company, a_contract, company_details, contract_details
from tests.scenarios.deposits import MONDAY, PRICE, a_partner, day, keyed
from tests.scenarios.papers import an_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.FILES_DIR = tmp_path
    return tmp_path


@pytest.fixture
def partner() -> int:
    partner_id = a_partner()
    a_contract(partner_id)
    return partner_id


def test_numbers_follow_one_another_per_company_year_and_kind(partner: int) -> None:
    numbers = [papering.issue(keyed(), an_invoice(partner)).number for _ in range(3)]
    assert numbers == ["ДВ-Р-2026-000001", "ДВ-Р-2026-000002", "ДВ-Р-2026-000003"]
    new_year = papering.issue(keyed(), an_invoice(partner, date(2027, 1, 4)))
    assert new_year.number == "ДВ-Р-2027-000001"
    taken_back = papering.cancel_paper(keyed(), new_year.id, "Не той пакет")
    assert taken_back.number == "ДВ-К-2026-000001"
    other = a_company(name="Second", code="99999919", prefix="")
    catalogue.set_contract(keyed(), partner, contract_details(other))
    assert papering.issue(keyed(), an_invoice(partner)).number == "ПД-Р-2026-000001"


def test_the_bytes_are_kept_and_say_what_the_paper_says(partner: int) -> None:
    row = papering.issue(keyed(), an_invoice(partner))
    pdf, xlsx = papers.content_of(row.id, "pdf"), papers.content_of(row.id, "xlsx")
    assert pdf.startswith(b"%PDF-")
    assert (pdf, xlsx) == printing.render(row.kind, row.content)
    with zipfile.ZipFile(io.BytesIO(xlsx)) as book:
        texts = book.read("xl/sharedStrings.xml").decode()
    assert row.number in texts
    assert "Одна тисяча вісімсот гривень 00 копійок" in texts
    assert "Призначення платежу" in texts


def test_a_paper_keeps_both_sides_as_they_were(partner: int) -> None:
    row = papering.issue(keyed(), an_invoice(partner))
    renamed = company_details(legal_name="ТОВ «Нова назва»", is_default=True)
    catalogue.set_company(keyed(), renamed, row.company_id)
    a_contract(partner, legal_name="ФОП Інша")
    kept = papers.paper(row.id).content
    assert kept["seller"]["legal_name"] == "ТОВ «Демо-виробник»"
    assert kept["buyer"]["legal_name"] == "ТОВ «Демо-партнер»"
    assert kept["contract"] == {"number": "42/2026", "signed_on": "2026-09-01"}
    anew = papering.issue(keyed(), an_invoice(partner))
    assert anew.content["seller"]["legal_name"] == "ТОВ «Нова назва»"


def test_l3_a_repeated_key_gives_the_first_paper(partner: int) -> None:
    cause = keyed("form:papers:1")
    first = papering.issue(cause, an_invoice(partner))
    assert papering.issue(cause, an_invoice(partner)) == first
    with pytest.raises(KeyReused):
        papering.issue(cause, an_invoice(partner, quantity=20))
    assert Paper.objects.count() == 1
    assert Series.objects.get().last == 1
    assert Entry.objects.filter(verb="issue_invoice").count() == 1


def test_a_failure_of_printing_takes_no_number(partner: int) -> None:
    papering.issue(keyed(), an_invoice(partner))
    broken = an_invoice(partner)
    assert isinstance(broken.content, dict)
    del broken.content["lines"]
    with pytest.raises(KeyError):
        papering.issue(keyed(), broken)
    assert papering.issue(keyed(), an_invoice(partner)).number == "ДВ-Р-2026-000002"


def test_a_wrong_paper_is_taken_back_by_another_that_names_it(partner: int) -> None:
    row = papering.issue(keyed(), an_invoice(partner))
    with pytest.raises(ReasonMissing):
        papering.cancel_paper(keyed(), row.id, "  ")
    other = papering.cancel_paper(keyed(), row.id, "Не та сума")
    assert (other.kind, other.total_kopecks) == (PaperKind.CORRECTION, -10 * PRICE)
    assert other.content["cancels"]["number"] == row.number
    assert papers.paper(row.id).cancelled_by == other.number
    with pytest.raises(AlreadyCancelled):
        papering.cancel_paper(keyed(), row.id, "Ще раз")
    with pytest.raises(NotCancellable):
        papering.cancel_paper(keyed(), other.id, "Назад")


def test_l3_a_cancellation_repeated_with_its_key_is_the_same(partner: int) -> None:
    row = papering.issue(keyed(), an_invoice(partner))
    cause = keyed("form:papers:2")
    first = papering.cancel_paper(cause, row.id, "Не та сума")
    assert papering.cancel_paper(cause, row.id, "Не та сума") == first


def test_a_paid_invoice_is_not_taken_back(partner: int) -> None:
    row = papering.issue(keyed(), an_invoice(partner))
    Invoice.objects.create(
        paper_id=row.id,
        partner_id=partner,
        company_id=row.company_id,
        purpose=Purpose.CONSULTATIONS,
        quantity=10,
        unit_price_kopecks=PRICE,
        total_kopecks=row.total_kopecks,
        issued_at=MONDAY,
        due_on=MONDAY.date(),
        paid_kopecks=1,
    )
    with pytest.raises(InvoicePaid):
        papering.cancel_paper(keyed(), row.id, "Запізно")


def test_no_paper_is_dated_in_a_closed_month(partner: int) -> None:
    draft = an_invoice(partner)
    Period.objects.create(
        company_id=draft.company_id,
        first_on=date(2026, 11, 1),
        closed_at=MONDAY,
        closed_by="person:1",
    )
    with pytest.raises(MonthClosed):
        papering.issue(keyed(), draft)
    assert papering.issue(keyed(), an_invoice(partner, date(2026, 12, 1))).number


def test_papers_come_back_signed_once(partner: int) -> None:
    invoice = papering.issue(keyed(), an_invoice(partner))
    with pytest.raises(NotSignable):
        papering.sign(keyed(), invoice.id, MONDAY.date())
    until = day(1).date()
    row = papering.issue_reconciliation(keyed(), partner, MONDAY.date(), until)
    for wrong in (MONDAY.date() - timedelta(days=1), until + timedelta(days=1)):
        with pytest.raises(SigningDayWrong):
            papering.sign(keyed(at=day(1)), row.id, wrong)
    signed = papering.sign(keyed(at=day(1)), row.id, until)
    assert signed.signed_on == until
    assert papering.sign(keyed(), row.id, MONDAY.date()).signed_on == until
    assert Entry.objects.filter(verb="sign_paper").count() == 1


def test_lists_are_of_a_partner_a_kind_and_days(partner: int) -> None:
    other = a_partner("ELS")
    mine = [papering.issue(keyed(), an_invoice(partner)).id for _ in range(3)]
    papering.issue(keyed(), an_invoice(other))
    taken_back = papering.cancel_paper(keyed(), mine[0], "Помилка").id
    assert [row.id for row in papers.papers(partner_id=partner)] == [taken_back, *mine[::-1]]
    invoices = papers.papers(partner_id=partner, kinds=[PaperKind.INVOICE], before=mine[2], most=1)
    assert [row.id for row in invoices] == [mine[1]]
    assert papers.papers(issued=(date(2026, 12, 1), date(2026, 12, 31))) == []
    assert len(papers.papers(issued=(MONDAY.date(), MONDAY.date()))) == 5
