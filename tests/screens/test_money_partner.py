"""The partner's side of money: buying, invoices, papers, a statement for any period (L9, L10)."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date

import pytest

from desk.deposits import queries as ledger
from desk.deposits.actions import invoicing, papering
from desk.deposits.actions.invoicing import Order
from desk.deposits.models import Invoice, Paper
from desk.partners.models import Person
from desk.rules.billing import Purpose
from desk.rules.lifecycle import Type
from desk.tickets.queries import number
from desk.web import amounts
from tests import cast
from tests.language import OPENED, Desk
from tests.scenarios import billing
from tests.scenarios.tickets import (
    accepted,
    accepts,
    buys,
    delivers,
    estimates,
    in_work,
    submits,
    tops_up,
)
from tests.screens.visits import Visit

Open = Callable[[Person], Visit]
LANGUAGES = ("uk", "ru", "en")


@pytest.fixture
def desk(db: None) -> Desk:
    """A desk whose partner may be sold to."""
    desk = Desk.open(low_balance=[3, 0])
    billing.a_company()
    billing.a_contract(desk.company.partner.pk)
    return desk


@pytest.fixture
def visit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda person: Visit.of(person, desk, monkeypatch)


@pytest.fixture
def finance(desk: Desk, visit: Open) -> Visit:
    return visit(desk.company.finance)


def issues(desk: Desk, order: Order) -> int:
    cause = desk.cause(desk.company.finance, key=desk.key())
    return invoicing.issue_invoice(cause, desk.company.partner.pk, order).id


# Buying


def test_a_pack_says_what_it_costs_and_what_it_saves(finance: Visit) -> None:
    billing.a_pack(10, unit_price_kopecks=162_00, bonus=1, validity_days=180)
    page = finance.page("/cabinet/deposit/buy")
    assert "₴1,620.00" in page
    assert "11 consultations, about ₴147.27 each" in page
    assert "1 consultation of them is a gift" in page
    assert "You save ₴360.00 (18 %)" in page
    assert "valid for 180 days from the payment" in page


def test_a_pack_says_how_long_it_lasts_at_the_partners_pace(desk: Desk, finance: Visit) -> None:
    """L10"""
    billing.a_pack(20)
    buys(desk, 40)
    for _ in range(12):
        desk.at("09:00")
        accepted(desk)
        desk.later(days=1)
    page = finance.page("/cabinet/deposit/buy")
    assert re.search(r"at your pace: about \d+ weeks", page)
    assert "consultations a week" in page
    assert re.search(r"At your pace the deposit lasts \d+ working days", finance.page("/cabinet/"))
    assert "At your pace the deposit lasts" in finance.page("/cabinet/deposit/")


def test_one_press_is_an_invoice_with_its_paper(desk: Desk, finance: Visit) -> None:
    pack = billing.a_pack(10)
    response = finance.post("/cabinet/deposit/buy", what="pack", pack=pack)
    row = Invoice.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"/cabinet/deposit/invoices/{row.pk}/"
    page = finance.page(response["Location"])
    assert row.paper.number in page
    assert billing.OUR_IBAN in page
    assert f"рахунком № {row.paper.number}" in page
    assert "to be paid" in page
    assert (row.quantity, row.total_kopecks) == (10, 1800_00)


def test_a_double_click_is_one_invoice(finance: Visit) -> None:
    """L3"""
    for _ in range(3):
        finance.post("/cabinet/deposit/buy", key="once", what="quantity", quantity="7")
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"what": "pack", "pack": "999"},
        {"what": "pack", "pack": "x"},
        {"what": "quantity", "quantity": "0"},
        {"what": "quantity", "quantity": "-3"},
        {"what": "quantity", "quantity": "20000"},
        {"what": "money", "sum": "1.180"},
        {"what": "money", "sum": ""},
        {"what": "everything"},
        {},
    ],
)
def test_what_is_not_offered_is_refused_with_a_sentence(
    finance: Visit, sent: dict[str, str]
) -> None:
    response = finance.post("/cabinet/deposit/buy", **sent)
    assert response.status_code == 422
    assert "Choose a pack that is offered today" in response.content.decode() or (
        "quantity" in sent.get("what", "")
    )
    assert not Invoice.objects.exists()


def test_members_and_viewers_read_who_buys(desk: Desk, visit: Open) -> None:
    billing.a_pack(10)
    for person in (desk.member, desk.company.viewer):
        page = visit(person).page("/cabinet/deposit/buy")
        assert desk.company.finance.name in page
        assert "Get the invoice" not in page
        refused = visit(person).post("/cabinet/deposit/buy", what="quantity", quantity="5")
        assert refused.status_code == 200
    assert not Invoice.objects.exists()


def test_without_the_partners_details_it_says_whom_to_ask(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk.open()
    visitor = Visit.of(desk.owner, desk, monkeypatch)
    page = visitor.page("/cabinet/deposit/buy")
    assert "details are not entered yet" in page
    assert desk.house.accountant.email in page
    refused = visitor.post("/cabinet/deposit/buy", what="quantity", quantity="5")
    assert refused.status_code == 409


def test_an_estimate_that_waits_for_money_fills_the_form(desk: Desk, finance: Visit) -> None:
    tops_up(desk, 1000_00)
    ticket = accepts(desk, submits(desk), Type.CUSTOMISATION)
    estimates(desk, ticket)
    finance.post(f"/cabinet/tickets/{number(ticket)}/approve", version="")
    asked = finance.page(f"/cabinet/tickets/{number(ticket)}/")
    address = f"/cabinet/deposit/buy?ticket={number(ticket)}"
    assert f'href="{address}"' in asked
    page = finance.page(address)
    lacks = re.search(r'name="sum"[^>]*value="([^"]+)"', page)
    assert lacks is not None
    finance.post("/cabinet/deposit/buy", what="money", sum=lacks[1], ticket=number(ticket))
    row = Invoice.objects.get()
    assert row.subject == ticket.key
    assert row.purpose == Purpose.MONEY
    assert row.total_kopecks == amounts.kopecks(lacks[1]) > 0


def test_the_ticket_of_another_partner_fills_nothing(desk: Desk, finance: Visit) -> None:
    cast.company(OPENED, desk.house, "AGR", "Agro Demo")
    assert finance.get("/cabinet/deposit/buy?ticket=AGR-1").status_code == 404
    refused = finance.post("/cabinet/deposit/buy", what="money", sum="500", ticket="AGR-1")
    assert refused.status_code == 404


# Papers


def test_papers_are_downloaded_as_they_were_issued(desk: Desk, finance: Visit) -> None:
    invoice = issues(desk, Order(quantity=5))
    for form, start in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        response = finance.get(f"/cabinet/deposit/papers/{invoice}.{form}")
        assert response.content.startswith(start)
        assert "attachment" in response["Content-Disposition"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]
    assert finance.get(f"/cabinet/deposit/papers/{invoice}.exe").status_code == 404


def test_another_partners_paper_is_not_there(desk: Desk, visit: Open, finance: Visit) -> None:
    invoice = issues(desk, Order(quantity=5))
    other = cast.company(OPENED, desk.house, "AGR", "Agro Demo")
    stranger = visit(other.owner)
    for address in (
        f"/cabinet/deposit/papers/{invoice}.pdf",
        f"/cabinet/deposit/papers/{invoice}.xlsx",
        f"/cabinet/deposit/invoices/{invoice}/",
    ):
        assert finance.get(address).status_code == 200
        assert stranger.get(address).status_code == 404
        assert visit(desk.member).get(address).status_code == 403
    assert Paper.objects.get(pk=invoice).number not in stranger.page("/cabinet/deposit/papers/")


def test_the_list_says_how_each_paper_stands(desk: Desk, finance: Visit) -> None:
    first, second = issues(desk, Order(quantity=5)), issues(desk, Order(kopecks=900_00))
    cause = desk.cause(desk.house.accountant, key=desk.key())
    invoicing.cancel_invoice(cause, second, "A wrong sum")
    desk.later(days=9)
    page = finance.page("/cabinet/deposit/papers/")
    assert "overdue" in page
    assert "cancelled" in page
    assert "Money for customisations" in page
    assert f"/cabinet/deposit/papers/{first}.pdf" in page
    assert "Correction" in page


def test_a_partner_makes_a_reconciliation_of_days_of_its_own(desk: Desk, finance: Visit) -> None:
    buys(desk, 5)
    days = {"from": "2026-11-01", "until": "2026-11-27"}
    for _ in range(2):
        finance.post("/cabinet/deposit/papers/reconcile", key="once", **days)
    paper = Paper.objects.get()
    assert (paper.from_on, paper.until_on) == (date(2026, 11, 1), date(2026, 11, 27))
    page = finance.page("/cabinet/deposit/papers/")
    assert f"Reconciliation statement {paper.number}" in page
    assert "please sign" in page
    papering.sign(desk.cause(desk.house.accountant), paper.pk, date(2026, 11, 27))
    assert "please sign" not in finance.page("/cabinet/deposit/papers/")


@pytest.mark.parametrize(
    "days",
    [
        {"from": "2026-11-05", "until": "2026-11-01"},
        {"from": "2026-11-01", "until": "2030-01-01"},
        {"from": "nonsense", "until": ""},
        {},
    ],
)
def test_days_that_are_no_period_make_no_paper(finance: Visit, days: dict[str, str]) -> None:
    finance.post("/cabinet/deposit/papers/reconcile", **days)
    assert not Paper.objects.exists()


# The statement


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", "Sun 1 Nov"),
        ("?period=last_month", "Thu 1 Oct"),
        ("?period=quarter", "Thu 1 Oct"),
        ("?period=year", "Thu 1 Jan"),
        ("?period=own&from=2025-12-31&until=2026-01-05", "Wed 31 Dec 2025"),
        ("?period=own&from=0001-01-01&until=9999-12-31", "Choose both days"),
        ("?period=own&from=2026-02-02&until=2026-02-01", "ends before it begins"),
        ("?period=nonsense", "Sun 1 Nov"),
    ],
)
def test_a_statement_is_of_the_period_that_is_asked_for(
    finance: Visit, asked: str, shown: str
) -> None:
    """L9"""
    assert shown in finance.page(f"/cabinet/deposit/{asked}").replace("\xa0", " ")


def _moved(desk: Desk) -> None:
    buys(desk, 8)
    tops_up(desk, 900_00)
    for _ in range(3):
        delivers(desk, in_work(desk))
        desk.later(hours=2)


def test_a_statement_is_equal_to_the_ledger_to_the_unit(desk: Desk, finance: Visit) -> None:
    """L9: opening and every change make the closing, which is the present balance."""
    _moved(desk)
    answer = finance.get("/cabinet/deposit/statement.csv?period=year").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(answer), delimiter=";"))
    heads, opening, *moved, closing = rows
    assert heads[2] == "Ticket"
    balance = ledger.balance(desk.company.partner.pk)
    for place in (5, 6):
        changes = sum(int(row[place]) for row in moved)
        assert int(opening[place + 5]) + changes == int(closing[place + 5])
    assert int(closing[10]) == balance.consultations_available
    assert int(closing[11]) == balance.consultations_held
    assert closing[12] == "900,00"
    assert {row[2] for row in moved} == {"", "OLH-1", "OLH-2", "OLH-3"}


def test_a_statement_is_paged_by_its_last_line(
    desk: Desk, finance: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L9: pages follow each other without a gap, and the period's balances stay."""
    from desk.deposits.queries import statements

    _moved(desk)
    monkeypatch.setattr(statements.page, "__defaults__", (None, 3))
    address, lines = "/cabinet/deposit/?period=year", 0
    for _ in range(10):
        page = finance.page(address)
        assert page.count("At the beginning") >= 1
        lines += page.count('<td data-label="When">')
        older = re.search(r'href="(\?period=year&amp;cursor=[^"]+)"', page)
        if older is None:
            break
        address = "/cabinet/deposit/" + older[1].replace("&amp;", "&")
    partner = desk.company.partner.pk
    assert lines == len(ledger.movements(partner))


