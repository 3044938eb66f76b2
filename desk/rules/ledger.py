"""The prepaid deposit as arithmetic: lots, draws and balanced lines (spec 3, L1-L9).

Two commodities, both whole numbers: consultations, and money in kopiykas. A *lot* is what was
bought together; a *draw* takes some units of one lot; a *line* is a signed change of one account
by units of one lot. Every operation moves draws from one account to another, so that the lines of
a transaction sum to zero per lot and therefore per commodity: nothing is lost or created (L1).

Signs: a partner's `available` and `held` are what the partner owns; `issued` mirrors what was
given out and is therefore negative; `earned`, `refunded`, `expired` and `adjusted` are where it
went. All accounts of a partner together are zero at every moment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from statistics import median_low

RETURNED_LIFE_DAYS = 30
ANNOUNCED_DAYS = (30, 7)
PACE_WORKING_DAYS_MIN = 5
PACE_UNITS_MIN = 3
PACE_OUTLIER_FACTOR = 3


class Commodity(StrEnum):
    """What a deposit holds."""

    CONSULTATIONS = "consultations"
    MONEY = "money"


class Account(StrEnum):
    """Where units of a lot are: two accounts of the partner, five of the vendor."""

    AVAILABLE = "available"
    HELD = "held"
    ISSUED = "issued"
    EARNED = "earned"
    REFUNDED = "refunded"
    EXPIRED = "expired"
    ADJUSTED = "adjusted"


class Source(StrEnum):
    """How a lot came to be; a bonus brings no revenue and no refund."""

    BOUGHT = "bought"
    BONUS = "bonus"
    TOPPED_UP = "topped_up"
    CONVERTED = "converted"
    REST = "rest"
    CREDIT = "credit"
    ADJUSTED = "adjusted"


class Cover(StrEnum):
    """How a bug is paid: from the deposit, on credit, or by the next purchase (L2)."""

    COVERED = "covered"
    CREDIT = "credit"
    UNCOVERED = "uncovered"


class DepositExhausted(Exception):
    """The deposit has less than is needed; units of the commodity asked for."""

    def __init__(self, available: int, needed: int) -> None:
        super().__init__(f"available {available}, needed {needed}")
        self.available = available
        self.needed = needed


class MoreThanLeft(Exception):
    """A reversal asks for more than is left of the charge."""

    def __init__(self, left: int, asked: int) -> None:
        super().__init__(f"left {left}, asked {asked}")
        self.left = left
        self.asked = asked


class NotRefundable(Exception):
    """A lot was given for nothing, so that there is no money to give back for it."""


class AmountNotPositive(ValueError):
    """A quantity, price or sum that must be a positive whole number is not."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of units bought together. `available` is negative while they are lent."""

    id: int
    available: int
    bought_at: datetime
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """So many units of one lot."""

    lot: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Line:
    """One signed change of one account by units of one lot."""

    account: Account
    lot: int
    amount: int


