"""Invoices paid online: the order, the provider's word, and what the deposit has of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from desk.channels.payments import providers, settling
from desk.deposits import queries as ledger
from desk.deposits.actions import online as actions
from desk.deposits.actions.invoicing import Order, issue_invoice
from desk.deposits.models import Allocation, Checkout, Payment
from desk.deposits.queries import online
from desk.deposits.queries.online import Result, Told
from desk.journal.models import Entry
from desk.lib import sealed
from tests import cast
from tests.channels import fake_payments
from tests.language import Desk
from tests.scenarios import billing
from tests.scenarios.deposits import keyed
from tests.screens.visits import Visit

TEN = 10 * 180_00


@pytest.fixture
def company(desk: Desk, settings: Settings) -> Iterator[int]:
    """A company whose partner pays through the provider of tests."""
    settings.PAYMENT_PROVIDERS = (fake_payments.PATH,)
    providers.every.cache_clear()
    fake_payments.KNOWN.clear()
    made = billing.a_company()
    billing.a_contract(desk.company.partner.pk, made)
    keys = {"public": fake_payments.KEYS.public, "private": fake_payments.KEYS.private}
    sealed_keys = sealed.seal(json.dumps(keys))
    actions.set_account(keyed(at=desk.now), made, "fake", sealed_keys, is_sandbox=True)
    yield made
    providers.every.cache_clear()


@pytest.fixture
def invoice(desk: Desk, company: int) -> int:
    """An invoice for ten consultations."""
    cause = keyed(at=desk.now, by=f"person:{desk.owner.pk}")
    return issue_invoice(cause, desk.company.partner.pk, Order(quantity=10)).id


@pytest.fixture
def payer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.owner, desk, monkeypatch)


def ordered(payer: Visit, invoice: int) -> str:
    """The order that the partner's press makes."""
    answer = payer.post(f"/cabinet/pay/{invoice}/fake")
    assert answer.status_code == 302
    return answer["Location"].rstrip("/").rpartition("/")[2]


def tell(payer: Visit, company: int, order: str, **changes: str) -> int:
    """The provider's message; the status that it is answered with."""
    fields = {"order": order, "kopecks": str(TEN), "result": "paid", "id": "77", **changes}
    payer.get("/cabinet/")  # the clock of the desk
    answer = Client().post(f"/channels/payments/fake/{company}/", fake_payments.signed(fields))
    return answer.status_code


def test_a_partner_pays_and_the_deposit_rises(
    desk: Desk, payer: Visit, company: int, invoice: int
) -> None:
    before = ledger.balance(desk.company.partner.pk).consultations_available
    order = ordered(payer, invoice)
    page = payer.page(f"/cabinet/pay/order/fake/{order}/")
    assert "https://bank.example/pay?" in page
    assert "Play bank" in page
    assert tell(payer, company, order) == 200
    assert ledger.balance(desk.company.partner.pk).consultations_available == before + 10
    assert "Paid. The deposit has risen." in payer.page(f"/cabinet/pay/order/fake/{order}/")


def test_a_message_that_comes_again_pays_once(
    desk: Desk, payer: Visit, company: int, invoice: int
) -> None:
    order = ordered(payer, invoice)
    assert [tell(payer, company, order) for _ in range(3)] == [200, 200, 200]
    assert Payment.objects.count() == Allocation.objects.count() == 1
    assert Payment.objects.get().left_kopecks == 0


def test_a_second_press_is_the_same_order(payer: Visit, invoice: int) -> None:
    assert ordered(payer, invoice) == ordered(payer, invoice)
    assert Checkout.objects.count() == 1


def test_another_sum_waits_for_a_person(
    desk: Desk, payer: Visit, company: int, invoice: int
) -> None:
    before = ledger.balance(desk.company.partner.pk)
    order = ordered(payer, invoice)
    assert tell(payer, company, order, kopecks=str(TEN - 1)) == 200
    assert ledger.balance(desk.company.partner.pk) == before
    assert Payment.objects.get().left_kopecks == TEN - 1


def test_an_order_that_failed_may_still_be_paid(
    desk: Desk, payer: Visit, company: int, invoice: int
) -> None:
    order = ordered(payer, invoice)
    assert tell(payer, company, order, result="failed") == 200
    assert "did not go through" in payer.page(f"/cabinet/pay/order/fake/{order}/")
    assert tell(payer, company, order) == 200
    assert Checkout.objects.get().outcome == "paid"


def test_pending_changes_nothing(payer: Visit, company: int, invoice: int) -> None:
    order = ordered(payer, invoice)
    assert tell(payer, company, order, result="pending") == 200
    assert Checkout.objects.get().outcome is None


