"""What payments make of an invoice: kopiyka-exact, and never bought twice (L1, L6)."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from desk.rules import settlement
from desk.rules.ledger import Debt
from desk.rules.settlement import Due, InvoiceState

quantities = st.integers(1, 50)
prices = st.integers(1, 500)
sums = st.lists(st.integers(1, 5_000), min_size=1, max_size=12)
debts = st.lists(
    st.builds(Debt, st.just(0), st.integers(1, 5), st.integers(1, 500), st.booleans()), max_size=3
)


@given(quantities, prices, sums)
def test_every_kopiyka_is_a_unit_or_money(quantity: int, price: int, paid: list[int]) -> None:
    due, rest, completed = Due(quantity, price, quantity * price), 0, 0
    for kopecks in paid:
        made = settlement.pay(due, kopecks, rest)
        due, rest = made.due, made.rest_kopecks
        completed += made.completes
        # What is bought never waits for money that is there.
        assert due.bought == min(quantity, due.paid_kopecks // price)
    assert due.bought * price + rest == sum(paid) == due.paid_kopecks
    assert 0 <= due.bought <= quantity
    assert completed == (sum(paid) >= quantity * price)


@given(quantities, prices, sums, st.integers(0, 100))
def test_money_that_was_spent_meanwhile_is_not_spent_again(
    quantity: int, price: int, paid: list[int], percent: int
) -> None:
    due, rest, spent = Due(quantity, price, quantity * price), 0, 0
    for kopecks in paid:
        gone = rest * percent // 100
        spent += gone
        made = settlement.pay(due, kopecks, rest - gone)
        due, rest = made.due, made.rest_kopecks
    assert due.bought * price + rest + spent == sum(paid)


@given(quantities, prices, sums, debts)
def test_debts_take_units_of_the_invoice_and_no_more(
    quantity: int, price: int, paid: list[int], owed: list[Debt]
) -> None:
    numbered = tuple(
        Debt(place, one.units, one.unit_price_kopecks, one.whole) for place, one in enumerate(owed)
    )
    made = settlement.pay(Due(quantity, price, quantity * price), paid[0], 0, numbered)
    assert made.due.bought == made.units + made.converted <= quantity
    assert made.rest_kopecks >= 0


@given(sums)
def test_money_stays_money(paid: list[int]) -> None:
    due, rest = Due(0, 0, 1_000), 0
    for kopecks in paid:
        made = settlement.pay(due, kopecks, rest)
        due, rest = made.due, made.rest_kopecks
    assert (rest, due.bought) == (sum(paid), 0)


def test_an_invoice_is_overdue_after_its_last_day() -> None:
    due, last = Due(1, 100, 100), date(2026, 11, 30)
    after = date(2026, 12, 1)
    assert settlement.state(last, last, due, cancelled=False) is InvoiceState.OPEN
    assert settlement.state(last, after, due, cancelled=False) is InvoiceState.OVERDUE
    assert settlement.state(last, after, due.after(100, 1), cancelled=False) is InvoiceState.PAID
    assert settlement.state(last, last, due.after(1, 0), cancelled=False) is InvoiceState.PART_PAID
    assert settlement.state(last, after, due, cancelled=True) is InvoiceState.CANCELLED


def test_a_pack_lives_from_its_purchase() -> None:
    assert settlement.expires_on(date(2026, 11, 23), 365) == date(2027, 11, 23)
    assert settlement.expires_on(date(2026, 11, 23), None) is None
