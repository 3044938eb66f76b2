"""Whatever is bought, held, charged, given back in any order: nothing is lost or created (L1)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desk.rules import ledger
from desk.rules.ledger import Account, Cover, Debt, DepositExhausted, Draw, Line, Lot, MoreThanLeft

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
days = st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2028, 1, 1)))
units = st.integers(1, 50)
kopecks = st.integers(1, 5_000_000)
lots = st.lists(
    st.builds(
        Lot,
        st.integers(1, 10_000),
        st.integers(0, 30),
        st.datetimes(timezones=st.just(UTC)),
        days,
    ),
    max_size=12,
    unique_by=lambda lot: lot.id,
)
draws = st.lists(
    st.builds(Draw, st.integers(1, 10_000), units), max_size=8, unique_by=lambda draw: draw.lot
)


@given(lots, units)
def test_l2_a_selection_is_exact_or_refused(found: list[Lot], quantity: int) -> None:
    available = sum(lot.available for lot in found)
    try:
        chosen = ledger.select(found, quantity)
    except DepositExhausted as refused:
        assert available < quantity
        assert (refused.available, refused.needed) == (available, quantity)
        return
    left = {lot.id: lot.available for lot in found}
    assert sum(draw.quantity for draw in chosen) == quantity
    assert all(0 < draw.quantity <= left[draw.lot] for draw in chosen)
    # Only the last lot drawn from may have anything left: the order of use is kept.
    assert all(left[draw.lot] == draw.quantity for draw in chosen[:-1])


@given(draws, st.integers(0, 500))
def test_l1_a_split_keeps_every_unit_with_its_lot(held: list[Draw], quantity: int) -> None:
    first, rest = ledger.part(held, quantity)
    assert _per_lot(first) + _per_lot(rest) == _per_lot(held)
    assert sum(draw.quantity for draw in first) == min(quantity, _total(held))


@given(draws, units)
def test_l1_dealing_keeps_every_unit(held: list[Draw], each: int) -> None:
    hands = ledger.deal(held, each)
    assert sum((_per_lot(hand) for hand in hands), Counter()) == _per_lot(held)
    assert all(_total(hand) == each for hand in hands[:-1])


@given(draws, units)
def test_a_reversal_gives_back_exactly_what_was_asked(charged: list[Draw], quantity: int) -> None:
    try:
        back = ledger.give_back(charged, quantity)
    except MoreThanLeft:
        assert quantity > _total(charged)
        return
    assert _total(back) == quantity
    assert _per_lot(back) <= _per_lot(charged)


@given(
    units,
    kopecks,
    kopecks,
    st.lists(st.tuples(units, kopecks, st.booleans()), max_size=4),
)
def test_l1_every_kopiyka_of_a_payment_is_accounted_for(
    quantity: int, price: int, paid: int, owed: list[tuple[int, int, bool]]
) -> None:
    debts = [Debt(number, *debt) for number, debt in enumerate(owed)]
    plan = ledger.purchase(quantity, price, paid, debts)
    spent = plan.bought * price + sum(
        debt.unit_price_kopecks * plan.filled.get(debt.id, 0) for debt in debts
    )
    assert spent == plan.spent_kopecks
    assert spent + plan.rest_kopecks == paid
    assert plan.rest_kopecks >= 0
    assert plan.bought + sum(plan.filled.values()) <= quantity
    # Money that is left would not have bought another unit of the pack.
    if plan.bought + sum(plan.filled.values()) < quantity:
        assert plan.rest_kopecks < price
    for debt in debts:
        assert 0 <= plan.filled.get(debt.id, 0) <= debt.units
        assert not debt.whole or plan.filled.get(debt.id, debt.units) == debt.units


@given(st.integers(-20, 50), units, st.integers(0, 20))
def test_l2_credit_ends_at_the_limit(available: int, needed: int, limit: int) -> None:
    cover = ledger.cover(available, needed, limit)
    assert (cover is Cover.UNCOVERED) == (needed > available and available - needed < -limit)
    assert (cover is Cover.COVERED) == (needed <= available)


@dataclass
class _Book:
    """A ledger in memory: lots, lines, holds. What the database stores, without a database."""

    lots: dict[int, Lot] = field(default_factory=dict)
    lines: list[tuple[Line, int | None]] = field(default_factory=list)
    holds: dict[int, tuple[Draw, ...]] = field(default_factory=dict)
    charged: dict[int, list[Draw]] = field(default_factory=dict)

    def post(self, lines: tuple[Line, ...], hold: int | None = None) -> None:
        for line in lines:
            self.lines.append((line, hold))
            if line.account is Account.AVAILABLE:
                lot = self.lots[line.lot]
                self.lots[line.lot] = Lot(
                    lot.id, lot.available + line.amount, lot.bought_at, lot.expires_on
                )

    def new_lot(self, expires_on: date | None = None) -> int:
        number = len(self.lots) + 1
        self.lots[number] = Lot(number, 0, AT + timedelta(minutes=number % 3), expires_on)
        return number

    def sums(self) -> dict[Account, int]:
        return ledger.balances(line for line, _ in self.lines)


class LedgerMachine(RuleBasedStateMachine):
    """Operations in any order against four plain counters that know nothing of lots."""

    @initialize()
    def open(self) -> None:
        self.book = _Book()
        self.lent: dict[int, int] = {}
        self.number = 0
        self.available = self.held = self.earned = self.given = 0

    @rule(quantity=units, expires_on=days)
    def buy(self, quantity: int, expires_on: date | None) -> None:
        owed = [
            Debt(n, -lot.available, 1) for n, lot in self.book.lots.items() if lot.available < 0
        ]
        plan = ledger.purchase(quantity, 1, quantity, owed)
        fills = [Draw(number, filled) for number, filled in plan.filled.items() if filled]
        if plan.bought:
            fills.append(Draw(self.book.new_lot(expires_on), plan.bought))
        self.book.post(ledger.issue(fills))
        self.available += quantity
        self.given += quantity

    @rule(quantity=st.integers(1, 9))
    def hold(self, quantity: int) -> None:
        try:
            chosen = ledger.select(list(self.book.lots.values()), quantity)
        except DepositExhausted as refused:
            assert refused.available == self.available < quantity
            return
        assert self.available >= quantity
        self._hold(chosen)

    @rule(limit=st.integers(0, 6))
    def hold_for_bug(self, limit: int) -> None:
        cover = ledger.cover(self.available, 1, limit)
        if cover is Cover.COVERED:
            self._hold(ledger.select(list(self.book.lots.values()), 1))
        elif cover is Cover.CREDIT:
            number = self.book.new_lot()
            self.lent[number] = 1
            self._hold((Draw(number, 1),))

    @precondition(lambda self: self.book.holds)
    @rule(data=st.data(), charged=st.integers(0, 9))
    def end(self, data: st.DataObject, charged: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.book.holds)))
        first, rest = ledger.part(self.book.holds.pop(number), charged)
        self.book.post((*ledger.capture(first), *ledger.release(rest)), number)
        self.book.charged[number] = list(first)
        self.held -= _total(first) + _total(rest)
        self.earned += _total(first)
        self.available += _total(rest)

    @precondition(lambda self: any(self.book.charged.values()))
    @rule(data=st.data(), quantity=st.integers(1, 9))
    def reverse(self, data: st.DataObject, quantity: int) -> None:
        number = data.draw(st.sampled_from([n for n, left in self.book.charged.items() if left]))
        charged = self.book.charged[number]
        try:
            back = ledger.give_back(charged, quantity)
        except MoreThanLeft as refused:
            assert refused.left == _total(charged) < quantity
            return
        self.book.post(ledger.reverse(back), number)
        left = _per_lot(charged) - _per_lot(back)
        self.book.charged[number] = [Draw(lot, left[lot]) for lot in left]
        self.earned -= quantity
        self.available += quantity

    @rule(delta=st.integers(-5, 5).filter(bool))
    def adjust(self, delta: int) -> None:
        if delta > 0:
            self.book.post(ledger.add([Draw(self.book.new_lot(), delta)]))
        elif self.available < -delta:
            return
        else:
            self.book.post(ledger.deduct(ledger.select(list(self.book.lots.values()), -delta)))
        self.available += delta
        self.given += delta

    @invariant()
    def l1_nothing_is_lost_or_created(self) -> None:
        sums = self.book.sums()
        assert sum(sums.values()) == 0
        assert sums[Account.AVAILABLE] == self.available
        assert sums[Account.HELD] == self.held
        assert sums[Account.EARNED] == self.earned
        assert self.available + self.held + self.earned == self.given

    @invariant()
    def l2_lots_never_go_below_what_was_lent(self) -> None:
        for number, lot in self.book.lots.items():
            assert lot.available >= -self.lent.get(number, 0)

    @invariant()
    def l4_open_holds_are_what_is_held(self) -> None:
        assert self.held == sum(_total(drawn) for drawn in self.book.holds.values())

    def _hold(self, chosen: tuple[Draw, ...]) -> None:
        self.number += 1
        self.book.holds[self.number] = chosen
        self.book.post(ledger.hold(chosen), self.number)
        self.available -= _total(chosen)
        self.held += _total(chosen)


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)


def _total(drawn: list[Draw] | tuple[Draw, ...]) -> int:
    return sum(draw.quantity for draw in drawn)


def _per_lot(drawn: list[Draw] | tuple[Draw, ...]) -> Counter[int]:
    found: Counter[int] = Counter()
    for draw in drawn:
        found[draw.lot] += draw.quantity
    return found
