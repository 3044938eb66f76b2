"""propose_refund, approve_refund, decline_refund, pay_refund: units given back for their money.

One person proposes, another approves, then the money is sent. Nothing moves before the approval,
so that the amount is looked at again then: what was used meanwhile is not given back.
"""

from __future__ import annotations

from datetime import date

from desk.deposits import queries
from desk.deposits.actions.adjusting import ReasonMissing, SecondPersonNeeded
from desk.deposits.actions.posting import (
    KeyMissing,
    Operation,
    begin,
    lock,
    one_transaction,
    without_hold,
    write,
    writing,
)
from desk.deposits.models import MEMO_LENGTH, Deposit, Lot, Payout, Refund, Transaction
from desk.deposits.queries.refunds import RefundRow, refund, refundable
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.rules import ledger
from desk.rules.ledger import Commodity, Source

REFERENCE_LENGTH = 100


class RefundDecided(Exception):
    """The refund was approved or declined already, or is not approved yet."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class RefundPaid(Exception):
    """The money of the refund was sent on another day, or under another reference."""


@one_transaction
def propose_refund(cause: Cause, lot_id: int, quantity: int, reason: str) -> RefundRow:
    """Propose to give back units, or kopiykas, of a lot; nothing moves before it is approved.

    At most what is available of the lot (DepositExhausted), never of a bonus (NotRefundable). The
    money is the price that the lot was bought at. Raises AmountNotPositive, ReasonMissing,
    KeyMissing, KeyReused.
    """
    if cause.key is None:
        raise KeyMissing("propose_refund")
    if not reason.strip():
        raise ReasonMissing
    partner_id = _partner_of(lot_id)
    deposit = lock(partner_id)
    lot = Lot.objects.get(pk=lot_id)
    facts = {"lot": lot_id, "quantity": ledger.whole(quantity), "reason": reason}
    subject, verb = f"deposit:{partner_id}", "propose_refund"
    if done := journal.earlier(cause, subject, {"verb": verb, **facts}):
        return refund(Refund.objects.values_list("pk", flat=True).get(entry=done))
    kopecks = ledger.refund_kopecks(Source(lot.source), quantity, lot.unit_price_kopecks)
    ledger.give_up(lot_id, quantity, _left(lot, deposit))
    with writing():
        entry = journal.record(cause, verb, subject, facts, partner_id)
        proposed = Refund.objects.create(
            partner_id=partner_id,
            lot=lot,
            quantity=quantity,
            kopecks=kopecks,
            reason=reason[:MEMO_LENGTH],
            proposed_by=cause.by,
            proposed_at=cause.at,
            entry=entry,
        )
    return refund(proposed.pk)


@one_transaction
def propose_refunds_of(cause: Cause, partner_id: int, reason: str) -> list[RefundRow]:
    """Propose to give back everything that is free: a partner moves to the classic line (L12).

    One refund for each lot, so that each keeps its price; they are decided one by one. What waits
    for a decision already is not proposed again.
    """
    if cause.key is None:
        raise KeyMissing("propose_refund")
    lock(partner_id)
    waiting = set(
        Refund.objects.filter(partner_id=partner_id, outcome=None).values_list("lot_id", flat=True)
    )
    made = []
    for row in refundable(partner_id):
        each = Cause(cause.by, cause.at, cause.channel, f"{cause.key}:lot:{row.lot_id}")
        if row.lot_id not in waiting:
            made.append(propose_refund(each, row.lot_id, row.quantity, reason))
    return made


@one_transaction
def approve_refund(cause: Cause, refund_id: int) -> RefundRow:
    """available -> refunded: the second person's word. Its money is owed from now on.

    Raises SecondPersonNeeded, RefundDecided (declined), DepositExhausted (used meanwhile).
    """
    proposed, deposit = _locked(refund_id)
    if proposed.outcome == Refund.APPROVED:
        return refund(refund_id)
    if proposed.outcome is not None:
        raise RefundDecided(proposed.outcome)
    if not queries.may_approve(cause.by, proposed.proposed_by):
        raise SecondPersonNeeded(cause.by)
    draws = ledger.give_up(proposed.lot_id, proposed.quantity, _left(proposed.lot, deposit))
    operation = _operation(cause, proposed)
    with writing():
        posted = begin(operation, deposit, {"proposed_by": proposed.proposed_by})
        write(posted, without_hold(ledger.refund(draws)))
        _decide(cause, proposed, Refund.APPROVED, posted)
    return refund(refund_id)


@one_transaction
def decline_refund(cause: Cause, refund_id: int, why: str = "") -> RefundRow:
    """Nothing is given back; its author may withdraw it so. Raises RefundDecided (approved)."""
    proposed, _ = _locked(refund_id)
    if proposed.outcome == Refund.APPROVED:
        raise RefundDecided(proposed.outcome)
    if proposed.outcome is None:
        with writing():
            facts = {"refund": proposed.pk, "why": why}
            subject = f"deposit:{proposed.partner_id}"
            journal.record(cause, "decline_refund", subject, facts, proposed.partner_id)
            _decide(cause, proposed, Refund.DECLINED, None)
    return refund(refund_id)


@one_transaction
def pay_refund(cause: Cause, refund_id: int, paid_on: date, reference: str = "") -> RefundRow:
    """The money of an approved refund was sent, on that day, under that number of our bank.

    Repeated, it answers the first outcome; RefundPaid when the day or the number is another one.
    RefundDecided when the refund is not approved.
    """
    found, _ = _locked(refund_id)
    if found.outcome != Refund.APPROVED:
        raise RefundDecided(found.outcome or "")
    reference = reference.strip()[:REFERENCE_LENGTH]
    earlier = Payout.objects.filter(refund=found).first()
    if earlier is not None:
        if (earlier.paid_on, earlier.reference) != (paid_on, reference):
            raise RefundPaid
        return refund(refund_id)
    facts = {
        "refund": found.pk,
        "kopecks": found.kopecks,
        "paid_on": paid_on.isoformat(),
        "reference": reference,
    }
    with writing():
        subject = f"deposit:{found.partner_id}"
        journal.record(cause, "pay_refund", subject, facts, found.partner_id)
        Payout.objects.create(
            refund=found, paid_on=paid_on, reference=reference, at=cause.at, by=cause.by
        )
    return refund(refund_id)


def _partner_of(lot_id: int) -> int:
    return Lot.objects.values_list("partner_id", flat=True).get(pk=lot_id)


def _locked(refund_id: int) -> tuple[Refund, Deposit]:
    """The refund as it is once its partner's deposit is locked."""
    partner_id = Refund.objects.values_list("partner_id", flat=True).get(pk=refund_id)
    deposit = lock(partner_id)
    return Refund.objects.select_related("lot").get(pk=refund_id), deposit


def _left(lot: Lot, deposit: Deposit) -> int:
    is_money = lot.commodity == Commodity.MONEY
    available = deposit.money_available_kopecks if is_money else deposit.consultations_available
    return ledger.spare(lot.available, available)


def _operation(cause: Cause, proposed: Refund) -> Operation:
    content = {
        "refund": proposed.pk,
        "lot": proposed.lot_id,
        "commodity": proposed.lot.commodity,
        "quantity": proposed.quantity,
        "kopecks": proposed.kopecks,
    }
    key = f"refund:{proposed.pk}"
    return Operation(cause, "refund", proposed.partner_id, key, content, memo=proposed.reason)


def _decide(cause: Cause, proposed: Refund, outcome: str, posted: Transaction | None) -> None:
    proposed.outcome = outcome
    proposed.decided_by = cause.by
    proposed.decided_at = cause.at
    proposed.transaction = posted
    proposed.save(update_fields=["outcome", "decided_by", "decided_at", "transaction"])
