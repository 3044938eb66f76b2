"""The act of a month: what was charged and on no act yet, reversals on lines of their own (L11)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from desk.deposits import actions
from desk.deposits.actions import papering
from desk.deposits.actions.papering import NothingToAct
from desk.deposits.models import ActLine, Period
from desk.deposits.queries import papers
from desk.deposits.queries.catalogue import CompanyMissing
from tests.scenarios.billing import a_company, a_contract
from tests.scenarios.deposits import MONDAY, MONEY, PRICE, a_partner, buys, day, keyed, unkeyed
from tests.scenarios.papers import MONTH, MONTH_END, NEXT_MONTH, acted, charged, said

pytestmark = pytest.mark.django_db
# 00:30 of 1 December in Kyiv is still November in UTC.
FIRST_OF_DECEMBER = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def partner() -> int:
    partner_id = a_partner()
    a_contract(partner_id)
    buys(partner_id, 20)
    return partner_id


def test_an_act_has_each_charge_with_its_ticket(partner: int) -> None:
    charged(partner, "ticket:1")
    charged(partner, "ticket:2", day(1), quantity=3)
    row = acted(partner)
    assert said(row) == [("OLH-1", 1, PRICE), ("OLH-2", 3, 3 * PRICE)]
    assert row.total_kopecks == 4 * PRICE
    assert row.content["lines"][1]["on"] == "2026-11-24"
    assert row.content["lines"][1]["subject"] == "Ціни не оновлюються"
    assert (row.from_on, row.until_on) == (MONTH, MONTH_END)


def test_an_act_is_dated_on_the_months_last_day_or_today_before_it(partner: int) -> None:
    charged(partner, "ticket:1")
    assert acted(partner).issued_on == MONDAY.date()
    charged(partner, "ticket:2")
    assert acted(partner, at=DECEMBER).issued_on == MONTH_END


def test_an_empty_month_gives_no_act(partner: int) -> None:
    with pytest.raises(NothingToAct):
        acted(partner)
    charged(partner, "ticket:1")
    acted(partner)
    with pytest.raises(NothingToAct):
        acted(partner)


def test_a_month_ends_at_midnight_of_the_desks_zone(partner: int) -> None:
    charged(partner, "ticket:1", FIRST_OF_DECEMBER)
    with pytest.raises(NothingToAct):
        acted(partner, at=DECEMBER)
    assert [due.charges for due in papers.act_due(NEXT_MONTH)] == [1]
    assert said(acted(partner, NEXT_MONTH, DECEMBER)) == [("OLH-1", 1, PRICE)]


def test_l11_a_reversal_after_the_act_is_a_negative_line_of_the_next(partner: int) -> None:
    charged(partner, "ticket:1")
    charged(partner, "ticket:2")
    acted(partner)
    actions.reverse(keyed(at=DECEMBER), "ticket:1", 1, "OLH-1 Ціни не оновлюються")
    charged(partner, "ticket:3", DECEMBER)
    row = acted(partner, NEXT_MONTH, DECEMBER)
    assert said(row) == [("OLH-1", -1, -PRICE), ("OLH-3", 1, PRICE)]
    assert row.total_kopecks == 0


def test_l11_a_month_of_reversals_alone_gives_a_negative_act(partner: int) -> None:
    charged(partner, "ticket:1")
    acted(partner)
    actions.reverse(keyed(at=DECEMBER), "ticket:1", 1, "OLH-1 Ціни")
    row = acted(partner, NEXT_MONTH, DECEMBER)
    assert row.total_kopecks == -PRICE
    assert papers.content_of(row.id, "pdf").startswith(b"%PDF")


def test_l11_a_contested_charge_waits_until_it_is_ruled(partner: int) -> None:
    charged(partner, "ticket:1")
    charged(partner, "ticket:2")
    assert said(acted(partner, left_out=("ticket:1",))) == [("OLH-2", 1, PRICE)]
    with pytest.raises(NothingToAct):
        acted(partner, left_out=("ticket:1",))
    assert papers.act_due(MONTH)[0].roots == ("ticket:1",)
    assert said(acted(partner, NEXT_MONTH, DECEMBER)) == [("OLH-1", 1, PRICE)]


def test_a_bonus_is_on_the_act_for_nothing(partner: int) -> None:
    other = a_partner("ELS")
    actions.buy(keyed(), other, 2, PRICE, 0, bonus=True)
    buys(other, 5)
    charged(other, "ticket:1", quantity=3)
    row = acted(other)
    assert said(row) == [("OLH-1", 2, 0), ("OLH-1", 1, PRICE)]
    assert ActLine.objects.get().kopecks == PRICE


def test_a_customisation_is_a_service_with_its_hours(partner: int) -> None:
    actions.top_up(keyed(), partner, 50_000, "Invoice 7")
    actions.hold(
        unkeyed(),
        partner,
        ["ticket:9"],
        commodity=MONEY,
        quantity_each=50_000,
        memo="OLH-9 Звіт",
    )
    actions.capture(unkeyed(), ["ticket:9"], quantity=45_000)
    row = papering.issue_act(keyed(), partner, MONTH, minutes={"ticket:9": 150})
    (line,) = row.content["lines"]
    assert (line["quantity"], line["unit"], line["minutes"]) == (1, "посл.", 150)
    assert (line["price_kopecks"], line["kopecks"]) == (45_000, 45_000)


def test_l3_an_act_repeated_with_its_key_is_the_same(partner: int) -> None:
    charged(partner, "ticket:1")
    cause = keyed("form:acts:1")
    first = papering.issue_act(cause, partner, MONTH)
    charged(partner, "ticket:2")
    assert papering.issue_act(cause, partner, MONTH) == first


def test_a_cancelled_act_frees_its_charges(partner: int) -> None:
    charged(partner, "ticket:1")
    wrong = acted(partner)
    taken_back = papering.cancel_paper(keyed(at=DECEMBER), wrong.id, "Не той договір")
    assert taken_back.total_kopecks == -PRICE
    assert said(acted(partner, at=DECEMBER)) == [("OLH-1", 1, PRICE)]
    assert ActLine.objects.filter(in_force=True).count() == 1
    assert ActLine.objects.count() == 2


def test_what_is_acted_after_the_month_was_closed_is_dated_today(partner: int) -> None:
    charged(partner, "ticket:1")
    due = papers.act_due(MONTH)
    assert [(one.partner_id, one.charges, one.kopecks) for one in due] == [(partner, 1, PRICE)]
    company_id = acted(partner).company_id
    Period.objects.create(
        company_id=company_id, first_on=MONTH, closed_at=DECEMBER, closed_by="person:1"
    )
    charged(partner, "ticket:2")
    assert acted(partner, at=DECEMBER).issued_on == date(2026, 12, 10)


def test_without_a_company_there_is_no_paper() -> None:
    partner_id = a_partner()
    buys(partner_id, 1)
    charged(partner_id, "ticket:1")
    with pytest.raises(CompanyMissing):
        acted(partner_id)
    a_company()
    assert acted(partner_id).content["buyer"]["legal_name"] == "Partner OLH"


def test_vat_is_within_the_sum_and_rounded_to_the_kopiyka() -> None:
    partner_id = a_partner()
    a_company(is_vat_payer=True, tax_number="999999012345")
    actions.buy(keyed(), partner_id, 1, 10_000, 10_000)
    charged(partner_id, "ticket:1")
    content = acted(partner_id).content
    assert (content["total_kopecks"], content["vat_kopecks"]) == (10_000, 1_667)
