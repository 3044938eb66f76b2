"""What an alert of a low deposit leads to, and the rules of money for a partner (L10)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from desk.channels.cabinet import rules
from desk.deposits.actions import invoicing, lowness
from desk.deposits.actions.invoicing import Order
from desk.deposits.models import Invoice, LowBalance
from desk.deposits.queries import lowness as low
from desk.partners.models import Person
from tests import cast
from tests.channels import post
from tests.language import OPENED, Desk
from tests.scenarios import billing
from tests.scenarios.tickets import accepted, buys
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


# A low deposit


def _low(desk: Desk) -> LowBalance:
    buys(desk, 4)
    accepted(desk)
    post.relayed(desk.now)
    return LowBalance.objects.get(until_at=None, mark=3)


def test_an_alert_leads_to_its_ready_invoice_in_one_press(desk: Desk, finance: Visit) -> None:
    """L10: one ready invoice for each alert, whoever presses how often."""
    pack = billing.a_pack(20)
    episode = _low(desk)
    assert f"/cabinet/deposit/low/{episode.pk}/" in finance.page("/cabinet/deposit/")
    notice = finance.page("/notices/")
    opened = re.search(r'href="(/notices/\d+/)"', notice)
    assert opened is not None
    assert finance.get(opened[1])["Location"] == f"/cabinet/deposit/low/{episode.pk}/"
    assert "20 consultations" in finance.page(f"/cabinet/deposit/low/{episode.pk}/")
    assert not Invoice.objects.exists()
    issued = {finance.post(f"/cabinet/deposit/low/{episode.pk}/")["Location"] for _ in range(3)}
    row = Invoice.objects.get()
    assert issued == {f"/cabinet/deposit/invoices/{row.pk}/"}
    assert row.pack_id == pack
    assert finance.get(f"/cabinet/deposit/low/{episode.pk}/")["Location"] in issued


def test_a_cancelled_ready_invoice_makes_place_for_another(desk: Desk) -> None:
    """L10"""
    episode = _low(desk)
    partner = desk.company.partner.pk

    def take() -> int:
        cause = desk.cause(desk.company.finance, key=desk.key())
        return lowness.take_ready_invoice(cause, partner, episode.pk).id

    first = take()
    assert take() == first
    invoicing.cancel_invoice(desk.cause(desk.house.accountant, key=desk.key()), first, "Wrong")
    assert take() != first
    assert Invoice.objects.count() == 2


def test_what_is_ready_is_what_the_partner_bought_last(desk: Desk) -> None:
    """L10"""
    partner = desk.company.partner.pk
    small, large = billing.a_pack(10), billing.a_pack(50)
    assert low.ready(partner, desk.now).pack.id == small  # type: ignore[union-attr]  # there is one
    issues(desk, Order(pack_id=large))
    assert low.ready(partner, desk.now).pack.id == large  # type: ignore[union-attr]  # there is one
    issues(desk, Order(quantity=7))
    assert low.ready(partner, desk.now) == low.Ready(None, 7)


def test_an_episode_of_another_partner_is_not_there(desk: Desk, visit: Open) -> None:
    episode = _low(desk)
    other = cast.company(OPENED, desk.house, "AGR", "Agro Demo")
    address = f"/cabinet/deposit/low/{episode.pk}/"
    assert visit(other.owner).get(address).status_code == 404
    assert visit(other.owner).post(address).status_code == 404
    assert visit(desk.member).get(address).status_code == 403
    assert not Invoice.objects.exists()


# The rules of money


def test_the_rules_are_told_in_every_language_and_say_the_same() -> None:
    told = {language: rules.text(language) for language in LANGUAGES}
    shapes = {
        tuple(len(section["lines"]) for section in found["sections"]) for found in told.values()
    }
    assert len(shapes) == 1
    assert all(found["title"] and found["opening"] for found in told.values())
    assert told["en"]["opening"][1] == (True, "deposit")


def test_everybody_of_a_partner_may_read_the_rules(desk: Desk, visit: Open) -> None:
    visitor = visit(desk.company.viewer)
    assert "How the money works" in visitor.page("/cabinet/deposit/rules")
    visitor.client.cookies["desk_language"] = "uk"
    assert "Як влаштовано гроші" in visitor.page("/cabinet/deposit/rules")
