"""Accounting's pages: payments by the kopiyka, corrections by two people, charges taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from desk.deposits import queries as ledger
from desk.deposits.values import Balance
from desk.partners.models import Person, StaffRole
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets.models import Ticket
from desk.web import amounts
from tests import cast
from tests.language import Desk

_keys = iter(range(1_000_000))
QUERIES_MAX = 24


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    found = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: found.now)
    return found


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(desk: Desk, verb: str = "partner") -> str:
    return reverse(f"accounting:{verb}", args=[desk.company.partner.pk])


def send(client: Client, url: str, /, **fields: Any) -> Any:
    return client.post(url, {"key": f"k{next(_keys)}", **fields})


def buy(desk: Desk, **fields: Any) -> Any:
    given = {"buy-quantity": 10, "buy-price": "180", "buy-paid": "1 800,00", **fields}
    return send(signed_in(desk.house.accountant), page(desk, "buy"), **given)


def balance(desk: Desk) -> Balance:
    return ledger.balance(desk.company.partner.pk)


@pytest.mark.parametrize(
    ("text", "kopecks"),
    [
        ("1 180,50", 118050),
        ("1180.50", 118050),
        ("1\u00a0180,5", 118050),
        ("1180", 118000),
        ("0,01", 1),
        ("180 грн", 18000),
        ("1 000 000,00 ₴", 100_000_000),
    ],
)
def test_an_amount_is_read_to_the_kopiyka(text: str, kopecks: int) -> None:
    assert amounts.kopecks(text) == kopecks


@pytest.mark.parametrize(
    "text", ["", "1.180", "1,180.50", "1 18,50", "-5", "1e3", "12,345", "١٢", "5 грн 50", "$5"]
)
def test_what_is_no_amount_is_not_guessed(text: str) -> None:
    with pytest.raises(amounts.AmountUnreadable):
        amounts.kopecks(text)


@pytest.mark.parametrize("name", ["home", "partner"])
def test_accountants_and_the_owner_look_at_deposits(desk: Desk, name: str) -> None:
    url = reverse("accounting:home") if name == "home" else page(desk)
    assert signed_in(desk.house.accountant).get(url).status_code == 200
    assert signed_in(desk.house.vendor).get(url).status_code == 200
    assert signed_in(desk.lead).get(url).status_code == 403
    assert signed_in(desk.owner).get(url).status_code == 403
    assert Client().get(url).status_code == 302


def test_only_accountants_book(desk: Desk) -> None:
    for verb in ("buy", "top_up", "convert", "adjust"):
        assert send(signed_in(desk.house.vendor), page(desk, verb)).status_code == 403
        assert signed_in(desk.house.accountant).get(page(desk, verb)).status_code == 405


def test_a_purchase_is_booked_and_the_rest_stays_money(desk: Desk) -> None:
    assert buy(desk, **{"buy-paid": "1 850,50"}).status_code == 302
    assert balance(desk) == Balance(10, 0, 50_50, 0)
    shown = signed_in(desk.house.accountant).get(page(desk)).context["movements"]
    assert "1\u00a0850,50" in shown[0]["memo"]


def test_a_bonus_has_no_price(desk: Desk) -> None:
    assert buy(desk, **{"buy-bonus": "on", "buy-paid": "", "buy-quantity": 2}).status_code == 302
    assert balance(desk) == Balance(2, 0, 0, 0)
    assert ledger.lots(desk.company.partner.pk)[0].unit_price_kopecks == 0


@pytest.mark.parametrize(
    ("field", "text"),
    [("quantity", "0"), ("quantity", ""), ("paid", "1.180"), ("paid", ""), ("price", "0")],
)
def test_a_purchase_that_cannot_be_is_refused_beside_its_field(
    desk: Desk, field: str, text: str
) -> None:
    answer = buy(desk, **{f"buy-{field}": text})
    assert answer.status_code == 422
    assert field in answer.context["buy_form"].errors
    assert balance(desk) == Balance()


def test_a_form_sent_twice_books_once(desk: Desk) -> None:
    assert buy(desk, key="the same").status_code == 302
    assert buy(desk, key="the same").status_code == 302
    assert balance(desk).consultations_available == 10
    assert buy(desk, key="the same", **{"buy-quantity": 11}).status_code == 422


def test_money_comes_in_and_becomes_consultations(desk: Desk) -> None:
    client = signed_in(desk.house.accountant)
    send(client, page(desk, "top_up"), **{"top-amount": "400", "top-memo": "No. 7"})
    assert send(client, page(desk, "convert"), **{"convert-quantity": 2}).status_code == 302
    assert balance(desk) == Balance(2, 0, 40_00, 0)
    short = send(client, page(desk, "convert"), **{"convert-quantity": 2})
    assert short.status_code == 409
    assert short.context["convert_form"].non_field_errors()


def propose(desk: Desk, by: Person, **fields: Any) -> Any:
    given = {
        "adjust-commodity": "consultations",
        "adjust-direction": "up",
        "adjust-amount": "5",
        "adjust-reason": "Opening balance",
        **fields,
    }
    return send(signed_in(by), page(desk, "adjust"), **given)


def test_the_owner_approves_where_there_is_one_accountant(desk: Desk) -> None:
    assert propose(desk, desk.house.accountant).status_code == 302
    assert balance(desk) == Balance()
    row = ledger.pending_adjustments()[0]
    url = reverse("accounting:decide", args=[row.id])
    send(signed_in(desk.house.accountant), url)
    assert balance(desk) == Balance()
    assert send(signed_in(desk.house.vendor), url).status_code == 302
    assert balance(desk) == Balance(5, 0, 0, 0)
    send(signed_in(desk.house.vendor), url)
    assert balance(desk) == Balance(5, 0, 0, 0)


def test_a_second_accountant_goes_before_the_owner(desk: Desk) -> None:
    second = cast.staff(desk.now, "Anton Rakhunok", StaffRole.ACCOUNTANT)
    propose(desk, desk.house.accountant)
    url = reverse("accounting:decide", args=[ledger.pending_adjustments()[0].id])
    send(signed_in(desk.house.vendor), url)
    assert balance(desk) == Balance()
    send(signed_in(second), url)
    assert balance(desk).consultations_available == 5


def test_a_correction_downwards_stops_at_zero(desk: Desk) -> None:
    propose(desk, desk.house.accountant, **{"adjust-direction": "down"})
    row = ledger.pending_adjustments()[0]
    url = reverse("accounting:decide", args=[row.id])
    answer = send(signed_in(desk.house.vendor), url)
    assert answer.status_code == 302
    assert balance(desk) == Balance()
    assert ledger.pending_adjustments() == [row]
    send(signed_in(desk.house.accountant), url, decline="1")
    assert ledger.pending_adjustments() == []


def test_half_a_consultation_is_refused(desk: Desk) -> None:
    answer = propose(desk, desk.house.accountant, **{"adjust-amount": "2,50"})
    assert answer.status_code == 422
    assert "amount" in answer.context["adjust_form"].errors


def resolved(desk: Desk) -> Ticket:
    """A simple ticket from submission to confirmation, charged with one consultation."""
    buy(desk)
    given = actions.Submission(
        partner_id=desk.company.partner.pk,
        project_id=desk.company.project.pk,
        author_id=desk.member.pk,
        subject="The report does not open",
        text="Since this morning.",
    )
    ticket = actions.submit(desk.cause(desk.member), given)
    accepting = actions.Accepting(Type.SIMPLE, "We look at it.")
    actions.accept(desk.cause(desk.lead, "workplace"), ticket.pk, accepting)
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    handover = actions.Handover("It opens.", "The filter.", "Open it.")
    actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, handover)
    return actions.confirm(desk.cause(desk.member), ticket.pk)


def test_a_charge_is_taken_back_once(desk: Desk) -> None:
    ticket = resolved(desk)
    assert balance(desk).consultations_available == 9
    url = reverse("accounting:reverse", args=[desk.company.partner.pk, ticket.pk])
    client = signed_in(desk.house.accountant)
    assert url in client.get(page(desk)).content.decode()
    (subject,) = ledger.charged(ticket.key)
    too_much = send(client, url, subject=subject, amount="2", memo="Contested")
    assert too_much.status_code == 409
    assert send(client, url, subject=subject, amount="1", memo="Contested").status_code == 302
    assert balance(desk).consultations_available == 10
    assert client.get(url).context["charges"] == []
    assert client.get(reverse("accounting:reverse", args=[999, ticket.pk])).status_code == 404


def test_pages_ask_the_database_a_constant_number_of_times(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    resolved(desk)
    client = signed_in(desk.house.accountant)
    for url in (reverse("accounting:home"), page(desk)):
        client.get(url)
        with django_assert_max_num_queries(QUERIES_MAX):
            client.get(url)
