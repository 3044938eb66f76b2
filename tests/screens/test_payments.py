"""Payments, bank statements and invoices on the accountant's pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.deposits import queries as ledger
from desk.deposits.actions.invoicing import Order, issue_invoice
from desk.deposits.actions.paying import Incoming, take_payment
from desk.deposits.models import Invoice, Payment
from desk.deposits.queries.invoices import InvoiceRow
from desk.deposits.queries.payments import PaymentRow
from desk.partners import queries as partners
from desk.rules import banks
from desk.rules.matching import Hint
from tests.language import Desk
from tests.scenarios import billing
from tests.screens.visits import Visit

QUERIES_MAX = 30


@pytest.fixture
def desk(db: None) -> Desk:
    found = Desk.open()
    company = billing.a_company()
    billing.a_contract(found.company.partner.pk, company)
    return found


@pytest.fixture
def accountant(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.accountant, desk, monkeypatch)


def issued(desk: Desk, quantity: int = 10) -> InvoiceRow:
    order = Order(quantity=quantity)
    return issue_invoice(desk.cause(desk.owner, key=desk.key()), desk.company.partner.pk, order)


def paid(desk: Desk, invoice: InvoiceRow, kopecks: int, **fields: Any) -> PaymentRow:
    given = {
        "company_id": invoice.company_id,
        "kopecks": kopecks,
        "paid_on": partners.today(desk.now),
        "purpose": f"рах. {invoice.number}",
        "payer_name": "ТОВ «Демо-партнер»",
        **fields,
    }
    return take_payment(desk.cause(desk.house.accountant, key=desk.key()), Incoming(**given))


def balance(desk: Desk) -> Any:
    return ledger.balance(desk.company.partner.pk)


def test_a_payment_entered_by_hand_finds_its_invoice(desk: Desk, accountant: Visit) -> None:
    invoice = issued(desk)
    answer = accountant.post(
        reverse("accounting:payment_new"),
        company=invoice.company_id,
        amount="1 800,00",
        paid_on=partners.today(desk.now).isoformat(),
        purpose=f"Оплата рах {invoice.number}",
    )
    payment = Payment.objects.get()
    assert answer["Location"] == reverse("accounting:payment", args=[payment.pk])
    assert balance(desk).consultations_available == 10
    page = accountant.page(reverse("accounting:payment", args=[payment.pk]))
    assert invoice.number in page
    assert "nothing is left" in page


def test_a_wrong_day_is_refused_beside_the_form(desk: Desk, accountant: Visit) -> None:
    invoice = issued(desk)
    answer = accountant.post(
        reverse("accounting:payment_new"),
        company=invoice.company_id,
        amount="1",
        paid_on="2031-01-01",
    )
    assert answer.status_code == 422
    assert "neither ahead nor years back" in answer.content.decode()


def test_the_suggestion_is_one_press_away(desk: Desk, accountant: Visit) -> None:
    invoice = issued(desk)
    payment = paid(desk, invoice, 2_000_00)
    page = accountant.page(reverse("accounting:payments"))
    assert "another sum than is left of the invoice" in page
    assert "200.00" in page  # what stays money is said before the press
    target, amount = re.findall(r'name="(?:target|amount)" value="([^"]+)"', page)[:2]
    answer = accountant.post(
        reverse("accounting:match", args=[payment.id]), version=0, target=target, amount=amount
    )
    assert answer["Location"] == reverse("accounting:payments")
    assert (balance(desk).consultations_available, balance(desk).money_available_kopecks) == (
        10,
        200_00,
    )
    assert Invoice.objects.get().paid_at is not None


def test_the_second_of_two_accountants_is_told(desk: Desk, accountant: Visit) -> None:
    invoice = issued(desk)
    payment = paid(desk, invoice, 500_00)
    url = reverse("accounting:match", args=[payment.id])
    sent: dict[str, Any] = {"version": 0, "invoice-number": invoice.number, "invoice-amount": "250"}
    assert accountant.post(url, **sent).status_code == 302
    late = accountant.post(url, **sent)
    assert late.status_code == 409
    assert "Somebody booked this payment" in late.content.decode()
    assert Payment.objects.get().left_kopecks == 250_00


def test_an_unknown_number_is_refused_beside_the_form(desk: Desk, accountant: Visit) -> None:
    payment = paid(desk, issued(desk), 500_00)
    url = reverse("accounting:match", args=[payment.id])
    answer = accountant.post(url, **{"invoice-number": "999", "invoice-amount": "1"})
    assert answer.status_code == 422
    assert "No invoice of this company has this number" in answer.content.decode()


def test_the_end_of_a_number_is_enough_for_a_person(desk: Desk, accountant: Visit) -> None:
    payment = paid(desk, issued(desk), 180_00)
    url = reverse("accounting:match", args=[payment.id])
    assert accountant.post(url, **{"invoice-number": "1", "invoice-amount": "180"}).status_code == (
        302
    )
    assert balance(desk).consultations_available == 1


def test_money_goes_to_a_deposit_and_the_rest_back(desk: Desk, accountant: Visit) -> None:
    payment = paid(desk, issued(desk), 500_00, purpose="")
    sent: dict[str, Any] = {"deposit-partner": desk.company.partner.pk, "deposit-amount": "300"}
    accountant.post(reverse("accounting:deposit", args=[payment.id]), **sent)
    assert balance(desk).money_available_kopecks == 300_00
    url = reverse("accounting:send_back", args=[payment.id])
    assert accountant.post(url, **{"return-why": ""}).status_code == 422
    assert accountant.post(url, **{"return-why": "Paid by mistake"}).status_code == 302
    page = accountant.page(reverse("accounting:payment", args=[payment.id]))
    assert "Paid by mistake" in page


@pytest.mark.parametrize(
    "target", ["", "invoice:x", "other:1", "invoice:²", "deposit:" + "9" * 5_000]
)
def test_a_forged_button_is_not_there(desk: Desk, accountant: Visit, target: str) -> None:
    payment = paid(desk, issued(desk), 1)
    url = reverse("accounting:match", args=[payment.id])
    assert accountant.post(url, target=target, amount="1").status_code == 404


def test_payments_are_found_and_paged(
    desk: Desk, accountant: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = issued(desk)
    for number in range(4):
        paid(desk, invoice, 1_00, payer_name=f"Payer {number}")
    monkeypatch.setattr("desk.deposits.queries.payments.PAGE_MAX", 3)
    url = reverse("accounting:payments")
    page = accountant.page(url)
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older is not None
    assert "Payer 0" in accountant.page(older[1].replace("&amp;", "&"))
    found = accountant.page(f"{url}?q=Payer+2")
    assert "Payer 2" in found
    assert "Payer 1" not in found
    assert accountant.get(f"{url}?before=x").status_code == 404


def test_many_unclear_payments_cost_no_more_queries(desk: Desk, accountant: Visit) -> None:
    invoice = issued(desk)
    url = reverse("accounting:payments")
    for _ in range(2):
        paid(desk, invoice, 1_00, payer_code=billing.OTHER_COMPANY_CODE)
    few = accountant.queries(url)
    for _ in range(10):
        paid(desk, invoice, 1_00, payer_code=billing.OTHER_COMPANY_CODE)
    assert accountant.queries(url) == few < QUERIES_MAX


def upload(accountant: Visit, content: bytes, **fields: Any) -> Any:
    file = SimpleUploadedFile("statement.csv", content)
    return accountant.post(reverse("accounting:import_preview"), file=file, **fields)


def test_a_statement_is_shown_before_it_is_imported(desk: Desk, accountant: Visit) -> None:
    invoice = issued(desk)
    head = ";".join(banks.PRIVATBANK.columns.values())
    row = (
        f"UA1;UAH;1;20.11.2026;UA2;{billing.OTHER_COMPANY_CODE};Демо;1 800.00;рах {invoice.number}"
    )
    other = "UA1;UAH;2;20.11.2026;UA2;1;Хтось;5.00;дякую"
    out = "UA1;UAH;3;20.11.2026;UA2;1;Хтось;-5.00;оренда"
    content = "\n".join([head, row, other, out]).encode("cp1251")
    bank = "ПриватБанк (Приват24 для бізнесу)"
    answer = upload(accountant, content, company=invoice.company_id, mapping=bank)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f"pays invoice {invoice.number}" in page
    assert "no number of an invoice in the purpose" in page
    assert "money that went out" in page
    assert not Payment.objects.exists()
    found = re.search(r'name="file" value="([^"]+)"', page)
    assert found is not None
    taken = accountant.post(reverse("accounting:import"), file=found[1])
    assert taken["Location"] == reverse("accounting:payments")
    assert balance(desk).consultations_available == 10
    assert Payment.objects.filter(left_kopecks__gt=0).get().hint == Hint.NO_NUMBER
    again = upload(accountant, content, company=invoice.company_id, mapping=bank)
    assert "Nothing is new in this file" in again.content.decode()
    assert accountant.post(reverse("accounting:import"), file=found[1]).status_code == 409
    assert accountant.post(reverse("accounting:import"), file="forged").status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04", "Export the statement as CSV"),
        (b"a;b;c\n1;2;3", "These columns are not in the file"),
        ("Дата".encode("cp1251"), "another encoding"),
        (b"\x00\x01", "This is no text"),
    ],
)
def test_a_hostile_file_is_refused_in_words(
    desk: Desk, accountant: Visit, content: bytes, said: str
) -> None:
    company = issued(desk).company_id
    answer = upload(accountant, content, company=company, mapping="monobank")
    assert answer.status_code == 422
    assert said in answer.content.decode()


def mapping_fields(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Demo bank",
        "encoding": "utf-8-sig",
        "delimiter": ";",
        "header": "on",
        "quotes": "on",
        "decimal": ".",
        "date_formats": ["%d.%m.%Y"],
        "column_date": "Day",
        "column_amount": "Sum",
        "column_purpose": "For",
        **changes,
    }


def test_a_mapping_is_tried_on_a_file_and_kept(desk: Desk, accountant: Visit) -> None:
    url = reverse("accounting:mapping_new")
    sample = SimpleUploadedFile("demo.csv", b"Day;Total;For\n20.11.2026;7.00;thanks\n")
    wrong = accountant.post(url, **mapping_fields(sample=sample, **{"try": "1"}))
    assert wrong.status_code == 422
    assert "These columns are not in the file: Sum" in wrong.content.decode()
    sample.seek(0)
    tried = accountant.post(
        url, **mapping_fields(sample=sample, column_amount="Total", **{"try": "1"})
    ).content.decode()
    assert "thanks" in tried
    assert "7.00" in tried
    token = re.search(r'name="token" value="([^"]+)"', tried)
    assert token is not None
    again = accountant.post(
        url, **mapping_fields(token=token[1], column_amount="#2", **{"try": "1"})
    )
    assert "thanks" in again.content.decode()
    kept = accountant.post(url, **mapping_fields(column_amount="Total", keep="1"))
    assert kept["Location"] == reverse("accounting:imports")
    assert "Demo bank" in accountant.page(reverse("accounting:imports"))
    none = accountant.post(url, **mapping_fields(column_amount="", keep="1"))
    assert "Name the column of the sum" in none.content.decode()


def test_an_invoice_is_issued_seen_and_cancelled(desk: Desk, accountant: Visit) -> None:
    url = reverse("accounting:invoice_new", args=[desk.company.partner.pk])
    assert accountant.post(url, kind="quantity").status_code == 422
    answer = accountant.post(url, kind="quantity", quantity=3)
    invoice = Invoice.objects.select_related("paper").get()
    assert answer["Location"] == reverse("accounting:invoice", args=[invoice.pk])
    assert invoice.paper.number in accountant.page(reverse("accounting:invoices"))
    assert accountant.get(reverse("accounting:invoice_pdf", args=[invoice.pk])).content[:5] == (
        b"%PDF-"
    )
    assert accountant.get(reverse("accounting:invoice_xlsx", args=[invoice.pk])).content[:2] == (
        b"PK"
    )
    cancel = reverse("accounting:cancel_invoice", args=[invoice.pk])
    assert accountant.post(cancel, **{"cancel-reason": "Wrong partner"}).status_code == 302
    shown = accountant.page(f"{reverse('accounting:invoices')}?state=cancelled")
    assert invoice.paper.number in shown
    assert invoice.paper.number not in accountant.page(
        f"{reverse('accounting:invoices')}?state=open"
    )


def test_many_invoices_cost_no_more_queries(desk: Desk, accountant: Visit) -> None:
    issued(desk, 1)
    few = accountant.queries(reverse("accounting:invoices"))
    for _ in range(3):
        issued(desk, 1)
    with CaptureQueriesContext(connection):
        assert accountant.queries(reverse("accounting:invoices")) == few < QUERIES_MAX


def test_the_owner_reads_and_others_do_not(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    invoice = issued(desk)
    payment = paid(desk, invoice, 1)
    addresses = [
        reverse("accounting:payments"),
        reverse("accounting:payment", args=[payment.id]),
        reverse("accounting:invoices"),
        reverse("accounting:invoice", args=[invoice.id]),
    ]
    vendor = Visit.of(desk.house.vendor, desk, monkeypatch)
    assert all("accounting:match" not in vendor.page(address) for address in addresses)
    for person in (desk.owner, desk.lead, desk.house.administrator):
        visit = Visit.of(person, desk, monkeypatch)
        assert {visit.get(address).status_code for address in addresses} == {403}
