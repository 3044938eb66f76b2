"""Refunds on the accountant's pages: proposed, approved by another, and the money sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from desk.deposits import actions as deposits
from desk.deposits import queries as ledger
from desk.deposits.queries import refunds
from desk.partners.models import Person, StaffRole
from tests import cast
from tests.language import OPENED, Desk

_keys = iter(range(1_000_000))


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    found = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: found.now)
    cause = found.cause(found.house.accountant, "accounting", found.key())
    deposits.buy(cause, found.company.partner.pk, 10, 18_000, 180_000)
    return found


@pytest.fixture
def second(desk: Desk) -> Person:
    return cast.staff(OPENED, "Olha Druha", StaffRole.ACCOUNTANT, email="second@desk.example")


def signed_in(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    client.cookies["desk_language"] = "en"
    return client


def send(client: Client, name: str, of: int, **fields: Any) -> Any:
    url = reverse(f"accounting:{name}", args=[of])
    return client.post(url, {"key": f"r{next(_keys)}", **fields})


def propose(desk: Desk, **fields: Any) -> Any:
    partner = desk.company.partner.pk
    lot = refunds.refundable(partner)[0].lot_id
    given = {"refund-lot": lot, "refund-amount": "2", "refund-reason": "Leaves", **fields}
    return send(signed_in(desk.house.accountant), "propose_refund", partner, **given)


def test_a_refund_goes_from_the_proposal_to_the_bank(desk: Desk, second: Person) -> None:
    partner, before = desk.company.partner.pk, ledger.balance(desk.company.partner.pk)
    propose(desk)
    (row,) = refunds.pending_refunds()
    own = signed_in(desk.house.accountant).get(reverse("accounting:refunds"))
    assert "waits for a second person" in own.content.decode()
    send(signed_in(desk.house.accountant), "decide_refund", row.id)
    assert refunds.pending_refunds() == [row]
    send(signed_in(second), "decide_refund", row.id)
    after = ledger.balance(partner)
    assert after.consultations_available == before.consultations_available - 2
    page = signed_in(second).get(reverse("accounting:refunds")).content.decode()
    assert "Money to send" in page
    assert f"pay{row.id}-paid_on" in page
    wrong = send(signed_in(second), "pay_refund", row.id, **{f"pay{row.id}-paid_on": "no day"})
    assert wrong.status_code == 422
    paid = {f"pay{row.id}-paid_on": "2026-11-20", f"pay{row.id}-reference": "No. 8"}
    send(signed_in(second), "pay_refund", row.id, **paid)
    assert refunds.unpaid_refunds() == []
    own = signed_in(second).get(reverse("accounting:partner_refunds", args=[partner]))
    assert "No. 8" in own.content.decode()


def test_a_refund_is_declined_or_withdrawn(desk: Desk) -> None:
    propose(desk)
    (row,) = refunds.pending_refunds()
    send(signed_in(desk.house.accountant), "decide_refund", row.id, decline="1")
    assert refunds.refund(row.id).outcome == "declined"


@pytest.mark.parametrize(
    "fields",
    [
        {"refund-amount": "1,50"},
        {"refund-amount": "100000"},
        {"refund-lot": "999999"},
        {"refund-reason": ""},
    ],
)
def test_a_wrong_proposal_is_refused_with_what_was_typed(
    desk: Desk, fields: dict[str, str]
) -> None:
    answer = propose(desk, **fields)
    assert answer.status_code in (409, 422)
    assert refunds.pending_refunds() == []


def test_everything_is_given_back_at_once(desk: Desk) -> None:
    partner = desk.company.partner.pk
    free = [row.kopecks for row in refunds.refundable(partner)]
    client = signed_in(desk.house.accountant)
    assert send(client, "refund_all", partner).status_code == 422
    send(client, "refund_all", partner, **{"all-reason": "Classic line"})
    assert [row.kopecks for row in refunds.pending_refunds()] == free


def test_the_owner_reads_and_does_not_book(desk: Desk) -> None:
    client = signed_in(desk.house.vendor)
    partner = desk.company.partner.pk
    page = client.get(reverse("accounting:partner_refunds", args=[partner]))
    assert page.status_code == 200
    assert "Propose" not in page.content.decode()
    assert send(client, "refund_all", partner).status_code in (403, 404)
