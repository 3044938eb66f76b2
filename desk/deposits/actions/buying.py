"""buy, top_up, convert: how consultations and money come to a deposit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict, Unpack

from desk.deposits.actions.holding import place
from desk.deposits.actions.posting import (
    Operation,
    begin,
    earlier,
    key_of,
    lock,
    lots_in_use,
    one_transaction,
    value,
    without_hold,
    write,
    writing,
)
from desk.deposits.models import Deposit, HoldEnd, Lot, Transaction, Uncovered
from desk.deposits.values import Bought
from desk.journal.cause import Cause
from desk.rules import ledger
from desk.rules.ledger import Commodity, Debt, Draw, Purchase, Source


class PackTerms(TypedDict, total=False):
    """A pack's further terms: given away for nothing; usable up to and including a day; the
    invoice, as a statement names it."""

    bonus: bool
    expires_on: date | None
    memo: str


@dataclass(frozen=True, slots=True)
class _Owed:
    """What a purchase fills first: lots lent on credit, then uncovered bugs, oldest first."""

    lots: tuple[Lot, ...] = ()
    bugs: tuple[Uncovered, ...] = ()

    def debts(self) -> list[Debt]:
        """Debts numbered by their place: first the lots, then the bugs."""
        lent = [(-lot.available, lot.unit_price_kopecks, False) for lot in self.lots]
        bugs = [(bug.quantity, bug.unit_price_kopecks, True) for bug in self.bugs]
        return [Debt(place, *debt) for place, debt in enumerate([*lent, *bugs])]

    def filled_lots(self, plan: Purchase) -> list[Draw]:
        return [
            Draw(lot.pk, plan.filled[place])
            for place, lot in enumerate(self.lots)
            if place in plan.filled
        ]

    def settled_bugs(self, plan: Purchase) -> list[Uncovered]:
        return [bug for place, bug in enumerate(self.bugs, len(self.lots)) if place in plan.filled]


@one_transaction
def buy(
    cause: Cause,
    partner_id: int,
    quantity: int,
    unit_price_kopecks: int,
    paid_kopecks: int,
    **terms: Unpack[PackTerms],
) -> Bought:
    """issued -> available: a pack was paid, and becomes a lot at a price that never changes (L6).

    A part payment buys what it pays for, the rest stays money, and so does an overpayment. Units
    lent on credit and uncovered bugs are filled first, at the price of their acceptance (L2).
    `bonus=True`: given for nothing (`paid_kopecks` 0), without a price, filling no debts.
    Raises AmountNotPositive, KeyMissing, KeyReused.
    """
    deposit = lock(partner_id)
    content = {
        "quantity": quantity,
        "unit_price_kopecks": unit_price_kopecks,
        "paid_kopecks": paid_kopecks,
        **_terms(terms),
    }
    key, memo = key_of(cause, "buy", "deposit"), terms.get("memo", "")
    operation = Operation(cause, "buy", partner_id, key, content, memo=memo)
    if done := earlier(operation):
        return _outcome(done)
    expires_on = terms.get("expires_on")
    if terms.get("bonus"):
        return _give(operation, deposit, quantity, expires_on)
    owed = _owed(partner_id)
    plan = ledger.purchase(quantity, unit_price_kopecks, paid_kopecks, owed.debts())
    with writing():
        posted = begin(operation, deposit, _facts(plan, owed))
        rest = _new_lot(posted, Source.REST, plan.rest_kopecks)
        lots = [*_bought_lots(posted, Source.BOUGHT, plan, owed), *rest]
        for lot in lots:
            lot.expires_on = expires_on if lot.source == Source.BOUGHT else None
        _issue(posted, lots, owed, plan)
        _settle(cause, deposit, posted, zip(lots, owed.settled_bugs(plan), strict=False))
    return _outcome(posted)


@one_transaction
def top_up(cause: Cause, partner_id: int, kopecks: int, memo: str) -> Bought:
    """issued -> available, in money. Raises AmountNotPositive, KeyMissing, KeyReused."""
    deposit = lock(partner_id)
    content = {"kopecks": ledger.whole(kopecks)}
    key = key_of(cause, "top_up", "deposit")
    operation = Operation(cause, "top_up", partner_id, key, content, memo=memo)
    if done := earlier(operation):
        return _outcome(done)
    nothing_bought = Purchase({}, 0, kopecks, 0)
    with writing():
        posted = begin(operation, deposit, _facts(nothing_bought, _Owed()))
        lots = _new_lot(posted, Source.TOPPED_UP, kopecks)
        _issue(posted, lots, _Owed(), nothing_bought)
    return _outcome(posted)


@one_transaction
def convert(
    cause: Cause,
    partner_id: int,
    quantity: int,
    unit_price_kopecks: int,
    expires_on: date | None = None,
    only: Collection[int] | None = None,
) -> Bought:
    """Money of the deposit becomes consultations at the price of the day, usable up to and
    including `expires_on` (None: without end). `only`: the lots of money to take it from.

    Raises DepositExhausted (in kopiykas), AmountNotPositive, KeyMissing, KeyReused.
    """
    deposit = lock(partner_id)
    content = _conversion(quantity, unit_price_kopecks, expires_on)
    key = key_of(cause, "convert", "deposit")
    operation = Operation(cause, "convert", partner_id, key, content)
    if done := earlier(operation):
        return _outcome(done)
    price = ledger.whole(quantity) * ledger.whole(unit_price_kopecks)
    usable = lots_in_use(partner_id, Commodity.MONEY)
    money = [value(lot) for lot in usable if only is None or lot.pk in only]
    ledger.select(money, price)
    owed = _owed(partner_id)
    plan = ledger.purchase(quantity, unit_price_kopecks, price, owed.debts())
    spent = ledger.select(money, plan.spent_kopecks) if plan.spent_kopecks else ()
    with writing():
        posted = begin(operation, deposit, _facts(plan, owed))
        lots = _bought_lots(posted, Source.CONVERTED, plan, owed)
        for lot in lots:
            lot.expires_on = expires_on
        write(posted, without_hold(ledger.withdraw(spent)))
        _issue(posted, lots, owed, plan)
        _settle(cause, deposit, posted, zip(lots, owed.settled_bugs(plan), strict=False))
    return _outcome(posted)


def _terms(terms: PackTerms) -> dict[str, object]:
    """What of a pack's terms the key of a purchase stands for."""
    expires_on = terms.get("expires_on")
    until = expires_on.isoformat() if expires_on else None
    return {"bonus": terms.get("bonus", False), "expires_on": until}


