"""The deposit as plain lists and counters, written from specification 3 and from nothing else.

It shares no code with the product: lots are filled and emptied by hand, so that a mistake in the
arithmetic of the one cannot hide in the other. `None` for an outcome is a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

UNITS, MONEY = "consultations", "money"


@dataclass
class Lot:
    """Units bought together. A lot that was lent has less than nothing until it is filled."""

    number: int
    commodity: str
    source: str
    price: int
    available: int
    expires_on: date | None = None
    held: int = 0
    expired_on: date | None = None

    @property
    def turn(self) -> tuple[date, int]:
        """When its turn comes to be used."""
        return (self.expires_on or date.max, self.number)


Taken = list[tuple[Lot, int]]


@dataclass
class Ticket:
    """What is held for a ticket, what was charged for it (newest last), and what waits."""

    held: Taken = field(default_factory=list)
    charged: list[Taken] = field(default_factory=list)
    waits: bool = False
    resolved: bool = False

    @property
    def is_open(self) -> bool:
        return bool(self.held) or self.waits

    @property
    def units_charged(self) -> int:
        return sum(n for taken in self.charged for _, n in taken)

    @property
    def kopecks_charged(self) -> int:
        return sum(n * lot.price for taken in self.charged for lot, n in taken)


@dataclass
class Model:
    """One partner's deposit. `today` is the day of the operation."""

    today: date
    lots: list[Lot] = field(default_factory=list)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    waiting: list[tuple[str, int]] = field(default_factory=list)

    def total(self, commodity: str) -> int:
        return sum(lot.available for lot in self.lots if lot.commodity == commodity)

    def held(self, commodity: str) -> int:
        return sum(lot.held for lot in self.lots if lot.commodity == commodity)

    def add(self, commodity: str, source: str, price: int, quantity: int) -> Lot:
        lot = Lot(len(self.lots), commodity, source, price, quantity)
        self.lots.append(lot)
        return lot

    def take(self, commodity: str, quantity: int, among: list[Lot] | None = None) -> Taken | None:
        """Take units in the order of use; nothing at all when there are too few."""
        lots = among or [lot for lot in self.lots if lot.commodity == commodity]
        if sum(lot.available for lot in lots) < quantity:
            return None
        taken: Taken = []
        for lot in sorted(lots, key=lambda one: one.turn):
            n = min(quantity, max(0, lot.available))
            if n:
                lot.available -= n
                quantity -= n
                taken.append((lot, n))
        return taken

    def purchase(
        self, quantity: int, price: int, kopecks: int, source: str, expires_on: date | None
    ) -> tuple[int, int, int]:
        """What the money buys: (new units, units that filled debts, kopecks left)."""
        filled = 0
        for lot in [one for one in self.lots if one.available < 0]:
            n = min(-lot.available, quantity, kopecks // lot.price)
            lot.available += n
            filled, quantity, kopecks = filled + n, quantity - n, kopecks - n * lot.price
        for name, at_price in list(self.waiting):
            if quantity and kopecks >= at_price:
                lot = self.add(UNITS, source, at_price, 0)
                lot.expires_on = expires_on
                filled, quantity, kopecks = filled + 1, quantity - 1, kopecks - at_price
                self.settle(name, lot)
        bought = min(quantity, kopecks // price)
        if bought:
            self.add(UNITS, source, price, bought).expires_on = expires_on
        return bought, filled, kopecks - bought * price

    def settle(self, name: str, lot: Lot) -> None:
        """A bug that waited is held, or charged where it was resolved meanwhile."""
        ticket = self.tickets[name]
        self.waiting = [one for one in self.waiting if one[0] != name]
        ticket.waits = False
        if ticket.resolved:
            ticket.charged.append([(lot, 1)])
        else:
            lot.held = 1
            ticket.held = [(lot, 1)]

    def buy(
        self, quantity: int, price: int, paid: int, expires_on: date | None
    ) -> tuple[int, int, int]:
        bought, filled, rest = self.purchase(quantity, price, paid, "bought", expires_on)
        if rest:
            self.add(MONEY, "rest", 1, rest)
        return bought, filled, rest

    def convert(
        self, quantity: int, price: int, expires_on: date | None, among: list[Lot] | None = None
    ) -> tuple[int, int] | None:
        cost = quantity * price
        if sum(lot.available for lot in among or self.lots_of(MONEY)) < cost:
            return None
        bought, filled, rest = self.purchase(quantity, price, cost, "converted", expires_on)
        if cost - rest:
            self.take(MONEY, cost - rest, among)
        return bought, filled

    def lots_of(self, commodity: str) -> list[Lot]:
        return [lot for lot in self.lots if lot.commodity == commodity]

    def hold(self, name: str, commodity: str, quantity: int) -> bool:
        taken = self.take(commodity, quantity)
        if taken is None:
            return False
        for lot, n in taken:
            lot.held += n
        self.tickets[name].held = taken
        return True

    def hold_for_bug(self, name: str, limit: int, price: int) -> str:
        left = self.total(UNITS)
        if left >= 1:
            self.hold(name, UNITS, 1)
            return "covered"
        if left - 1 >= -limit:
            lot = self.add(UNITS, "credit", price, -1)
            lot.held = 1
            self.tickets[name].held = [(lot, 1)]
            return "credit"
        self.waiting.append((name, price))
        self.tickets[name].waits, self.tickets[name].resolved = True, False
        return "uncovered"

    def end(self, name: str, charged: int) -> int:
        """Charge so much of what is held, in its order; the rest goes back. How much was."""
        ticket, done = self.tickets[name], 0
        kept: Taken = []
        for lot, n in ticket.held:
            lot.held -= n
            now = min(n, charged - done)
            done += now
            if now:
                kept.append((lot, now))
            if n > now:
                self.give_back(lot, n - now)
        if kept:
            ticket.charged.append(kept)
        ticket.held = []
        return done

    def drop(self, name: str) -> None:
        """A bug that waits is cancelled."""
        self.waiting = [one for one in self.waiting if one[0] != name]
        self.tickets[name].waits = False

    def give_back(self, lot: Lot, quantity: int) -> None:
        lot.available += quantity
        if lot.expires_on is not None and self.today > lot.expires_on:
            lot.expires_on = self.today + timedelta(days=30)

    def reverse(self, name: str, quantity: int) -> bool:
        """Take charges back, the last one first, and in it the lot that was drawn last."""
        ticket = self.tickets[name]
        if quantity > ticket.units_charged:
            return False
        for taken in reversed(ticket.charged):
            for place in reversed(range(len(taken))):
                lot, n = taken[place]
                now = min(n, quantity)
                quantity -= now
                taken[place] = (lot, n - now)
                if now:
                    self.give_back(lot, now)
        return True

    def spare(self, lot: Lot) -> int:
        """What may leave the deposit for good: units lent count against the others."""
        return max(0, min(lot.available, self.total(lot.commodity)))

    def refund(self, lot: Lot, quantity: int) -> bool:
        if quantity > self.spare(lot):
            return False
        lot.available -= quantity
        return True

    def expire(self) -> int:
        """Let everything go whose day has passed; a lot at most once a day."""
        gone = 0
        due = [lot for lot in self.lots if lot.expires_on and lot.expires_on < self.today]
        for lot in sorted(due, key=lambda one: one.turn):
            n = self.spare(lot)
            if n and lot.expired_on != self.today:
                lot.available -= n
                lot.expired_on = self.today
                gone += 1
        return gone
