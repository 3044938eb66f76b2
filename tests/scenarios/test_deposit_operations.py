"""The deposit's operations, as specification 3 tells them; each test names its rule."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from desk.deposits import actions, queries
from desk.deposits.checks import check
from desk.deposits.values import Balance, BugHold, Cost
from desk.journal.cause import system
from desk.rules.ledger import Cover
from tests.scenarios.deposits import (
    MONDAY,
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


@pytest.fixture(autouse=True)
def ledger_is_right(db: None) -> Iterator[None]:
    """Whatever a scenario does, the check proves the whole ledger afterwards (L1)."""
    yield
    connection.check_constraints()
    assert check() == []


def test_a_pack_bought_and_paid_is_available(partner: int) -> None:
    bought = actions.buy(keyed(), partner, 10, PRICE, 10 * PRICE)
    assert (bought.bought, bought.rest_kopecks) == (10, 0)
    assert queries.balance(partner) == Balance(consultations_available=10)


def test_a_part_payment_buys_what_it_pays_for_and_the_rest_stays_money(partner: int) -> None:
    bought = actions.buy(keyed(), partner, 10, PRICE, 100_000)
    assert (bought.bought, bought.rest_kopecks) == (5, 10_000)
    assert queries.balance(partner) == Balance(5, 0, 10_000, 0)


def test_an_overpayment_stays_money(partner: int) -> None:
    actions.buy(keyed(), partner, 2, PRICE, 2 * PRICE + 1)
    assert queries.balance(partner) == Balance(2, 0, 1, 0)


def test_a_bonus_brings_consultations_without_a_price(partner: int) -> None:
    actions.buy(keyed(), partner, 3, PRICE, 0, bonus=True)
    held = holds(partner, "ticket:42/part:1")
    assert held[0].kopecks == 0
    assert queries.balance(partner) == Balance(2, 1)


def test_money_is_converted_at_the_price_of_the_day(partner: int) -> None:
    actions.top_up(keyed(), partner, 100_000, "Invoice 7")
    actions.convert(keyed(), partner, 5, PRICE)
    assert queries.balance(partner) == Balance(5, 0, 10_000, 0)
    with pytest.raises(actions.DepositExhausted) as refused:
        actions.convert(keyed(), partner, 1, PRICE)
    assert (refused.value.available, refused.value.needed) == (10_000, PRICE)


def test_l8_the_check_is_made_at_the_hold_all_parts_or_none(partner: int) -> None:
    buys(partner, 2)
    with pytest.raises(actions.DepositExhausted) as refused:
        holds(partner, "ticket:42/part:1", "ticket:42/part:2", "ticket:42/part:3")
    assert (refused.value.available, refused.value.needed) == (2, 3)
    assert queries.balance(partner) == Balance(2, 0)
    assert queries.cost("ticket:42") == Cost()


def test_l5_a_confirmed_ticket_is_charged_its_parts_once(partner: int) -> None:
    buys(partner, 5)
    subjects = ["ticket:42/part:1", "ticket:42/part:2", "ticket:42/part:3"]
    holds(partner, *subjects)
    first = actions.capture(unkeyed(), subjects)
    again = actions.capture(unkeyed(), subjects)
    assert first == again
    assert (first.captured, first.released, first.kopecks) == (3, 0, 3 * PRICE)
    assert queries.balance(partner) == Balance(2, 0)
    cost = queries.cost("ticket:42")
    assert cost == Cost(units_captured=3, kopecks_charged=3 * PRICE)


def test_l4_a_hold_ends_exactly_once(partner: int) -> None:
    buys(partner, 2)
    holds(partner, "ticket:1", at=day(0))
    holds(partner, "ticket:2", at=day(0))
    actions.release(unkeyed(), ["ticket:1"])
    actions.capture(unkeyed(), ["ticket:2"])
    with pytest.raises(actions.HoldEnded) as refused:
        actions.capture(unkeyed(), ["ticket:1"])
    assert refused.value.outcome == "released"
    with pytest.raises(actions.HoldEnded):
        actions.release(unkeyed(), ["ticket:2"])
    with pytest.raises(actions.HoldMissing):
        actions.capture(unkeyed(), ["ticket:3"])
    assert queries.balance(partner) == Balance(1, 0)


def test_a_released_part_may_be_held_again(partner: int) -> None:
    buys(partner, 1)
    for _ in range(3):
        holds(partner, "ticket:42")
        actions.release(unkeyed(), ["ticket:42"])
    holds(partner, "ticket:42")
    with pytest.raises(actions.AlreadyHeld):
        holds(partner, "ticket:42")
    assert actions.capture(unkeyed(), ["ticket:42"]).kopecks == PRICE


def test_lots_are_used_by_expiry_then_purchase_then_id(partner: int) -> None:
    actions.buy(keyed(), partner, 1, 100, 100)
    actions.buy(keyed(), partner, 1, 200, 200, expires_on=on(60))
    actions.buy(keyed(), partner, 1, 300, 300, expires_on=on(30))
    actions.buy(keyed(), partner, 1, 400, 400)
    held = holds(partner, "t:1/1", "t:1/2", "t:1/3", "t:1/4")
    assert [hold.kopecks for hold in held] == [300, 200, 100, 400]


def test_l6_the_price_is_frozen_at_the_purchase(partner: int) -> None:
    buys(partner, 1, price=15_000)
    buys(partner, 5, price=20_000)
    holds(partner, "ticket:42/part:1", "ticket:42/part:2")
    assert queries.cost("ticket:42").kopecks_held == 35_000
    actions.capture(unkeyed(), ["ticket:42/part:1", "ticket:42/part:2"])
    assert queries.cost("ticket:42").kopecks_charged == 35_000


def test_what_is_held_outlives_its_lot_and_lives_thirty_days_more(partner: int) -> None:
    actions.buy(keyed(), partner, 2, PRICE, 2 * PRICE, expires_on=on(10))
    holds(partner, "ticket:1/part:1", "ticket:1/part:2")
    actions.release(unkeyed(day(5)), ["ticket:1/part:1"])
    assert queries.lots(partner)[0].expires_on == on(10)
    actions.release(unkeyed(day(20)), ["ticket:1/part:2"])
    assert queries.lots(partner)[0].expires_on == on(50)


def test_a_charge_is_reversed_to_its_lot_never_more_than_is_left(partner: int) -> None:
    buys(partner, 1, price=15_000)
    buys(partner, 3, price=20_000)
    actions.hold(unkeyed(), partner, ["ticket:42"], commodity=UNITS, quantity_each=3, memo="OLH-42")
    actions.capture(unkeyed(), ["ticket:42"])
    back = actions.reverse(keyed("ruling:1"), "ticket:42", 2, "OLH-42")
    assert back == actions.reverse(keyed("ruling:1"), "ticket:42", 2, "OLH-42")
    assert back.kopecks == -40_000
    with pytest.raises(actions.MoreThanLeft) as refused:
        actions.reverse(keyed("ruling:2"), "ticket:42", 2, "OLH-42")
    assert (refused.value.left, refused.value.asked) == (1, 2)
    cost = queries.cost("ticket:42")
    assert (cost.units_captured, cost.units_reversed, cost.kopecks_charged) == (3, 2, 15_000)
    assert [(lot.unit_price_kopecks, lot.available) for lot in queries.lots(partner)] == [
        (20_000, 3)
    ]
    assert queries.charged("ticket:42") == {"ticket:42": 1}


def test_l2_a_bug_goes_on_credit_and_the_next_purchase_fills_it_first(partner: int) -> None:
    buys(partner, 1)
    first = _bug(partner, "ticket:1", limit=1)
    second = _bug(partner, "ticket:2", limit=1)
    assert (first.cover, second.cover, second.on_credit) == (Cover.COVERED, Cover.CREDIT, 1)
    assert queries.balance(partner).credit_used == 1
    actions.capture(unkeyed(), ["ticket:2"])
    assert queries.cost("ticket:2").kopecks_charged == PRICE
    bought = actions.buy(keyed(), partner, 10, 20_000, 200_000)
    assert (bought.filled, bought.bought, bought.rest_kopecks) == (1, 9, 2_000)
    assert queries.balance(partner) == Balance(9, 1, 2_000, 0)


def test_l2_nobody_else_goes_below_zero(partner: int) -> None:
    _bug(partner, "ticket:1", limit=5)
    with pytest.raises(actions.DepositExhausted) as refused:
        holds(partner, "ticket:2")
    assert (refused.value.available, refused.value.needed) == (-1, 1)


def test_l2_credit_given_back_is_no_longer_owed(partner: int) -> None:
    _bug(partner, "ticket:1", limit=1)
    actions.release(unkeyed(), ["ticket:1"])
    assert queries.balance(partner) == Balance()
    assert actions.buy(keyed(), partner, 2, PRICE, 2 * PRICE).filled == 0


def test_l2_beyond_the_limit_a_bug_is_uncovered_and_settled_by_the_next_purchase(
    partner: int,
) -> None:
    assert _bug(partner, "ticket:1", limit=0).cover is Cover.UNCOVERED
    assert _bug(partner, "ticket:2", limit=0).cover is Cover.UNCOVERED
    assert queries.balance(partner) == Balance()
    assert [bug.subject for bug in queries.uncovered(partner)] == ["ticket:1", "ticket:2"]
    assert queries.cost("ticket:1").uncovered_units == 1
    assert queries.held_subjects("ticket:1") == ["ticket:1"]
    actions.capture(unkeyed(), ["ticket:1"])
    actions.capture(unkeyed(), ["ticket:1"])
    bought = actions.buy(keyed(), partner, 5, PRICE, 5 * PRICE)
    assert (bought.settled, bought.bought) == (("ticket:1", "ticket:2"), 3)
    assert queries.cost("ticket:1") == Cost(units_captured=1, kopecks_charged=PRICE)
    assert queries.cost("ticket:2") == Cost(units_held=1, kopecks_held=PRICE)
    assert queries.uncovered(partner) == []
    assert actions.capture(unkeyed(), ["ticket:2"]).captured == 1
    assert queries.balance(partner) == Balance(3, 0)


def test_l2_an_uncovered_bug_that_is_cancelled_costs_nothing(partner: int) -> None:
    _bug(partner, "ticket:1", limit=0)
    actions.release(unkeyed(), ["ticket:1"])
    actions.release(unkeyed(), ["ticket:1"])
    with pytest.raises(actions.HoldEnded):
        actions.capture(unkeyed(), ["ticket:1"])
    assert actions.buy(keyed(), partner, 1, PRICE, PRICE).bought == 1


def test_a_conversion_settles_and_fills_like_a_purchase(partner: int) -> None:
    _bug(partner, "ticket:1", limit=1)
    _bug(partner, "ticket:2", limit=1)
    actions.top_up(keyed(), partner, 5 * PRICE, "Invoice 8")
    converted = actions.convert(keyed(), partner, 5, PRICE)
    assert (converted.filled, converted.bought) == (2, 3)
    assert queries.balance(partner) == Balance(3, 2)


def test_a_customisation_is_charged_its_hours_at_most_the_approved_sum(partner: int) -> None:
    actions.top_up(keyed(), partner, 500_000, "Invoice 9")
    for ticket, logged, charged in [("ticket:1", 150_000, 150_000), ("ticket:2", 999_999, 200_000)]:
        subject = f"{ticket}/hours"
        actions.hold(
            unkeyed(), partner, [subject], commodity=MONEY, quantity_each=200_000, memo="OLH-1"
        )
        ended = actions.capture(unkeyed(), [subject], quantity=logged)
        assert (ended.captured, ended.released) == (charged, 200_000 - charged)
        assert actions.capture(unkeyed(), [subject], quantity=logged) == ended
        with pytest.raises(actions.KeyReused):
            actions.capture(unkeyed(), [subject], quantity=1)
    assert queries.balance(partner) == Balance(0, 0, 150_000, 0)


def test_a_supplement_is_charged_after_the_estimate(partner: int) -> None:
    actions.top_up(keyed(), partner, 300_000, "Invoice 9")
    subjects = ["ticket:1/hours", "ticket:1/hours:2"]
    for subject in subjects:
        actions.hold(
            unkeyed(), partner, [subject], commodity=MONEY, quantity_each=100_000, memo="OLH-1"
        )
    ended = actions.capture(unkeyed(), subjects, quantity=130_000)
    assert (ended.captured, ended.released) == (130_000, 70_000)
    assert queries.charged("ticket:1") == {"ticket:1/hours": 100_000, "ticket:1/hours:2": 30_000}


def test_l3_a_repeated_key_does_nothing_and_another_content_is_refused(partner: int) -> None:
    first = actions.buy(keyed("pay:1"), partner, 10, PRICE, 10 * PRICE)
    assert actions.buy(keyed("pay:1", at=day(1)), partner, 10, PRICE, 10 * PRICE) == first
    for quantity, paid in [(10, 10 * PRICE - 1), (9, 10 * PRICE)]:
        with pytest.raises(actions.KeyReused):
            actions.buy(keyed("pay:1"), partner, quantity, PRICE, paid)
    with pytest.raises(actions.KeyReused):
        actions.top_up(keyed("pay:1"), partner, 10 * PRICE, "")
    with pytest.raises(actions.KeyReused):
        actions.buy(keyed("pay:1"), a_partner("ELS"), 10, PRICE, 10 * PRICE)
    with pytest.raises(actions.KeyMissing):
        actions.top_up(system(MONDAY), partner, 1, "")
    assert queries.balance(partner) == Balance(10)


def test_l3_a_repeated_hold_answers_the_first_one(partner: int) -> None:
    buys(partner, 3)
    cause = unkeyed()
    words = {"commodity": UNITS, "quantity_each": 1, "memo": "OLH-42"}
    first = actions.hold(cause, partner, ["ticket:42"], **words)  # type: ignore[arg-type]
    assert actions.hold(cause, partner, ["ticket:42"], **words) == first  # type: ignore[arg-type]
    assert queries.balance(partner) == Balance(2, 1)


@pytest.mark.parametrize("amount", [0, -1, 1.0, "5", True])
def test_l7_amounts_are_positive_whole_numbers(partner: int, amount: object) -> None:
    with pytest.raises(actions.AmountNotPositive):
        actions.top_up(keyed(), partner, amount, "")  # type: ignore[arg-type]
    with pytest.raises(actions.AmountNotPositive):
        actions.buy(keyed(), partner, amount, PRICE, PRICE)  # type: ignore[arg-type]


def _bug(partner_id: int, subject: str, *, limit: int) -> BugHold:
    return actions.hold_for_bug(
        unkeyed(),
        partner_id,
        [subject],
        credit_limit=limit,
        unit_price_kopecks=PRICE,
        memo="OLH-1 Down",
    )


def test_l3_an_end_answers_for_the_last_life_of_its_subject(partner: int) -> None:
    """Charged, then uncovered, then dropped: each end is repeated without another outcome."""
    assert _bug(partner, "ticket:1", limit=1).cover is Cover.CREDIT
    assert actions.capture(unkeyed(), ["ticket:1"]).captured == 1
    assert _bug(partner, "ticket:1", limit=1).cover is Cover.UNCOVERED
    for _ in range(2):
        assert actions.capture(unkeyed(), ["ticket:1"]).captured == 0
    for _ in range(2):
        assert actions.release(unkeyed(), ["ticket:1"]).released == 0
    with pytest.raises(actions.HoldEnded):
        actions.capture(unkeyed(), ["ticket:1"])


def test_l3_a_keyed_end_answers_its_own_outcome_after_a_later_one(partner: int) -> None:
    actions.top_up(keyed(), partner, 1_000, "")
    for key, charged in (("form:1", 300), ("form:2", 200)):
        actions.hold(
            unkeyed(), partner, ["ticket:1/hours"], commodity=MONEY, quantity_each=400, memo=""
        )
        actions.capture(keyed(key), ["ticket:1/hours"], quantity=charged)
    first = actions.capture(keyed("form:1"), ["ticket:1/hours"], quantity=300)
    assert (first.captured, first.released) == (300, 100)
    with pytest.raises(actions.KeyReused):
        actions.capture(keyed("form:1"), ["ticket:1/hours"], quantity=200)
