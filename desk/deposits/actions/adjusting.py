"""adjust: a correction with a reason, which takes two persons."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from desk.deposits import queries
from desk.deposits.actions.posting import (
    KeyMissing,
    Operation,
    begin,
    lock,
    lots_in_use,
    one_transaction,
    value,
    without_hold,
    write,
    writing,
)
from desk.deposits.models import MEMO_LENGTH, Adjustment, Deposit, Lot, Transaction
from desk.deposits.values import AdjustmentRow
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.rules import ledger
from desk.rules.ledger import Commodity, Draw, Source


class SecondPersonNeeded(Exception):
    """A correction is approved by another accountant, or by the owner where there is one."""


class AdjustmentDecided(Exception):
    """The correction was approved or declined already."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class ReasonMissing(ValueError):
    """A correction needs a reason."""


@one_transaction
def propose_adjustment(
    cause: Cause,
    partner_id: int,
    commodity: Commodity,
    delta: int,
    reason: str,
    unit_price_kopecks: int = 0,
) -> AdjustmentRow:
    """Propose ±units or ±kopiykas; nothing moves before a second person approves it.

    `unit_price_kopecks`: what a consultation of an opening balance was bought for. Raises
    AmountNotPositive (delta 0), ReasonMissing, KeyMissing, KeyReused.
    """
    return queries.adjustment_row(
        _propose(cause, partner_id, _Correction(commodity, delta, reason, unit_price_kopecks))
    )


@one_transaction
def approve_adjustment(cause: Cause, adjustment_id: int) -> AdjustmentRow:
    """The second person's word: the correction moves (never below zero: DepositExhausted).

    Raises SecondPersonNeeded, AdjustmentDecided (declined).
    """
    proposed, deposit = _locked(adjustment_id)
    if proposed.outcome == Adjustment.APPROVED:
        return queries.adjustment_row(proposed)
    return queries.adjustment_row(_approve(cause, proposed, deposit))


@one_transaction
def decline_adjustment(cause: Cause, adjustment_id: int, why: str = "") -> AdjustmentRow:
    """The correction is not made; its author may withdraw it so. Raises AdjustmentDecided."""
    proposed, _ = _locked(adjustment_id)
    if proposed.outcome == Adjustment.APPROVED:
        raise AdjustmentDecided(proposed.outcome)
    if proposed.outcome is None:
        with writing():
            facts = {"adjustment": proposed.pk, "why": why}
            subject = f"deposit:{proposed.partner_id}"
            journal.record(cause, "decline_adjustment", subject, facts, proposed.partner_id)
            _decide(cause, proposed, Adjustment.DECLINED, None)
    return queries.adjustment_row(proposed)


@one_transaction
def adjust(
    cause: Cause,
    partner_id: int,
    commodity: Commodity,
    delta: int,
    reason: str,
    approved_by: str,
) -> AdjustmentRow:
    """Propose and approve at once, where both persons ("person:7") are known.

    Repeated, it answers the first outcome. Errors as of propose and approve.
    """
    # A savepoint: a refused approval must take the proposal with it.
    with transaction.atomic():
        proposed = _propose(cause, partner_id, _Correction(commodity, delta, reason, 0))
        if proposed.outcome != Adjustment.APPROVED:
            second = Cause(approved_by, cause.at, cause.channel, parent=proposed.entry_id)
            _approve(second, proposed, lock(partner_id))
    return queries.adjustment_row(proposed)


@dataclass(frozen=True, slots=True)
class _Correction:
    commodity: Commodity
    delta: int
    reason: str
    unit_price_kopecks: int

    def facts(self) -> dict[str, object]:
        return {
            "commodity": self.commodity.value,
            "delta": self.delta,
            "reason": self.reason,
            "unit_price_kopecks": self.unit_price_kopecks,
        }


def _propose(cause: Cause, partner_id: int, correction: _Correction) -> Adjustment:
    ledger.whole(abs(correction.delta))
    ledger.whole(correction.unit_price_kopecks, least=0)
    if not correction.reason.strip():
        raise ReasonMissing
    if cause.key is None:
        raise KeyMissing("propose_adjustment")
    lock(partner_id)
    verb, subject, facts = "propose_adjustment", f"deposit:{partner_id}", correction.facts()
    if done := journal.earlier(cause, subject, {"verb": verb, **facts}):
        return Adjustment.objects.get(entry=done)
    with writing():
        entry = journal.record(cause, verb, subject, facts, partner_id)
        return Adjustment.objects.create(
            partner_id=partner_id,
            commodity=correction.commodity,
            delta=correction.delta,
            unit_price_kopecks=1 if _is_money(correction) else correction.unit_price_kopecks,
            reason=correction.reason[:MEMO_LENGTH],
            proposed_by=cause.by,
            proposed_at=cause.at,
            entry=entry,
        )


def _is_money(correction: _Correction) -> bool:
    return correction.commodity is Commodity.MONEY


def _locked(adjustment_id: int) -> tuple[Adjustment, Deposit]:
    """The adjustment as it is once its partner's deposit is locked."""
    partner_id = Adjustment.objects.values_list("partner_id", flat=True).get(pk=adjustment_id)
    deposit = lock(partner_id)
    return Adjustment.objects.get(pk=adjustment_id), deposit


def _approve(cause: Cause, proposed: Adjustment, deposit: Deposit) -> Adjustment:
    if proposed.outcome is not None:
        raise AdjustmentDecided(proposed.outcome)
    if not queries.may_approve(cause.by, proposed.proposed_by):
        raise SecondPersonNeeded(cause.by)
    commodity = Commodity(proposed.commodity)
    lots = [value(lot) for lot in lots_in_use(proposed.partner_id, commodity)]
    taken = ledger.select(lots, -proposed.delta) if proposed.delta < 0 else ()
    content = {"adjustment": proposed.pk, "commodity": commodity.value, "delta": proposed.delta}
    operation = Operation(
        cause,
        "adjust",
        proposed.partner_id,
        f"adjust:{proposed.pk}",
        content,
        memo=proposed.reason,
    )
    with writing():
        posted = begin(operation, deposit, {"proposed_by": proposed.proposed_by})
        write(posted, without_hold(ledger.deduct(taken) or _added(posted, proposed)))
        _decide(cause, proposed, Adjustment.APPROVED, posted)
    return proposed


def _added(posted: Transaction, proposed: Adjustment) -> tuple[ledger.Line, ...]:
    """A correction upwards is a lot of its own."""
    lot = Lot.objects.create(
        partner_id=posted.partner_id,
        transaction=posted,
        commodity=proposed.commodity,
        source=Source.ADJUSTED,
        quantity=proposed.delta,
        unit_price_kopecks=proposed.unit_price_kopecks,
        bought_at=posted.at,
    )
    return ledger.add([Draw(lot.pk, lot.quantity)])


def _decide(cause: Cause, proposed: Adjustment, outcome: str, posted: Transaction | None) -> None:
    proposed.outcome = outcome
    proposed.decided_by = cause.by
    proposed.decided_at = cause.at
    proposed.transaction = posted
    proposed.save(update_fields=["outcome", "decided_by", "decided_at", "transaction"])
