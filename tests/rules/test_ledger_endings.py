"""Refund and expiry as arithmetic: what may leave a deposit, for how much, and when it is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.rules import ledger
from desk.rules.ledger import AmountNotPositive, DepositExhausted, NotRefundable, Source

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("lot_available", "available", "spare"),
    [
        (5, 5, 5),
        (5, 9, 5),
        (5, 3, 3),
        (5, 0, 0),
        (5, -2, 0),
        (0, 7, 0),
        (-1, 7, 0),
    ],
)
def test_l2_units_lent_count_against_what_may_leave(
    lot_available: int, available: int, spare: int
) -> None:
    assert ledger.spare(lot_available, available) == spare


@given(st.integers(-50, 50), st.integers(-50, 50))
def test_l2_what_may_leave_takes_no_deposit_below_zero(lot: int, others: int) -> None:
    spare = ledger.spare(lot, lot + others)
    assert 0 <= spare <= max(0, lot)
    assert spare == 0 or lot + others - spare >= 0


def test_a_refund_takes_no_more_than_is_left() -> None:
    assert ledger.give_up(7, 3, 3) == (ledger.Draw(7, 3),)
    with pytest.raises(DepositExhausted) as refused:
        ledger.give_up(7, 4, 3)
    assert (refused.value.available, refused.value.needed) == (3, 4)
    with pytest.raises(AmountNotPositive):
        ledger.give_up(7, 0, 3)


@pytest.mark.parametrize("source", Source)
def test_l6_money_goes_back_at_the_price_of_the_lot_never_for_a_bonus(source: Source) -> None:
    if source is Source.BONUS:
        with pytest.raises(NotRefundable):
            ledger.refund_kopecks(source, 3, 18_000)
    else:
        assert ledger.refund_kopecks(source, 3, 18_000) == 54_000
    with pytest.raises(NotRefundable):
        ledger.refund_kopecks(source, 3, 0)


def test_l1_refund_and_expiry_move_balanced_lines() -> None:
    draws = (ledger.Draw(1, 2), ledger.Draw(2, 5))
    for lines in (ledger.refund(draws), ledger.expire(draws)):
        for lot in (1, 2):
            assert sum(line.amount for line in lines if line.lot == lot) == 0
    assert ledger.balances(ledger.expire(draws))[ledger.Account.EXPIRED] == 7
    assert ledger.balances(ledger.refund(draws))[ledger.Account.AVAILABLE] == -7


@pytest.mark.parametrize(
    ("days_left", "announced"),
    [(31, None), (30, 30), (8, 30), (7, 7), (1, 7), (0, 7), (-1, None)],
)
def test_an_expiry_is_announced_thirty_and_seven_days_before(
    days_left: int, announced: int | None
) -> None:
    assert ledger.announced_days(TODAY + timedelta(days=days_left), TODAY) == announced
