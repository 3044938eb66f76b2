"""A month's end: acts for everybody, what is contested left out, then the month is closed (L11)."""

from __future__ import annotations

from datetime import date

import pytest

from desk.deposits import actions
from desk.deposits.actions import closing, papering, paying
from desk.deposits.actions.closing import PeriodNotOver, PeriodNotReady, PeriodOutOfOrder
from desk.deposits.models import Period
from desk.deposits.queries import closing as queries
from desk.deposits.queries import figures
from desk.partners.models import StaffRole
from tests.scenarios.billing import a_company, a_contract
from tests.scenarios.deposits import (
    MONEY,
    PRICE,
    a_partner,
    buys,
    day,
    holds,
    keyed,
    staff,
    unkeyed,
)

pytestmark = pytest.mark.django_db

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
EARLY_DECEMBER = day(10)


@pytest.fixture
def company() -> int:
    return a_company()


def charges(partner: int, subject: str, on: int) -> None:
    """A consultation worked and charged so many days after the Monday."""
    holds(partner, subject, at=day(on))
    actions.capture(unkeyed(day(on)), [subject])


def closes(company: int, first_on: date = NOVEMBER, days: int = 10, **terms: object) -> object:
    return closing.close_period(keyed(at=day(days)), company, first_on, **terms)  # type: ignore[arg-type]


def issues(partner: int, left_out: frozenset[str] = frozenset()) -> int:
    cause = keyed(at=EARLY_DECEMBER)
    return papering.issue_act(cause, partner, NOVEMBER, left_out).total_kopecks


def test_l11_a_month_is_closed_once_all_is_acted(company: int) -> None:
    partner = a_partner()
    a_contract(partner, company)
    buys(partner, 5)
    charges(partner, "ticket:1", 1)
    charges(partner, "ticket:2", 2)
    with pytest.raises(PeriodNotReady) as refused:
        closes(company)
    assert refused.value.points == ("acts",)
    assert issues(partner) == 2 * PRICE
    found = queries.readiness(company, NOVEMBER)
    assert (found.issued.count, found.acted_kopecks, found.left_kopecks) == (1, 2 * PRICE, 0)
    closed = closes(company)
    assert closes(company) == closed
    assert Period.objects.count() == 1
    kept = queries.period(company, NOVEMBER)
    assert kept is not None
    assert queries.kept(kept.figures["total"]) == found.figures
    assert kept.figures["acts"] == {"count": 1, "kopecks": 2 * PRICE}


def test_l11_what_is_contested_stays_out_and_is_named(company: int) -> None:
    """Left out of November; once ruled against the partner, December's act carries it."""
    partner = a_partner()
    buys(partner, 5)
    charges(partner, "ticket:1", 1)
    charges(partner, "ticket:2", 2)
    left_out = frozenset({"ticket:2"})
    assert issues(partner, left_out) == PRICE
    found = queries.readiness(company, NOVEMBER, left_out)
    assert found.open_points == ()
    assert found.contested == {"ticket:2": PRICE}
    assert found.left_kopecks == PRICE
    closes(company, left_out=left_out)
    charges(partner, "ticket:3", 15)
    act = papering.issue_act(keyed(at=day(40)), partner, DECEMBER)
    assert act.total_kopecks == 2 * PRICE


def test_l11_a_partner_with_nothing_but_contested_charges_needs_no_act(company: int) -> None:
    partner = a_partner()
    buys(partner, 5)
    charges(partner, "ticket:1", 1)
    assert queries.readiness(company, NOVEMBER).open_points == ("acts",)
    found = queries.readiness(company, NOVEMBER, ["ticket:1"])
    assert (found.open_points, found.acts_due) == ((), ())


def test_l11_a_correction_falls_into_the_next_month(company: int) -> None:
    partner = a_partner()
    buys(partner, 5)
    charges(partner, "ticket:1", 1)
    issues(partner)
    closes(company)
    before = queries.period(company, NOVEMBER)
    actions.reverse(keyed(at=day(12)), "ticket:1", 1, "Contested and won")
    act = papering.issue_act(keyed(at=day(40)), partner, DECEMBER)
    assert act.total_kopecks == -PRICE
    assert before is not None
    assert queries.readiness(company, NOVEMBER).figures == queries.kept(before.figures["total"])
    december = queries.readiness(company, DECEMBER).figures
    assert (december.earned_kopecks, december.reversed_kopecks) == (-PRICE, PRICE)


def test_a_month_that_goes_on_is_not_closed(company: int) -> None:
    with pytest.raises(PeriodNotOver):
        closes(company, NOVEMBER, days=6)
    closes(company, NOVEMBER, days=8)


def test_months_are_closed_one_after_the_other(company: int) -> None:
    assert queries.next_to_close(company) is None
    closes(company, NOVEMBER)
    with pytest.raises(PeriodOutOfOrder) as refused:
        closes(company, JANUARY, days=90)
    assert refused.value.due_on == queries.next_to_close(company) == DECEMBER
    closes(company, DECEMBER, days=90)
    assert [row.first_on for row in queries.periods(company)] == [DECEMBER, NOVEMBER]


def test_money_that_nobody_booked_keeps_the_month_open(company: int) -> None:
    partner = a_partner()
    incoming = paying.Incoming(company_id=company, kopecks=500_00, paid_on=day(2).date())
    payment = paying.take_payment(keyed(at=day(3)), incoming)
    found = queries.readiness(company, NOVEMBER)
    assert (found.unmatched, found.open_points) == (queries.Counted(1, 500_00), ("unmatched",))
    paying.match_payment(keyed(at=day(3)), payment.id, partner, None, 500_00)
    assert queries.readiness(company, NOVEMBER).open_points == ()


def test_what_waits_for_a_second_person_keeps_the_month_open(company: int) -> None:
    partner = a_partner()
    proposed = actions.propose_adjustment(
        keyed(at=day(1), by=staff(StaffRole.ACCOUNTANT)), partner, MONEY, 500, "Opening balance"
    )
    with pytest.raises(PeriodNotReady) as refused:
        closes(company)
    assert refused.value.points == ("adjustments",)
    actions.decline_adjustment(keyed(at=day(9)), proposed.id)
    closes(company)


def test_another_companys_partners_do_not_count(company: int) -> None:
    other = a_company(name="Other", prefix="ІН", is_default=False)
    partner = a_partner()
    a_contract(partner, other)
    buys(partner, 2)
    charges(partner, "ticket:1", 1)
    assert figures.partners_of(company) == []
    assert figures.partners_of(other) == [partner]
    assert queries.readiness(company, NOVEMBER).open_points == ()
    assert queries.readiness(other, NOVEMBER).open_points == ("acts",)
