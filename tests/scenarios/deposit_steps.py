"""What the state machines do with a deposit, beside a model that was written independently."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from typing import TypeVar

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from desk.deposits import actions, queries
from desk.deposits.actions import expiring
from desk.deposits.checks import check
from desk.deposits.models import Lot
from desk.deposits.values import Balance
from desk.journal.cause import Cause, system
from desk.partners.models import StaffRole
from tests.scenarios import deposit_model
from tests.scenarios.deposit_model import Model, Ticket
from tests.scenarios.deposits import MONEY, PRICE, UNITS, a_partner, day, keyed, staff, unkeyed

R = TypeVar("R")
LIMIT = 2
TICKETS = 8
_codes = (f"M{number}" for number in count())
small = st.integers(1, 4)
prices = st.sampled_from([PRICE, PRICE, 15_000, 7])
lives = st.one_of(st.none(), st.integers(0, 40))


class DepositMachine(RuleBasedStateMachine):
    """A partner, tickets in units, and the same number in money ("…/hours")."""

    def __init__(self) -> None:
        super().__init__()
        self.partner = a_partner(next(_codes))
        self.accountant, self.other = (staff(StaffRole.ACCOUNTANT) for _ in range(2))
        self.at = day(0)
        self.model = Model(self.today)
        for number in range(TICKETS):
            for kind in ("", "/hours"):
                self.model.tickets[f"ticket:{self.partner}{number:02}{kind}"] = Ticket()
        self.used: list[str] = []

    @property
    def today(self) -> date:
        return timezone.localdate(self.at, timezone.get_default_timezone())

    @rule(quantity=small, price=prices, short=st.integers(-50, PRICE), life=lives)
    def buy(self, quantity: int, price: int, short: int, life: int | None) -> None:
        cause, until = self.cause(), self.until(life)
        paid = max(1, quantity * price - short)
        done = self.twice(
            lambda: actions.buy(cause, self.partner, quantity, price, paid, expires_on=until)
        )
        expected = self.model.buy(quantity, price, paid, until)
        assert (done.bought, done.filled, done.rest_kopecks) == expected
        self.used.append(str(cause.key))

    @rule(quantity=small, life=lives)
    def give(self, quantity: int, life: int | None) -> None:
        cause, until = self.cause(), self.until(life)
        self.twice(
            lambda: actions.buy(cause, self.partner, quantity, 0, 0, bonus=True, expires_on=until)
        )
        self.model.add(deposit_model.UNITS, "bonus", 0, quantity).expires_on = until

    @rule(kopecks=st.integers(1, 2 * PRICE))
    def top_up(self, kopecks: int) -> None:
        cause = self.cause()
        self.twice(lambda: actions.top_up(cause, self.partner, kopecks, ""))
        self.model.add(deposit_model.MONEY, "topped_up", 1, kopecks)

    @rule(quantity=small, price=prices, life=lives)
    def convert(self, quantity: int, price: int, life: int | None) -> None:
        cause, until = self.cause(), self.until(life)
        expected = self.model.convert(quantity, price, until)
        if expected is None:
            with pytest.raises(actions.DepositExhausted):
                actions.convert(cause, self.partner, quantity, price, until)
            return
        done = self.twice(lambda: actions.convert(cause, self.partner, quantity, price, until))
        assert (done.bought, done.filled) == expected

    @rule(data=st.data(), quantity=small, money=st.booleans())
    def hold(self, data: st.DataObject, quantity: int, money: bool) -> None:
        names = [name for name in self.names(money) if not self.model.tickets[name].is_open]
        if not names:
            return
        name, cause = data.draw(st.sampled_from(names)), unkeyed(self.later())
        commodity, wanted = (MONEY, quantity * 1_111) if money else (UNITS, quantity)
        asked = {"commodity": commodity, "quantity_each": wanted, "memo": name}
        if not self.model.hold(name, commodity.value, wanted):
            with pytest.raises(actions.DepositExhausted):
                actions.hold(cause, self.partner, [name], **asked)  # type: ignore[arg-type]
            return
        self.twice(lambda: actions.hold(cause, self.partner, [name], **asked))  # type: ignore[arg-type]

    @rule(data=st.data(), price=prices)
    def hold_for_bug(self, data: st.DataObject, price: int) -> None:
        names = [name for name in self.names() if not self.model.tickets[name].is_open]
        if not names:
            return
        name, cause = data.draw(st.sampled_from(names)), unkeyed(self.later())
        asked = {"credit_limit": LIMIT, "unit_price_kopecks": price, "memo": name}
        paid = self.twice(
            lambda: actions.hold_for_bug(cause, self.partner, [name], **asked)  # type: ignore[arg-type]
        )
        assert paid.cover == self.model.hold_for_bug(name, LIMIT, price)

    @precondition(lambda self: self.open())
    @rule(data=st.data(), logged=st.integers(0, 5_000))
    def capture(self, data: st.DataObject, logged: int) -> None:
        name = data.draw(st.sampled_from(self.open()))
        ticket, cause = self.model.tickets[name], unkeyed(self.later())
        quantity = logged if name.endswith("/hours") else None
        ended = self.twice(lambda: actions.capture(cause, [name], quantity=quantity))
        if ticket.waits:
            ticket.resolved = True
            return
        held = sum(n for _, n in ticket.held)
        assert ended.captured == self.model.end(name, held if quantity is None else quantity)

    @precondition(lambda self: self.open())
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        name, cause = data.draw(st.sampled_from(self.open())), unkeyed(self.later())
        self.twice(lambda: actions.release(cause, [name]))
        if self.model.tickets[name].waits:
            self.model.drop(name)
        else:
            self.model.end(name, 0)

    @precondition(lambda self: self.charged())
    @rule(data=st.data(), quantity=small)
    def reverse(self, data: st.DataObject, quantity: int) -> None:
        name, cause = data.draw(st.sampled_from(self.charged())), self.cause()
        if not self.model.reverse(name, quantity):
            with pytest.raises(actions.MoreThanLeft):
                actions.reverse(cause, name, quantity, name)
            return
        self.twice(lambda: actions.reverse(cause, name, quantity, name))

    @precondition(lambda self: self.model.lots)
    @rule(data=st.data(), quantity=small)
    def refund(self, data: st.DataObject, quantity: int) -> None:
        lot = data.draw(st.sampled_from(self.model.lots))
        lot_id, cause = self.lots()[lot.number].pk, self.cause(by=self.accountant)
        if not lot.price or not self.model.refund(lot, quantity):
            with pytest.raises((actions.DepositExhausted, actions.NotRefundable)):
                actions.propose_refund(cause, lot_id, quantity, "Leaves")
            return
        row = self.twice(lambda: actions.propose_refund(cause, lot_id, quantity, "Leaves"))
        assert row.kopecks == quantity * lot.price
        second = self.cause(by=self.other)
        self.twice(lambda: actions.approve_refund(second, row.id))

    @rule(delta=st.integers(-4, 4).filter(bool), money=st.booleans())
    def adjust(self, delta: int, money: bool) -> None:
        commodity, cause = (MONEY if money else UNITS), self.cause(by=self.accountant)
        asked = (self.partner, commodity, delta, "Counted anew", self.other)
        if delta > 0:
            self.model.add(commodity.value, "adjusted", int(money), delta)
        elif self.model.take(commodity.value, -delta) is None:
            with pytest.raises(actions.DepositExhausted):
                actions.adjust(cause, *asked)
            return
        self.twice(lambda: actions.adjust(cause, *asked))

    @rule(days=st.integers(1, 25), workers=st.integers(1, 2))
    def expire(self, days: int, workers: int) -> None:
        """Days pass, and the workers' loops look at what expired."""
        self.at += timedelta(days=days)
        for _ in range(workers):
            at = system(self.later())
            assert len(expiring.expire_of(at, self.partner)) == self.model.expire()
        expiring.announce_to(at, self.partner)
        assert expiring.announce_to(at, self.partner) == ()

    @precondition(lambda self: self.used)
    @rule(data=st.data())
    def reuse_a_key(self, data: st.DataObject) -> None:
        """A key that was used stands for what it stood for: nothing else is done with it."""
        key = data.draw(st.sampled_from(self.used))
        with pytest.raises(actions.KeyReused):
            actions.buy(keyed(key, self.later()), self.partner, 99, PRICE, 99 * PRICE)
        with pytest.raises(actions.KeyReused):
            actions.top_up(keyed(key, self.at), self.partner, 99, "")

    @invariant()
    def l8_every_lot_and_the_balance_are_the_models(self) -> None:
        told = [
            (one.commodity, one.source, one.price, one.available, one.held, one.expires_on)
            for one in self.model.lots
        ]
        kept = [
            (
                *(one.commodity, one.source, one.unit_price_kopecks),
                *(one.available, one.held, one.expires_on),
            )
            for one in self.lots()
        ]
        assert kept == told
        total, held = self.model.total, self.model.held
        assert queries.balance(self.partner) == Balance(
            *(total(deposit_model.UNITS), held(deposit_model.UNITS)),
            *(total(deposit_model.MONEY), held(deposit_model.MONEY)),
        )

    @invariant()
    def l6_tickets_cost_what_they_hold_and_were_charged(self) -> None:
        costs = queries.costs(list({name.partition("/")[0] for name in self.model.tickets}))
        for name in self.names():
            both = [self.model.tickets[name], self.model.tickets[f"{name}/hours"]]
            cost = costs[name]
            assert cost.units_charged == both[0].units_charged
            assert cost.kopecks_charged == sum(one.kopecks_charged for one in both)
            assert cost.kopecks_held == sum(n * lot.price for one in both for lot, n in one.held)
            assert cost.uncovered_units == int(both[0].waits)

    def teardown(self) -> None:
        connection.check_constraints()
        assert check() == []
        first, middle, last = day(-1), self.at - (self.at - day(0)) / 2, self.at + timedelta(1)
        whole = queries.statement(self.partner, first, last)
        assert whole.closing == queries.balance(self.partner)
        early = queries.statement(self.partner, first, middle)
        late = queries.statement(self.partner, middle, last)
        assert early.closing == late.opening
        assert early.movements + late.movements == whole.movements
        assert whole.movements[::-1] == queries.movements(self.partner, most=10_000)

    def cause(self, by: str = "person:7") -> Cause:
        return keyed(at=self.later(), by=by)

    def later(self) -> datetime:
        """Every operation some hours after the one before."""
        self.at += timedelta(hours=3)
        self.model.today = self.today
        return self.at

    def until(self, life: int | None) -> date | None:
        return None if life is None else self.today + timedelta(days=life)

    def twice(self, deed: Callable[[], R]) -> R:
        """Whatever is done is asked for again, as a sender does that heard no answer (L3)."""
        done = deed()
        assert deed() == done
        return done

    def lots(self) -> list[Lot]:
        return list(Lot.objects.filter(partner_id=self.partner).order_by("id"))

    def names(self, money: bool = False) -> list[str]:
        return [name for name in self.model.tickets if name.endswith("/hours") == money]

    def open(self) -> list[str]:
        return [name for name, each in self.model.tickets.items() if each.is_open]

    def charged(self) -> list[str]:
        return [name for name, each in self.model.tickets.items() if each.units_charged]
