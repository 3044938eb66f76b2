"""What payments make of an invoice: whole units, money that is left, and the bonus once (spec 3).

A part payment buys as many units as it pays for and the rest stays money; a later payment takes up
what the earlier ones left, as far as it is still there, so that two halves of a unit become one.
An overpayment stays money. Nothing is bought twice, and every kopiyka is a unit or money.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from desk.rules import ledger
from desk.rules.ledger import Debt, whole


class InvoiceState(StrEnum):
    """How an invoice stands on a day."""

    OPEN = "open"
    PART_PAID = "part_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Due:
    """An invoice as arithmetic: `quantity` units at one price (0: money), what was paid of the
    total, and how many of the units were bought."""

    quantity: int
    unit_price_kopecks: int
    total_kopecks: int
    paid_kopecks: int = 0
    bought: int = 0

    @property
    def missing(self) -> int:
        """Units that no payment bought yet."""
        return self.quantity - self.bought

    @property
    def left_kopecks(self) -> int:
        """What is still to be paid; an overpayment is not owed back here, it is money."""
        return max(0, self.total_kopecks - self.paid_kopecks)

    def after(self, kopecks: int, units: int) -> "Due":
        """The invoice once so much was paid, and so many units came of it."""
        assert 0 <= units <= self.missing, "no unit is bought twice"
        return replace(self, paid_kopecks=self.paid_kopecks + kopecks, bought=self.bought + units)


@dataclass(frozen=True, slots=True)
class Paid:
    """What one payment made of an invoice: units by itself (debts filled among them), units of
    what earlier payments left, kopiykas that stay money of all of them, whether all is paid."""

    due: Due
    units: int
    converted: int
    rest_kopecks: int
    completes: bool


def state(due_on: date, on: date, due: Due, *, cancelled: bool) -> InvoiceState:
    """How an invoice stands on a day."""
    if cancelled:
        return InvoiceState.CANCELLED
    if not due.left_kopecks:
        return InvoiceState.PAID
    if on > due_on:
        return InvoiceState.OVERDUE
    return InvoiceState.PART_PAID if due.paid_kopecks else InvoiceState.OPEN


def convertible(due: Due, rests_kopecks: int) -> int:
    """Units that the money left by this invoice's payments still buys."""
    if not due.missing:
        return 0
    return min(due.missing, max(0, rests_kopecks) // whole(due.unit_price_kopecks))


def completes(before: Due, after: Due) -> bool:
    """Whether this payment was the one that paid the rest: the bonus is given then, once."""
    return before.left_kopecks > 0 and not after.left_kopecks


def pay(due: Due, kopecks: int, rests_kopecks: int = 0, debts: tuple[Debt, ...] = ()) -> Paid:
    """The whole arithmetic of one payment; the action does the same steps on the ledger.

    `rests_kopecks`: what is still there of the money that earlier payments of it left.
    """
    whole(kopecks)
    if due.missing:
        bought = ledger.purchase(due.missing, due.unit_price_kopecks, kopecks, debts)
        units, rest = bought.bought + sum(bought.filled.values()), bought.rest_kopecks
    else:
        units, rest = 0, kopecks
    first = due.after(kopecks, units)
    money = rests_kopecks + rest
    converted = convertible(first, money)
    last = first.after(0, converted)
    money -= converted * due.unit_price_kopecks
    return Paid(last, units, converted, money, completes(due, last))


def expires_on(bought_on: date, validity_days: int | None) -> date | None:
    """The last day of a lot that was bought on a day; None: it lives for ever."""
    return bought_on + timedelta(days=validity_days) if validity_days else None