def test_money_that_was_taken_back_is_told_once(
    desk: Desk, payer: Visit, company: int, invoice: int
) -> None:
    order = ordered(payer, invoice)
    tell(payer, company, order)
    after = ledger.balance(desk.company.partner.pk)
    assert [tell(payer, company, order, result="reversed") for _ in range(2)] == [200, 200]
    assert Entry.objects.filter(verb="reverse_online").count() == 1
    assert ledger.balance(desk.company.partner.pk) == after  # a person mends


def test_what_is_forged_or_nobodys_moves_nothing(
    desk: Desk, payer: Visit, company: int, invoice: int
) -> None:
    order = ordered(payer, invoice)
    fields = {"order": order, "kopecks": str(TEN), "result": "paid", "signature": "0" * 64}
    assert Client().post(f"/channels/payments/fake/{company}/", fields).status_code == 403
    assert tell(payer, company, "1-unknown") == 404
    assert tell(payer, company + 1, order) == 404
    assert tell(payer, company, order, kopecks="many") == 422
    big = {**fields, "more": "x" * 70_000}
    assert Client().post(f"/channels/payments/fake/{company}/", big).status_code == 413
    assert not Payment.objects.exists()


def test_an_order_of_another_company_of_ours_is_not_settled(
    desk: Desk, payer: Visit, company: int, invoice: int
) -> None:
    other = billing.a_company(name="Other", code="", iban="", prefix="ІН", is_default=False)
    keys = {"public": "p", "private": fake_payments.KEYS.private}
    actions.set_account(
        keyed(at=desk.now), other, "fake", sealed.seal(json.dumps(keys)), is_sandbox=True
    )
    assert tell(payer, other, ordered(payer, invoice)) == 404
    assert not Payment.objects.exists()


def test_silence_is_asked_about(desk: Desk, payer: Visit, company: int, invoice: int) -> None:
    order = ordered(payer, invoice)
    later = desk.now + online.ASKED_AFTER + timedelta(minutes=1)
    [silent] = online.unheard(later)
    assert not settling.ask_about(silent, later)  # the provider knows nothing yet
    fake_payments.KNOWN[order] = Told(order, Result.PAID, TEN, "paid", "78")
    assert settling.ask_about(silent, later)
    assert online.unheard(later) == []
    assert tell(payer, company, order) == 200  # the message comes after all
    assert Payment.objects.count() == 1


def test_a_paid_invoice_is_not_offered_again(payer: Visit, company: int, invoice: int) -> None:
    tell(payer, company, ordered(payer, invoice))
    answer = payer.post(f"/cabinet/pay/{invoice}/fake")
    assert answer["Location"].endswith("/cabinet/deposit/")
    assert Checkout.objects.count() == 1


def test_a_way_that_is_switched_off_is_not_offered(
    desk: Desk, payer: Visit, company: int, invoice: int
) -> None:
    actions.switch_account(keyed(at=desk.now), company, "fake", is_active=False)
    assert payer.post(f"/cabinet/pay/{invoice}/fake").status_code == 302
    assert not Checkout.objects.exists()


def test_another_partners_invoice_is_not_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, payer: Visit, invoice: int
) -> None:
    order = ordered(payer, invoice)
    other = cast.company(desk.now, desk.house, "AGR", "Agreya Demo")
    stranger = Visit.of(other.owner, desk, monkeypatch)
    assert stranger.post(f"/cabinet/pay/{invoice}/fake").status_code in {403, 404}
    assert stranger.get(f"/cabinet/pay/order/fake/{order}/").status_code in {403, 404}


def test_keys_are_sealed_and_never_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, company: int
) -> None:
    vendor = Visit.of(desk.house.vendor, desk, monkeypatch)
    keys = {"public": "pub", "private": "hush-hush"}
    given = {"company": str(company), "provider": "fake", **keys}
    for _ in range(2):
        assert vendor.post("/setup/payments/save", key="one", **given).status_code == 302
    page = vendor.page("/setup/payments/")
    assert "hush-hush" not in page
    assert f"/channels/payments/fake/{company}/" in page
    known = online.account(company, "fake")
    assert known is not None
    assert "hush-hush" not in known.keys
    assert Entry.objects.filter(verb="set_online").count() == 2  # the fixture's and this one


def test_a_key_with_a_space_is_not_taken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, company: int
) -> None:
    vendor = Visit.of(desk.house.vendor, desk, monkeypatch)
    keys = {"public": "p", "private": "two words"}
    given = {"company": str(company), "provider": "fake", **keys}
    assert vendor.post("/setup/payments/save", **given).status_code == 422
