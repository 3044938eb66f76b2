"""Invoices, payments in pieces and acts, among all that happens to a deposit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from desk.deposits.actions.invoicing import Order, issue_invoice
from desk.deposits.actions.papering import NothingToAct, cancel_paper, issue_act
from desk.deposits.actions.paying import Incoming, match_payment, take_payment
from desk.deposits.models import Company
from tests.scenarios import billing, deposit_model
from tests.scenarios.deposit_model import Lot, Model
from tests.scenarios.deposit_steps import DepositMachine
from tests.scenarios.deposits import PRICE

QUANTITY, BONUS, LIFE_DAYS = 3, 1, 20
TOTAL = QUANTITY * PRICE
INVOICES_MAX = 3


@dataclass
class Invoice:
    """What the model knows of an invoice: what was paid and bought, and the money it left."""

    id: int
    paid: int = 0
    bought: int = 0
    rests: list[Lot] = field(default_factory=list)

    def pay(self, model: Model, kopecks: int, until: date) -> None:
        """Units as far as the money goes, then of what earlier payments left; the bonus at last."""
        was_open = self.paid < TOTAL
        self.paid += kopecks
        if self.bought < QUANTITY:
            bought, filled, rest = model.buy(QUANTITY - self.bought, PRICE, kopecks, until)
            self.bought += bought + filled
            self.rests += model.lots[-1:] if rest else []
        else:
            model.add(deposit_model.MONEY, "topped_up", 1, kopecks)
        left = [lot for lot in self.rests if lot.available]
        more = min(QUANTITY - self.bought, sum(lot.available for lot in left) // PRICE)
        if more:
            self.bought += sum(model.convert(more, PRICE, until, left) or ())
        if was_open and self.paid >= TOTAL:
            model.add(deposit_model.UNITS, "bonus", 0, BONUS).expires_on = until


class BillingMachine(DepositMachine):
    """The same partner with a contract: packs are invoiced, paid in pieces, and acted on."""

    def __init__(self) -> None:
        super().__init__()
        self.company = next(iter(Company.objects.values_list("id", flat=True)), None)
        self.company = self.company or billing.a_company()
        billing.a_contract(self.partner, self.company)
        self.pack = billing.a_pack(QUANTITY, bonus=BONUS, validity_days=LIFE_DAYS)
        self.invoices: list[Invoice] = []
        self.acts: dict[int, int] = {}

    @precondition(lambda self: len(self.unpaid()) < INVOICES_MAX)
    @rule()
    def invoice(self) -> None:
        cause = self.cause()
        row = self.twice(lambda: issue_invoice(cause, self.partner, Order(pack_id=self.pack)))
        assert row.total_kopecks == TOTAL
        self.invoices.append(Invoice(row.id))

    @precondition(lambda self: self.unpaid())
    @rule(data=st.data(), kopecks=st.integers(1, TOTAL + 50))
    def pay(self, data: st.DataObject, kopecks: int) -> None:
        invoice = data.draw(st.sampled_from(self.unpaid()))
        cause, until = self.cause(), self.today + timedelta(days=LIFE_DAYS)
        came = Incoming(company_id=self.company or 0, kopecks=kopecks, paid_on=self.today)
        payment = self.twice(lambda: take_payment(cause, came))
        cause = self.cause()
        until = self.today + timedelta(days=LIFE_DAYS)
        self.twice(lambda: match_payment(cause, payment.id, self.partner, invoice.id, kopecks))
        invoice.pay(self.model, kopecks, until)

    @rule()
    def act(self) -> None:
        """An act carries all that was charged, less what earlier acts in force carry."""
        cause, month = self.cause(by=self.accountant), self.today.replace(day=1)
        due = sum(ticket.kopecks_charged for ticket in self.model.tickets.values())
        due -= sum(self.acts.values())
        try:
            row = self.twice(lambda: issue_act(cause, self.partner, month))
        except NothingToAct:
            assert due == 0
            return
        assert row.total_kopecks == due
        self.acts[row.id] = due

    @precondition(lambda self: self.acts)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        act = data.draw(st.sampled_from(sorted(self.acts)))
        cause = self.cause(by=self.accountant)
        self.twice(lambda: cancel_paper(cause, act, "Wrong"))
        del self.acts[act]

    def unpaid(self) -> list[Invoice]:
        return [one for one in self.invoices if one.paid < TOTAL]
