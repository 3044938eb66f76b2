"""What is read from the ledger: statements, costs, pace, what waits (L5, L6, L8-L10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk.deposits import actions, queries
from desk.deposits.values import Balance, Cost
from desk.journal import queries as journal
from tests.scenarios.deposits import (
    MONEY,
    PRICE,
    UNITS,
    a_partner,
    buys,
    day,
    holds,
    keyed,
    on,
    unkeyed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> int:
    return a_partner()


def test_l9_a_statement_is_equal_to_the_ledger(partner: int) -> None:
    buys(partner, 5, at=day(0))
    holds(partner, "ticket:42/part:1", "ticket:42/part:2", at=day(1))
    actions.capture(unkeyed(day(2)), ["ticket:42/part:1", "ticket:42/part:2"])
    actions.top_up(keyed(at=day(3)), partner, 1_000, "Invoice 7")
    actions.reverse(keyed(at=day(4), by="person:9"), "ticket:42/part:2", 1, "OLH-42 Prices")
    whole = queries.statement(partner, day(0), day(9))
    assert whole.opening == Balance()
    assert whole.closing == queries.balance(partner) == Balance(4, 0, 1_000, 0)
    told = [
        (move.verb, move.subject, move.memo, move.change, move.kopecks) for move in whole.movements
    ]
    assert told == [
        ("buy", "", "", Balance(5), 0),
        ("hold", "ticket:42", "OLH-42 Prices", Balance(-2, 2), 0),
        ("capture", "ticket:42", "OLH-42 Prices", Balance(0, -2), 2 * PRICE),
        ("top_up", "", "Invoice 7", Balance(0, 0, 1_000), 0),
        ("reverse", "ticket:42", "OLH-42 Prices", Balance(1), -PRICE),
    ]
    assert (whole.movements[-1].by, whole.movements[-1].channel) == ("person:9", "accounting")
    assert whole.movements[-1].after == whole.closing
    assert whole.movements[0].facts["paid_kopecks"] == 5 * PRICE


def test_l9_movements_page_by_page_are_the_statement(partner: int) -> None:
    buys(partner, 5, at=day(0))
    holds(partner, "ticket:42/part:1", "ticket:42/part:2", at=day(1))
    actions.capture(unkeyed(day(1)), ["ticket:42/part:1", "ticket:42/part:2"])
    actions.top_up(keyed(at=day(3)), partner, 1_000, "Invoice 7")
    whole = queries.statement(partner, day(0), day(9)).movements[::-1]
    assert queries.movements(partner) == whole
    first = queries.movements(partner, most=2)
    last = first[-1]
    assert first + queries.movements(partner, (last.at, last.id)) == whole
    oldest = whole[-1]
    assert queries.movements(partner, (oldest.at, oldest.id)) == ()


def test_l9_neighbouring_statements_meet(partner: int) -> None:
    for number in range(6):
        buys(partner, 1, at=day(number))
        holds(partner, f"ticket:{number}", at=day(number))
    parts = [queries.statement(partner, day(n), day(n + 1)) for n in range(6)]
    for earlier, later in pairwise(parts):
        assert earlier.closing == later.opening
    assert [len(each.movements) for each in parts] == [2] * 6
    assert parts[-1].closing == queries.balance(partner)
    empty = queries.statement(partner, day(30), day(60))
    assert (empty.opening, empty.movements) == (empty.closing, ())


def test_l9_a_closed_period_never_changes(partner: int) -> None:
    """A deed dated earlier than the last one is entered at the last one's instant (I13)."""
    buys(partner, 5, at=day(5))
    before = queries.statement(partner, day(0), day(4))
    actions.top_up(keyed(at=day(1)), partner, 700, "late")
    assert queries.statement(partner, day(0), day(4)) == before
    assert queries.statement(partner, day(5), day(6)).closing == Balance(5, 0, 700, 0)


def test_l9_a_statement_of_a_settled_bug_names_the_bug(partner: int) -> None:
    actions.hold_for_bug(
        unkeyed(),
        partner,
        ["ticket:9"],
        credit_limit=0,
        unit_price_kopecks=PRICE,
        memo="OLH-9 Down",
    )
    actions.capture(unkeyed(), ["ticket:9"])
    buys(partner, 3, at=day(1))
    whole = queries.statement(partner, day(0), day(2))
    assert [(move.verb, move.memo, move.change, move.kopecks) for move in whole.movements] == [
        ("buy", "", Balance(3), 0),
        ("hold", "OLH-9 Down", Balance(-1, 1), 0),
        ("capture", "OLH-9 Down", Balance(0, -1), PRICE),
    ]


def test_l5_costs_of_many_tickets_take_one_query(partner: int) -> None:
    buys(partner, 30)
    tickets = [f"ticket:{number}" for number in range(20)]
    for ticket in tickets:
        holds(partner, f"{ticket}/part:1")
    actions.capture(unkeyed(), ["ticket:3/part:1"])
    with CaptureQueriesContext(
        connection,
    ) as read:
        costs = queries.costs(tickets)
    assert len(read) == 1
    assert costs["ticket:3"] == Cost(units_captured=1, kopecks_charged=PRICE)
    assert costs["ticket:4"] == Cost(units_held=1, kopecks_held=PRICE)
    assert queries.cost("ticket:999") == Cost()