@dataclass(frozen=True, slots=True)
class Debt:
    """Units used but not yet bought: lent on credit, or an uncovered bug. `whole`: all or none."""

    id: int
    units: int
    unit_price_kopecks: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a payment buys: units per debt filled, units for a new lot, kopiykas left as money."""

    filled: Mapping[int, int]
    bought: int
    rest_kopecks: int
    spent_kopecks: int


def whole(amount: int, *, least: int = 1) -> int:
    """Return `amount` when it is an integer of at least `least`; AmountNotPositive (L7)."""
    if type(amount) is not int or amount < least:
        raise AmountNotPositive(f"a whole number of at least {least} is needed, not {amount!r}")
    return amount


def move(origin: Account, target: Account, draws: Iterable[Draw]) -> tuple[Line, ...]:
    """Lines that carry the draws from one account to another; zero per lot (L1)."""
    assert origin is not target, "a move changes two accounts"
    lines: list[Line] = []
    for draw in draws:
        whole(draw.quantity)
        lines.append(Line(origin, draw.lot, -draw.quantity))
        lines.append(Line(target, draw.lot, draw.quantity))
    return tuple(lines)


def issue(draws: Iterable[Draw]) -> tuple[Line, ...]:
    """buy, top_up: issued -> available."""
    return move(Account.ISSUED, Account.AVAILABLE, draws)


def withdraw(draws: Iterable[Draw]) -> tuple[Line, ...]:
    """The money half of convert: available -> issued, taken back to be issued as units."""
    return move(Account.AVAILABLE, Account.ISSUED, draws)


def hold(draws: Iterable[Draw]) -> tuple[Line, ...]:
    """hold: available -> held."""
    return move(Account.AVAILABLE, Account.HELD, draws)


def capture(draws: Iterable[Draw]) -> tuple[Line, ...]:
    """capture: held -> earned."""
    return move(Account.HELD, Account.EARNED, draws)


def release(draws: Iterable[Draw]) -> tuple[Line, ...]:
    """release: held -> available, back to the lots."""
    return move(Account.HELD, Account.AVAILABLE, draws)


def reverse(draws: Iterable[Draw]) -> tuple[Line, ...]:
    """reverse: earned -> available, the mirror of a charge."""
    return move(Account.EARNED, Account.AVAILABLE, draws)


def refund(draws: Iterable[Draw]) -> tuple[Line, ...]:
    """refund: available -> refunded."""
    return move(Account.AVAILABLE, Account.REFUNDED, draws)


def expire(draws: Iterable[Draw]) -> tuple[Line, ...]:
    """expire: available -> expired; what is held is not available and so never expires."""
    return move(Account.AVAILABLE, Account.EXPIRED, draws)


def add(draws: Iterable[Draw]) -> tuple[Line, ...]:
    """adjust upwards: adjusted -> available."""
    return move(Account.ADJUSTED, Account.AVAILABLE, draws)


def deduct(draws: Iterable[Draw]) -> tuple[Line, ...]:
    """adjust downwards: available -> adjusted."""
    return move(Account.AVAILABLE, Account.ADJUSTED, draws)


def usage_order(lots: Iterable[Lot]) -> list[Lot]:
    """Lots as they are used: by expiry (none comes last), then purchase date, then id."""
    return sorted(lots, key=lambda lot: (lot.expires_on or date.max, lot.bought_at, lot.id))


def select(lots: Sequence[Lot], quantity: int) -> tuple[Draw, ...]:
    """Draws of `quantity` units in the order of use; DepositExhausted when there are fewer.

    What is available is the sum over all lots: units lent on credit count against the others.
    """
    whole(quantity)
    available = sum(lot.available for lot in lots)
    if available < quantity:
        raise DepositExhausted(available, quantity)
    draws: list[Draw] = []
    needed = quantity
    for lot in usage_order(lots):
        taken = min(needed, lot.available)
        if taken > 0:
            draws.append(Draw(lot.id, taken))
            needed -= taken
    return tuple(draws)


def deal(draws: Sequence[Draw], quantity_each: int) -> list[tuple[Draw, ...]]:
    """Deal draws out in hands of `quantity_each` units, one hand for each hold."""
    hands: list[tuple[Draw, ...]] = []
    rest = tuple(draws)
    while rest:
        hand, rest = part(rest, quantity_each)
        hands.append(hand)
    return hands


def part(draws: Sequence[Draw], quantity: int) -> tuple[tuple[Draw, ...], tuple[Draw, ...]]:
    """Split draws into the first `quantity` units, at most all of them, and the rest."""
    first: list[Draw] = []
    rest: list[Draw] = []
    needed = whole(quantity, least=0)
    for draw in draws:
        taken = min(needed, draw.quantity)
        needed -= taken
        if taken:
            first.append(Draw(draw.lot, taken))
        if draw.quantity > taken:
            rest.append(Draw(draw.lot, draw.quantity - taken))
    return tuple(first), tuple(rest)


def give_back(charged: Sequence[Draw], quantity: int) -> tuple[Draw, ...]:
    """Draws that reverse `quantity` units of what is still charged, the last drawn lot first.

    MoreThanLeft when less is left of the charge.
    """
    whole(quantity)
    left = sum(draw.quantity for draw in charged)
    if quantity > left:
        raise MoreThanLeft(left, quantity)
    return part(tuple(reversed(charged)), quantity)[0]


def purchase(
    quantity: int, unit_price_kopecks: int, paid_kopecks: int, debts: Sequence[Debt] = ()
) -> Purchase:
    """What a payment buys; every kopiyka is a filled debt, a bought unit, or money left.

    Debts are filled first, each at its own price, in the order given (L2). A part payment buys
    as many units as it pays for; what is left, also of an overpayment, stays money.
    """
    units, rest = whole(quantity), whole(paid_kopecks)
    whole(unit_price_kopecks)
    filled: dict[int, int] = {}
    for debt in debts:
        payable = min(debt.units, units, rest // whole(debt.unit_price_kopecks))
        if payable == debt.units or (payable and not debt.whole):
            filled[debt.id] = payable
            units -= payable
            rest -= payable * debt.unit_price_kopecks
    bought = min(units, rest // unit_price_kopecks)
    rest -= bought * unit_price_kopecks
    return Purchase(filled, bought, rest, paid_kopecks - rest)


def cover(available: int, needed: int, credit_limit: int) -> Cover:
    """How a bug that needs so many units is paid; it is accepted in any case (L2)."""
    whole(needed)
    whole(credit_limit, least=0)
    if needed <= available:
        return Cover.COVERED
    return Cover.CREDIT if available - needed >= -credit_limit else Cover.UNCOVERED


def life_of_returned(expires_on: date | None, returned_on: date) -> date | None:
    """Until when a lot lives after units came back: past its expiry, 30 days from the return."""
    if expires_on is None or returned_on <= expires_on:
        return expires_on
    return returned_on + timedelta(days=RETURNED_LIFE_DAYS)


def spare(lot_available: int, available: int) -> int:
    """Units of a lot that may leave the deposit for good: what is available of it, and of the
    deposit as a whole, where units lent on credit count against the others (L2)."""
    return max(0, min(lot_available, available))


def give_up(lot: int, quantity: int, left: int) -> tuple[Draw, ...]:
    """Draws of a refund of one lot; DepositExhausted when less is left to give back."""
    if whole(quantity) > left:
        raise DepositExhausted(left, quantity)
    return (Draw(lot, quantity),)


def refund_kopecks(source: Source, quantity: int, unit_price_kopecks: int) -> int:
    """The money given back for units of a lot, at its own price; NotRefundable for a bonus.

    What was paid for is refunded, however it was paid: lots lent on credit hold only units that a
    purchase has filled, and a correction with a price is an opening balance that was paid
    elsewhere. A correction without a price was given for nothing, as a bonus is.
    """
    if source is Source.BONUS or not unit_price_kopecks:
        raise NotRefundable
    return whole(quantity) * unit_price_kopecks


def announced_days(expires_on: date, today: date) -> int | None:
    """Which announcement of an expiry is due, by its days: the nearest that has come; else None.

    A lot may be used up to and including its last day. One that lives shorter than an
    announcement's days is announced from its first day.
    """
    left = (expires_on - today).days
    return min((days for days in ANNOUNCED_DAYS if 0 <= left <= days), default=None)


def balances(lines: Iterable[Line]) -> dict[Account, int]:
    """Sum of the lines per account, with every account present (L8)."""
    sums = dict.fromkeys(Account, 0)
    for line in lines:
        sums[line.account] += line.amount
    return sums


def usual_use(used_daily: Sequence[int]) -> Fraction | None:
    """Units used on a usual working day, from one figure for each day; None when too few (L10).

    A day counts at most three times the median of the days with any use: one heavy day is not
    usual. Under 5 days or 3 units there is no habit to speak of.
    """
    used = [units for units in used_daily if units > 0]
    if len(used_daily) < PACE_WORKING_DAYS_MIN or sum(used) < PACE_UNITS_MIN:
        return None
    most = PACE_OUTLIER_FACTOR * median_low(used)
    return Fraction(sum(min(units, most) for units in used), len(used_daily))


def lasts_days(available: int, pace: Fraction | None) -> int | None:
    """Whole working days the deposit lasts at that pace; None when the pace is unknown."""
    if pace is None or pace <= 0:
        return None
    return max(0, int(available / pace))
