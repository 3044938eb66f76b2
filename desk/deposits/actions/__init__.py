"""Everything that changes a deposit. Each verb is atomic, and happens once per key (L3)."""

from desk.deposits.actions.adjusting import (
    AdjustmentDecided,
    ReasonMissing,
    SecondPersonNeeded,
    adjust,
    approve_adjustment,
    decline_adjustment,
    propose_adjustment,
)
from desk.deposits.actions.buying import buy, convert, top_up
from desk.deposits.actions.ending import HoldEnded, HoldMissing, capture, release, reverse
from desk.deposits.actions.expiring import announce_expiry, expire_lots
from desk.deposits.actions.holding import AlreadyHeld, hold, hold_for_bug
from desk.deposits.actions.posting import KeyMissing, lock
from desk.deposits.actions.refunding import (
    RefundDecided,
    RefundPaid,
    approve_refund,
    decline_refund,
    pay_refund,
    propose_refund,
    propose_refunds_of,
)
from desk.journal.actions import KeyReused
from desk.rules.ledger import AmountNotPositive, DepositExhausted, MoreThanLeft, NotRefundable

__all__ = [
    "AdjustmentDecided",
    "AlreadyHeld",
    "AmountNotPositive",
    "DepositExhausted",
    "HoldEnded",
    "HoldMissing",
    "KeyMissing",
    "KeyReused",
    "MoreThanLeft",
    "NotRefundable",
    "ReasonMissing",
    "RefundDecided",
    "RefundPaid",
    "SecondPersonNeeded",
    "adjust",
    "announce_expiry",
    "approve_adjustment",
    "approve_refund",
    "buy",
    "capture",
    "convert",
    "decline_adjustment",
    "decline_refund",
    "expire_lots",
    "hold",
    "hold_for_bug",
    "lock",
    "pay_refund",
    "propose_adjustment",
    "propose_refund",
    "propose_refunds_of",
    "release",
    "reverse",
    "top_up",
]