def test_l6_a_ticket_is_not_its_neighbour_with_a_longer_number(partner: int) -> None:
    buys(partner, 3)
    holds(partner, "ticket:4")
    holds(partner, "ticket:42")
    holds(partner, "ticket:42/part:1")
    assert queries.cost("ticket:4").units_held == 1
    assert queries.cost("ticket:42").units_held == 2
    assert queries.held_subjects("ticket:42") == ["ticket:42", "ticket:42/part:1"]
    assert queries.open_subjects() == {"ticket:4": 1, "ticket:42": 1, "ticket:42/part:1": 1}


def test_costs_count_money_in_kopecks_only(partner: int) -> None:
    actions.top_up(keyed(), partner, 90_000, "")
    actions.hold(
        unkeyed(), partner, ["ticket:1/hours"], commodity=MONEY, quantity_each=60_000, memo="OLH-1"
    )
    assert queries.cost("ticket:1") == Cost(kopecks_held=60_000)
    actions.capture(unkeyed(), ["ticket:1/hours"], quantity=45_000)
    assert queries.cost("ticket:1") == Cost(kopecks_charged=45_000)


def test_hold_and_capture_of_a_ticket_take_few_round_trips(partner: int) -> None:
    """Nine parts take as many as one: rows are written together."""
    buys(partner, 20)
    for parts in (1, 9):
        subjects = [f"ticket:{parts}/part:{number}" for number in range(parts)]
        with CaptureQueriesContext(connection) as held:
            holds(partner, *subjects)
        with CaptureQueriesContext(connection) as captured:
            actions.capture(unkeyed(), subjects)
        assert (len(held), len(captured)) == (7, 6)


def test_l10_usual_use_counts_what_was_held_and_not_given_back(partner: int) -> None:
    buys(partner, 50)
    days = [on(number) for number in range(5)]
    for number in range(5):
        holds(partner, f"ticket:{number}/1", f"ticket:{number}/2", at=day(number))
    actions.release(unkeyed(day(6)), ["ticket:0/1"])
    assert queries.pace(partner, day(6), days) == Fraction(9, 5)
    assert queries.pace(partner, day(2), days) == Fraction(5, 5)
    assert queries.pace(partner, day(6), days[:4]) is None
    assert queries.pace(partner, day(6), []) is None
    assert queries.pace(a_partner("ELS"), day(6), days) is None


def test_l4_open_holds_have_an_age(partner: int) -> None:
    buys(partner, 3)
    holds(partner, "ticket:1", at=day(0))
    holds(partner, "ticket:2", at=day(5))
    actions.release(unkeyed(day(6)), ["ticket:2"])
    holds(partner, "ticket:3", at=day(9))
    assert [hold.subject for hold in queries.open_holds_older_than(day(7))] == ["ticket:1"]


@pytest.mark.parametrize("verb", ["buy", "top_up", "convert", "release", "reverse", "capture"])
def test_any_rise_of_available_is_told_to_the_journal(partner: int, verb: str) -> None:
    """Tickets that wait for the deposit are looked at after each such entry."""
    buys(partner, 2)
    actions.top_up(keyed(), partner, 5 * PRICE, "")
    actions.convert(keyed(), partner, 1, PRICE)
    holds(partner, "ticket:1")
    actions.capture(unkeyed(), ["ticket:1"])
    actions.reverse(keyed(), "ticket:1", 1, "OLH-1")
    actions.hold(
        unkeyed(), partner, ["ticket:2/hours"], commodity=MONEY, quantity_each=500, memo="OLH-2"
    )
    actions.capture(unkeyed(), ["ticket:2/hours"], quantity=300)
    entries = list(journal.of(f"deposit:{partner}"))
    assert {entry.partner_id for entry in entries} == {partner}
    assert verb in {entry.verb for entry in entries}
    assert [entry.verb for entry in entries][-2:] == ["capture", "release"]


def test_lots_are_listed_in_the_order_of_use(partner: int) -> None:
    buys(partner, 1)
    actions.buy(keyed(), partner, 2, PRICE, 2 * PRICE, expires_on=on(90))
    holds(partner, "ticket:1")
    listed = queries.lots(partner)
    assert [(lot.quantity, lot.available, lot.held) for lot in listed] == [(2, 1, 1), (1, 1, 0)]
    actions.capture(unkeyed(), ["ticket:1"])
    holds(partner, "ticket:2")
    actions.capture(unkeyed(), ["ticket:2"])
    assert len(queries.lots(partner)) == 1
    assert len(queries.lots(partner, used_up=True)) == 2


def test_r13_moments_are_utc_whatever_the_zone(partner: int) -> None:
    actions.top_up(keyed(at=datetime(2026, 11, 23, 22, 30, tzinfo=UTC)), partner, 100, "")
    midnight = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    assert len(queries.statement(partner, midnight, midnight + timedelta(days=1)).movements) == 1
    assert len(queries.statement(partner, midnight - timedelta(days=1), midnight).movements) == 0


def test_l8_the_balance_is_read_in_the_transaction_that_decides(partner: int) -> None:
    buys(partner, 1)
    assert queries.balance(partner) == Balance(1)
    actions.hold(unkeyed(), partner, ["ticket:1"], commodity=UNITS, quantity_each=1, memo="")
    assert queries.balance(partner) == Balance(0, 1)
    assert queries.balances([partner, 999]) == {partner: Balance(0, 1), 999: Balance()}
