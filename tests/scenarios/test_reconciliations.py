"""A reconciliation: payments against acts, and who owes whom at the end of a period."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from desk.deposits import actions
from desk.deposits.actions import catalogue, papering, paying
from desk.deposits.actions.paying import Incoming
from desk.deposits.queries import settlements
from desk.deposits.queries.catalogue import parties
from desk.partners.models import StaffRole
from desk.rules.billing import PaidBy
from tests.scenarios.billing import a_company, a_contract, contract_details
from tests.scenarios.deposits import MONDAY, PRICE, UNITS, a_partner, buys, keyed, staff
from tests.scenarios.papers import MONTH, MONTH_END, acted, charged

pytestmark = pytest.mark.django_db
DECEMBER = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
LATE = date(2026, 12, 31)


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def partner() -> int:
    partner_id = a_partner()
    a_contract(partner_id)
    return partner_id


def pays(partner_id: int, kopecks: int, reference: str = "", at: datetime = MONDAY) -> int:
    """A payment that an accountant books as money of the deposit."""
    incoming = Incoming(
        company_id=parties(partner_id).company.id,
        kopecks=kopecks,
        paid_on=at.date(),
        source=PaidBy.HAND,
        reference=reference,
        partner_id=partner_id,
    )
    return paying.take_payment(keyed(at=at), incoming).id


def of(partner_id: int, until_on: date = LATE) -> tuple[int, list[tuple[str, int]]]:
    """The opening balance and the postings since November, each with what it adds to the debt."""
    company_id = parties(partner_id).company.id
    opening, postings = settlements.of(partner_id, company_id, MONTH, until_on)
    return opening, [(one.text, one.owed_kopecks) for one in postings]


def test_payments_stand_against_acts(partner: int) -> None:
    payment = pays(partner, 10 * PRICE, "4512")
    paying.match_payment(keyed(), payment, partner, None, 4 * PRICE)
    actions.convert(keyed(), partner, 3, PRICE)
    charged(partner, "ticket:1", quantity=2)
    row = acted(partner, at=DECEMBER)
    assert of(partner) == (
        0,
        [("Оплата № 4512", -10 * PRICE), (f"Акт наданих послуг № {row.number}", 2 * PRICE)],
    )
    assert of(partner, date(2026, 11, 29))[1] == [("Оплата № 4512", -10 * PRICE)]


def test_a_charge_counts_when_an_act_settles_it(partner: int) -> None:
    buys(partner, 2)
    charged(partner, "ticket:1")
    assert of(partner)[1] == [("Оплата", -2 * PRICE)]


def test_a_cancelled_act_and_its_correction_are_both_there(partner: int) -> None:
    buys(partner, 1)
    charged(partner, "ticket:1")
    wrong = acted(partner)
    taken_back = papering.cancel_paper(keyed(at=DECEMBER), wrong.id, "Помилка")
    assert of(partner)[1][1:] == [
        (f"Акт наданих послуг № {wrong.number}", PRICE),
        (f"Сторно № {taken_back.number} акта № {wrong.number}", -PRICE),
    ]


def test_money_sent_back_leaves_again(partner: int) -> None:
    payment = pays(partner, PRICE)
    paying.return_payment(keyed(at=DECEMBER), payment, "Не нам")
    assert of(partner)[1] == [("Оплата", -PRICE), ("Повернення: оплата", PRICE)]
    assert of(partner, MONTH_END)[1] == [("Оплата", -PRICE)]


def test_an_opening_balance_is_money_between_the_two(partner: int) -> None:
    proposer, other = staff(StaffRole.ACCOUNTANT), staff(StaffRole.ACCOUNTANT)
    adjustment = actions.propose_adjustment(
        keyed(by=proposer), partner, UNITS, 5, "Залишок", unit_price_kopecks=PRICE
    )
    actions.approve_adjustment(keyed(by=other), adjustment.id)
    assert of(partner)[1] == [("Коригування розрахунків: Залишок", -5 * PRICE)]


def test_a_bonus_is_no_money(partner: int) -> None:
    actions.buy(keyed(), partner, 2, PRICE, 0, bonus=True)
    assert of(partner) == (0, [])


def test_each_company_has_its_own_settlements(partner: int) -> None:
    pays(partner, PRICE, "1")
    other = a_company(name="Second", code="99999919")
    catalogue.set_contract(keyed(), partner, contract_details(other))
    pays(partner, 2 * PRICE, "2")
    assert of(partner)[1] == [("Оплата № 2", -2 * PRICE)]


def test_the_paper_opens_where_the_period_before_closed(partner: int) -> None:
    pays(partner, 10 * PRICE)
    charged_in_december = acted_after(partner)
    first = papering.issue_reconciliation(keyed(at=DECEMBER), partner, MONTH, MONTH_END)
    second = papering.issue_reconciliation(
        keyed(at=DECEMBER), partner, date(2026, 12, 1), date(2026, 12, 31)
    )
    assert first.content["closing_kopecks"] == -10 * PRICE
    assert second.content["opening_kopecks"] == first.content["closing_kopecks"]
    assert second.total_kopecks == -10 * PRICE + charged_in_december


def acted_after(partner_id: int) -> int:
    """An act of December about what another purchase paid; its sum less that purchase."""
    buys(partner_id, 3, at=DECEMBER)
    charged(partner_id, "ticket:5", DECEMBER, quantity=2)
    acted(partner_id, date(2026, 12, 1), DECEMBER)
    return 2 * PRICE - 3 * PRICE
