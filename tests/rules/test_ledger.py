"""The ledger's arithmetic by example: boundaries that properties leave free (spec 3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from desk.rules import ledger
from desk.rules.ledger import (
    Account,
    AmountNotPositive,
    Cover,
    Debt,
    DepositExhausted,
    Draw,
    Line,
    Lot,
    MoreThanLeft,
    Purchase,
)

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
EXPIRY = date(2026, 12, 31)


def lot(number: int, available: int, expires_on: date | None = None, days: int = 0) -> Lot:
    return Lot(number, available, AT + timedelta(days=days), expires_on)


@pytest.mark.parametrize(
    ("operation", "origin", "target"),
    [
        (ledger.issue, Account.ISSUED, Account.AVAILABLE),
        (ledger.withdraw, Account.AVAILABLE, Account.ISSUED),
        (ledger.hold, Account.AVAILABLE, Account.HELD),
        (ledger.capture, Account.HELD, Account.EARNED),
        (ledger.release, Account.HELD, Account.AVAILABLE),
        (ledger.reverse, Account.EARNED, Account.AVAILABLE),
        (ledger.refund, Account.AVAILABLE, Account.REFUNDED),
        (ledger.expire, Account.AVAILABLE, Account.EXPIRED),
        (ledger.add, Account.ADJUSTED, Account.AVAILABLE),
        (ledger.deduct, Account.AVAILABLE, Account.ADJUSTED),
    ],
)
def test_l1_every_operation_takes_from_one_account_what_it_puts_into_another(
    operation: object, origin: Account, target: Account
) -> None:
    assert callable(operation)
    assert operation([Draw(1, 3), Draw(2, 4)]) == (
        Line(origin, 1, -3),
        Line(target, 1, 3),
        Line(origin, 2, -4),
        Line(target, 2, 4),
    )


@pytest.mark.parametrize(
    ("lots", "order"),
    [
        pytest.param([lot(1, 1), lot(2, 1, EXPIRY)], [2, 1], id="one that expires comes first"),
        pytest.param(
            [lot(1, 1, EXPIRY), lot(2, 1, EXPIRY - timedelta(days=1))], [2, 1], id="sooner first"
        ),
        pytest.param([lot(1, 1, days=1), lot(2, 1)], [2, 1], id="bought earlier first"),
        pytest.param([lot(2, 1), lot(1, 1)], [1, 2], id="then the lower number"),
    ],
)
def test_lots_are_used_by_expiry_then_purchase_date_then_id(
    lots: list[Lot], order: list[int]
) -> None:
    assert [each.id for each in ledger.usage_order(lots)] == order
    assert [draw.lot for draw in ledger.select(lots, len(lots))] == order


def test_l2_the_last_unit_can_be_had_and_no_more() -> None:
    lots = [lot(1, 1), lot(2, 1)]
    assert ledger.select(lots, 2) == (Draw(1, 1), Draw(2, 1))
    with pytest.raises(DepositExhausted) as refused:
        ledger.select(lots, 3)
    assert (refused.value.available, refused.value.needed) == (2, 3)
    with pytest.raises(DepositExhausted):
        ledger.select([], 1)


def test_l2_units_lent_count_against_the_others() -> None:
    lots = [lot(1, 3), lot(2, -2)]
    assert ledger.select(lots, 1) == (Draw(1, 1),)
    with pytest.raises(DepositExhausted) as refused:
        ledger.select(lots, 2)
    assert refused.value.available == 1


@pytest.mark.parametrize(
    ("available", "needed", "limit", "expected"),
    [
        (1, 1, 0, Cover.COVERED),
        (0, 1, 1, Cover.CREDIT),
        (0, 1, 0, Cover.UNCOVERED),
        (-2, 1, 3, Cover.CREDIT),
        (-3, 1, 3, Cover.UNCOVERED),
        (1, 2, 1, Cover.CREDIT),
        (1, 3, 1, Cover.UNCOVERED),
    ],
)
def test_l2_a_bug_is_covered_on_credit_or_uncovered(
    available: int, needed: int, limit: int, expected: Cover
) -> None:
    assert ledger.cover(available, needed, limit) is expected


@pytest.mark.parametrize(
    ("quantity", "price", "paid", "bought", "rest"),
    [
        pytest.param(10, 18_000, 180_000, 10, 0, id="paid in full"),
        pytest.param(10, 18_000, 179_999, 9, 17_999, id="a kopiyka short"),
        pytest.param(10, 18_000, 180_001, 10, 1, id="a kopiyka over"),
        pytest.param(1, 18_000, 17_999, 0, 17_999, id="too little for one"),
        pytest.param(1, 18_000, 360_000, 1, 342_000, id="overpaid"),
    ],
)
def test_a_payment_buys_whole_units_and_the_rest_stays_money(
    quantity: int, price: int, paid: int, bought: int, rest: int
) -> None:
    assert ledger.purchase(quantity, price, paid) == Purchase({}, bought, rest, paid - rest)


def test_l2_a_purchase_fills_debts_first_at_their_own_price() -> None:
    debts = [Debt(1, 2, 20_000), Debt(2, 1, 15_000, whole=True)]
    assert ledger.purchase(10, 18_000, 180_000, debts) == Purchase({1: 2, 2: 1}, 6, 17_000, 163_000)


def test_l2_a_lent_lot_is_filled_in_part_an_uncovered_bug_as_a_whole() -> None:
    debts = [Debt(1, 3, 18_000), Debt(2, 2, 18_000, whole=True)]
    assert ledger.purchase(2, 18_000, 36_000, debts).filled == {1: 2}
    assert ledger.purchase(4, 18_000, 72_000, debts) == Purchase({1: 3}, 1, 0, 72_000)
    assert ledger.purchase(5, 18_000, 90_000, debts).filled == {1: 3, 2: 2}


def test_a_charge_is_reversed_from_its_last_lot_at_most_what_is_left() -> None:
    charged = (Draw(1, 2), Draw(2, 1))
    assert ledger.give_back(charged, 1) == (Draw(2, 1),)
    assert ledger.give_back(charged, 2) == (Draw(2, 1), Draw(1, 1))
    with pytest.raises(MoreThanLeft) as refused:
        ledger.give_back(charged, 4)
    assert (refused.value.left, refused.value.asked) == (3, 4)


def test_hours_logged_are_charged_from_the_first_lots_and_the_rest_goes_back() -> None:
    held = (Draw(1, 50_000), Draw(2, 50_000))
    assert ledger.part(held, 60_000) == ((Draw(1, 50_000), Draw(2, 10_000)), (Draw(2, 40_000),))
    assert ledger.part(held, 0) == ((), held)
    assert ledger.part(held, 999_999) == (held, ())


@pytest.mark.parametrize(
    ("returned_on", "until"),
    [
        (EXPIRY, EXPIRY),
        (EXPIRY + timedelta(days=1), EXPIRY + timedelta(days=31)),
        (EXPIRY + timedelta(days=100), EXPIRY + timedelta(days=130)),
    ],
)
def test_what_comes_back_after_the_expiry_lives_thirty_days_more(
    returned_on: date, until: date
) -> None:
    assert ledger.life_of_returned(EXPIRY, returned_on) == until
    assert ledger.life_of_returned(None, returned_on) is None


@pytest.mark.parametrize("amount", [0, -1, 0.5, 1.0, "1", True, None])
def test_l7_only_whole_positive_numbers_count(amount: object) -> None:
    with pytest.raises(AmountNotPositive):
        ledger.whole(amount)  # type: ignore[arg-type]
    with pytest.raises(AmountNotPositive):
        ledger.select([lot(1, 5)], amount)  # type: ignore[arg-type]
    with pytest.raises(AmountNotPositive):
        ledger.purchase(1, 18_000, amount)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("daily", "usual"),
    [
        pytest.param([1] * 4, None, id="four days are no habit"),
        pytest.param([0, 0, 0, 1, 1], None, id="two units are none either"),
        pytest.param([1, 0, 2, 0, 3], Fraction(6, 5), id="a mean per working day"),
        pytest.param([1] * 9 + [30], Fraction(12, 10), id="one heavy day counts thrice at most"),
        pytest.param([1, 1, 1, 0, 0], Fraction(3, 5), id="five days and three units are one"),
        pytest.param([0, 0, 0, 0, 5], Fraction(1), id="days without use set no limit"),
        pytest.param([], None, id="no days"),
    ],
)
def test_l10_usual_use(daily: list[int], usual: Fraction | None) -> None:
    assert ledger.usual_use(daily) == usual


@pytest.mark.parametrize(
    ("available", "pace", "days"),
    [(9, Fraction(1), 9), (9, Fraction(2), 4), (0, Fraction(2), 0), (-1, Fraction(2), 0)],
)
def test_l10_at_that_pace_the_deposit_lasts(available: int, pace: Fraction, days: int) -> None:
    assert ledger.lasts_days(available, pace) == days
    assert ledger.lasts_days(available, None) is None
    assert ledger.lasts_days(available, Fraction(0)) is None
