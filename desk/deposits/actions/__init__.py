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
from desk.deposits.actions.holding import AlreadyHeld, hold, hold_for_bug
from desk.deposits.actions.posting import KeyMissing, lock
from desk.journal.actions import KeyReused
from desk.rules.ledger import AmountNotPositive, DepositExhausted, MoreThanLeft

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
    "ReasonMissing",
    "SecondPersonNeeded",
    "adjust",
    "approve_adjustment",
    "buy",
    "capture",
    "convert",
    "decline_adjustment",
    "hold",
    "hold_for_bug",
    "lock",
    "propose_adjustment",
    "release",
    "reverse",
    "top_up",
]