def _conversion(
    quantity: int, unit_price_kopecks: int, expires_on: date | None
) -> dict[str, object]:
    """What the key of a conversion stands for; without a validity as it always was."""
    content: dict[str, object] = {"quantity": quantity, "unit_price_kopecks": unit_price_kopecks}
    return content if expires_on is None else {**content, "expires_on": expires_on.isoformat()}


def _give(operation: Operation, deposit: Deposit, quantity: int, expires_on: date | None) -> Bought:
    assert operation.content["paid_kopecks"] == 0, "a bonus is given, not paid"
    plan = Purchase({}, ledger.whole(quantity), 0, 0)
    with writing():
        posted = begin(operation, deposit, _facts(plan, _Owed()))
        lots = _new_lot(posted, Source.BONUS, quantity)
        for lot in lots:
            lot.expires_on = expires_on
        _issue(posted, lots, _Owed(), plan)
    return _outcome(posted)


def _owed(partner_id: int) -> _Owed:
    lent = Lot.objects.filter(
        partner_id=partner_id, commodity=Commodity.CONSULTATIONS, available__lt=0
    )
    bugs = Uncovered.objects.filter(partner_id=partner_id, outcome=None)
    return _Owed(tuple(lent.order_by("bought_at", "id")), tuple(bugs.order_by("id")))


