"""The whole area against plain counters, in any order of operations (L1, L2, L4, L6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import count

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from desk.deposits import actions, queries
from desk.deposits.checks import check
from desk.deposits.values import Balance, Statement
from desk.rules.ledger import Cover
from tests.scenarios.deposits import MONEY, PRICE, UNITS, a_partner, day, keyed, unkeyed

LIMIT = 2
_codes = (f"M{number}" for number in count())
small = st.integers(1, 4)


@dataclass
class _Ticket:
    """What the model knows of a ticket's hold."""

    units: int = 0
    kopecks: int = 0
    charged: int = 0
    uncovered: bool = False
    resolved: bool = False

    @property
    def is_open(self) -> bool:
        return bool(self.units or self.kopecks or self.uncovered)


class DepositMachine(RuleBasedStateMachine):
    """A partner with twelve tickets: consultations at one price, so that money can be foreseen."""

    def __init__(self) -> None:
        super().__init__()
        self.partner = a_partner(next(_codes))
        self.tickets = {f"ticket:{self.partner}{number:02}": _Ticket() for number in range(12)}
        self.units = self.kopecks = self.minutes = 0

    @rule(quantity=small, short=st.integers(0, PRICE))
    def buy(self, quantity: int, short: int) -> None:
        paid = quantity * PRICE - min(short, quantity * PRICE - 1)
        bought = actions.buy(keyed(at=self.later()), self.partner, quantity, PRICE, paid)
        self.units += paid // PRICE
        self.kopecks += paid % PRICE
        waiting = [name for name, each in self.tickets.items() if each.uncovered]
        assert set(bought.settled) <= set(waiting)
        assert bought.bought == 0 or len(bought.settled) == len(waiting)
        for name in bought.settled:
            ticket = self.tickets[name]
            ticket.uncovered = False
            self.units -= 1
            if ticket.resolved:
                ticket.charged += 1
            else:
                ticket.units = 1

    @rule(kopecks=st.integers(1, 2 * PRICE))
    def top_up(self, kopecks: int) -> None:
        actions.top_up(keyed(at=self.later()), self.partner, kopecks, "")
        self.kopecks += kopecks

    @rule(data=st.data(), units=small)
    def hold(self, data: st.DataObject, units: int) -> None:
        name = self.idle(data)
        if name is None:
            return
        wanted = {"commodity": UNITS, "quantity_each": units, "memo": name}
        try:
            held = actions.hold(unkeyed(self.later()), self.partner, [name], **wanted)  # type: ignore[arg-type]
        except actions.DepositExhausted as refused:
            assert (refused.available, refused.needed) == (self.units, units)
            assert self.units < units
            return
        assert held[0].kopecks == units * PRICE
        self.tickets[name].units = units
        self.units -= units

    @rule(data=st.data(), kopecks=st.integers(1, PRICE))
    def hold_money(self, data: st.DataObject, kopecks: int) -> None:
        name = self.idle(data)
        if name is None:
            return
        wanted = {"commodity": MONEY, "quantity_each": kopecks, "memo": name}
        try:
            actions.hold(unkeyed(self.later()), self.partner, [name], **wanted)  # type: ignore[arg-type]
        except actions.DepositExhausted:
            assert self.kopecks < kopecks
            return
        self.tickets[name].kopecks = kopecks
        self.kopecks -= kopecks

    @rule(data=st.data())
    def hold_for_bug(self, data: st.DataObject) -> None:
        name = self.idle(data)
        if name is None:
            return
        paid = actions.hold_for_bug(
            unkeyed(self.later()),
            self.partner,
            [name],
            credit_limit=LIMIT,
            unit_price_kopecks=PRICE,
            memo=name,
        )
        expected = Cover.COVERED if self.units > 0 else Cover.CREDIT
        assert paid.cover is (expected if self.units > -LIMIT else Cover.UNCOVERED)
        if paid.cover is Cover.UNCOVERED:
            self.tickets[name].uncovered = True
            self.tickets[name].resolved = False
        else:
            self.tickets[name].units = 1
            self.units -= 1

    @precondition(lambda self: any(each.is_open for each in self.tickets.values()))
    @rule(data=st.data(), logged=st.integers(0, PRICE), twice=st.booleans())
    def capture(self, data: st.DataObject, logged: int, twice: bool) -> None:
        name = self.busy(data)
        ticket = self.tickets[name]
        quantity = logged if ticket.kopecks else None
        for _ in range(2 if twice else 1):
            ended = actions.capture(unkeyed(self.later()), [name], quantity=quantity)
        if ticket.uncovered:
            ticket.resolved = True
            return
        assert ended.captured == (min(logged, ticket.kopecks) if ticket.kopecks else ticket.units)
        self.kopecks += ended.released
        ticket.charged = 0 if ticket.kopecks else ticket.charged + ticket.units
        ticket.units = ticket.kopecks = 0
        if quantity is not None:
            self.tickets.pop(name)

    @precondition(lambda self: any(each.is_open for each in self.tickets.values()))
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        name = self.busy(data)
        ticket = self.tickets[name]
        actions.release(unkeyed(self.later()), [name])
        self.units += ticket.units
        self.kopecks += ticket.kopecks
        ticket.units = ticket.kopecks = 0
        ticket.uncovered = False

    @precondition(lambda self: any(each.charged for each in self.tickets.values()))
    @rule(data=st.data(), quantity=small)
    def reverse(self, data: st.DataObject, quantity: int) -> None:
        charged = [name for name, each in self.tickets.items() if each.charged]
        name = data.draw(st.sampled_from(charged))
        ticket = self.tickets[name]
        try:
            actions.reverse(keyed(at=self.later()), name, quantity, name)
        except actions.MoreThanLeft as refused:
            assert refused.left == ticket.charged < quantity
            return
        ticket.charged -= quantity
        self.units += quantity

    @invariant()
    def l8_the_balance_is_the_models(self) -> None:
        held = sum(each.units for each in self.tickets.values())
        money = sum(each.kopecks for each in self.tickets.values())
        assert queries.balance(self.partner) == Balance(self.units, held, self.kopecks, money)

    @invariant()
    def l6_tickets_cost_what_they_hold_and_were_charged(self) -> None:
        costs = queries.costs(list(self.tickets))
        for name, ticket in self.tickets.items():
            cost = costs[name]
            assert cost.units_charged == ticket.charged
            assert cost.kopecks_charged == ticket.charged * PRICE
            assert cost.kopecks_held == ticket.units * PRICE + ticket.kopecks
            assert cost.uncovered_units == int(ticket.uncovered)

    def teardown(self) -> None:
        connection.check_constraints()
        assert check() == []
        whole = self.statement(0, 60)
        assert whole.closing == queries.balance(self.partner)
        assert self.statement(0, 5).closing == self.statement(5, 60).opening

    def statement(self, start: int, end: int) -> Statement:
        return queries.statement(self.partner, day(start), day(end))

    def later(self) -> datetime:
        """Every operation a few hours after the one before."""
        self.minutes += 1
        return day(0) + (day(1) - day(0)) * self.minutes / 7

    def idle(self, data: st.DataObject) -> str | None:
        names = [name for name, each in self.tickets.items() if not each.is_open]
        return data.draw(st.sampled_from(names)) if names else None

    def busy(self, data: st.DataObject) -> str:
        names = [name for name, each in self.tickets.items() if each.is_open]
        return data.draw(st.sampled_from(names))


@pytest.mark.django_db
def test_l1_any_order_of_operations_agrees_with_plain_counters() -> None:
    run_state_machine_as_test(
        DepositMachine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
