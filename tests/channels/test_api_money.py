"""Money by the API: packs, invoices under a key, papers, a statement that adds up."""

from __future__ import annotations

import pytest

from desk.deposits.models import Invoice
from desk.rules.billing import Purpose
from tests import cast
from tests.channels.api_client import Program, program, refused, told
from tests.language import OPENED, Desk
from tests.scenarios import billing
from tests.scenarios.tickets import accepted, buys, submits


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Friday 09:00; OLH may be sold to."""
    found = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: found.now)
    billing.a_company()
    billing.a_contract(found.company.partner.pk)
    return found


@pytest.fixture
def caller(desk: Desk) -> Program:
    return program(desk.company.finance)


def test_an_invoice_is_issued_once_for_a_key(caller: Program) -> None:
    """L3"""
    pack = billing.a_pack(10, bonus=1)
    offered = told(caller.get("/packs"))
    assert [(one["id"], one["bonus"]) for one in offered["items"]] == [(pack, 1)]
    first = told(caller.post("/invoices", {"pack_id": pack}, idempotency_key="a"), 201)
    again = told(caller.post("/invoices", {"pack_id": pack}, idempotency_key="a"), 201)
    assert first == again
    assert Invoice.objects.count() == 1
    assert first["state"] == "open"
    assert first["total"]["kopecks"] == first["left"]["kopecks"] == 1800_00
    assert first["number"] in first["payment_purpose"]
    assert first["iban"] == billing.OUR_IBAN
    refused(caller.post("/invoices", {"quantity": 3}, idempotency_key="a"), 422, "key-reused")


@pytest.mark.parametrize(
    "body", [{}, {"quantity": 1, "kopecks": 100}, {"quantity": 2, "ticket": "OLH-1"}]
)
def test_an_order_names_one_thing(caller: Program, body: dict[str, object]) -> None:
    refused(caller.post("/invoices", body), 422, "invalid")
    assert not Invoice.objects.exists()


def test_money_is_asked_for_a_ticket_of_ones_own(desk: Desk, caller: Program) -> None:
    ticket = submits(desk)
    told(caller.post("/invoices", {"kopecks": 900_00, "ticket": "OLH-1"}), 201)
    row = Invoice.objects.get()
    assert (row.purpose, row.subject) == (Purpose.MONEY, ticket.key)
    refused(caller.post("/invoices", {"kopecks": 1, "ticket": "AGR-1"}), 404, "not-found")


def test_papers_are_their_own_partners(desk: Desk, caller: Program) -> None:
    told(caller.post("/invoices", {"quantity": 5}), 201)
    (paper,) = told(caller.get("/papers"))["items"]
    path = paper["url"].removeprefix("/api/v1")
    for form, start in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        answer = caller.get(f"{path}.{form}")
        assert answer.content.startswith(start)
        assert "attachment" in answer["Content-Disposition"]
    stranger = program(cast.company(OPENED, desk.house, "AGR", "Agro Demo").owner)
    refused(stranger.get(f"{path}.pdf"), 404, "not-found")
    refused(stranger.get(f"/invoices/{paper['id']}"), 404, "not-found")
    assert told(stranger.get("/papers"))["items"] == []
    refused(program(desk.member).get("/papers"), 403, "not-permitted")


def test_a_statement_adds_up_over_its_pages(desk: Desk, caller: Program) -> None:
    """L9"""
    buys(desk, 6)
    for _ in range(3):
        accepted(desk)
        desk.later(minutes=5)
    asked = "/deposit/statement?from_on=2026-11-01&until_on=2026-11-30&limit=3"
    page = told(caller.get(asked))
    opening, closing = page["opening"], page["closing"]
    changes = [line["change"] for line in page["items"]]
    while page["next_cursor"]:
        page = told(caller.get(f"{asked}&cursor={page['next_cursor']}"))
        changes += [line["change"] for line in page["items"]]
        assert (page["opening"], page["closing"]) == (opening, closing)
    for name in ("consultations_available", "consultations_held"):
        assert opening[name] + sum(change[name] for change in changes) == closing[name]
    assert closing["consultations_available"] == 3
    backwards = "/deposit/statement?from_on=2026-11-02&until_on=2026-11-01"
    refused(caller.get(backwards), 422, "invalid")