def _facts(plan: Purchase, owed: _Owed) -> dict[str, object]:
    return {
        "bought": plan.bought,
        "filled": sum(plan.filled.values()),
        "settled": [bug.subject for bug in owed.settled_bugs(plan)],
        "rest_kopecks": plan.rest_kopecks,
    }


def _bought_lots(posted: Transaction, source: Source, plan: Purchase, owed: _Owed) -> list[Lot]:
    """One lot per settled bug, at the price of its acceptance, and one for what was bought."""
    lots = [
        _lot(posted, source, bug.quantity, bug.unit_price_kopecks)
        for bug in owed.settled_bugs(plan)
    ]
    if plan.bought:
        price = posted.facts["unit_price_kopecks"]
        lots.append(_lot(posted, source, plan.bought, price))
    return lots


def _new_lot(posted: Transaction, source: Source, quantity: int) -> list[Lot]:
    """A lot of money, or of a gift; none when there is nothing to put in it."""
    price = 0 if source is Source.BONUS else 1
    return [_lot(posted, source, quantity, price)] if quantity else []


def _lot(posted: Transaction, source: Source, quantity: int, unit_price_kopecks: int) -> Lot:
    is_money = source in (Source.REST, Source.TOPPED_UP)
    return Lot(
        partner_id=posted.partner_id,
        transaction=posted,
        commodity=Commodity.MONEY if is_money else Commodity.CONSULTATIONS,
        source=source,
        quantity=quantity,
        unit_price_kopecks=unit_price_kopecks,
        bought_at=posted.at,
    )


def _issue(posted: Transaction, lots: Sequence[Lot], owed: _Owed, plan: Purchase) -> None:
    """Write the new lots, and put units into them and into the lots that were lent."""
    Lot.objects.bulk_create(lots)
    draws = [*owed.filled_lots(plan), *(Draw(lot.pk, lot.quantity) for lot in lots)]
    write(posted, without_hold(ledger.issue(draws)))


def _settle(
    cause: Cause, deposit: Deposit, posted: Transaction, bugs: Iterable[tuple[Lot, Uncovered]]
) -> None:
    """Hold the units of bugs accepted uncovered, and charge those already resolved (L2)."""
    follows = cause.follows(posted.entry_id)
    for lot, bug in bugs:
        held = _settling(follows, deposit, bug, "hold")
        draws = (Draw(lot.pk, lot.quantity),)
        prices = {lot.pk: lot.unit_price_kopecks}
        (hold,) = place(held, Commodity.CONSULTATIONS, {bug.subject: draws}, prices)
        Uncovered.objects.filter(pk=bug.pk).update(outcome=Uncovered.SETTLED, ended_by=held)
        if bug.resolved_at is not None:
            charged = _settling(follows, deposit, bug, "capture")
            HoldEnd.objects.create(hold_id=hold.id, transaction=charged, outcome=HoldEnd.CAPTURED)
            write(charged, [(line, hold.id) for line in ledger.capture(draws)])


def _settling(cause: Cause, deposit: Deposit, bug: Uncovered, verb: str) -> Transaction:
    facts = {
        "captured": bug.quantity if verb == "capture" else 0,
        "released": 0,
        "kopecks": bug.quantity * bug.unit_price_kopecks,
    }
    content = {"subjects": [bug.subject], "settles": bug.pk}
    key = f"{verb}:uncovered:{bug.pk}:settled"
    operation = Operation(
        cause, verb, bug.partner_id, key, content, subject=bug.root, memo=bug.memo
    )
    return begin(operation, deposit, facts)


def _outcome(posted: Transaction) -> Bought:
    facts = posted.facts
    return Bought(
        posted.pk,
        facts["bought"],
        facts["filled"],
        tuple(facts["settled"]),
        facts["rest_kopecks"],
    )