@pytest.mark.parametrize("cursor", ["x", "W10", "WzFlMzAsMV0", "WzQ2MTE2ODYwMTg0MjczODc5MDMsIDFd"])
def test_a_place_that_no_page_gave_is_not_there(finance: Visit, cursor: str) -> None:
    assert finance.get(f"/cabinet/deposit/?cursor={cursor}").status_code == 404


def test_a_subject_never_becomes_a_formula(desk: Desk, finance: Visit) -> None:
    buys(desk, 2)
    accepts(desk, submits(desk, '=HYPERLINK("https://else.example")'))
    answer = finance.get("/cabinet/deposit/statement.csv").content.decode("utf-8-sig")
    assert "'=HYPERLINK" in answer
    book = finance.get("/cabinet/deposit/statement.xlsx").content
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet


def test_a_statement_is_a_pdf_in_every_language(desk: Desk, finance: Visit) -> None:
    _moved(desk)
    for language in LANGUAGES:
        finance.client.cookies["desk_language"] = language
        answer = finance.get("/cabinet/deposit/statement.pdf")
        assert answer.content.startswith(b"%PDF")
        assert 'filename="statement-OLH-2026-11-01' in answer["Content-Disposition"]
    assert finance.get("/cabinet/deposit/statement.exe").status_code == 404
