"""How an operation is written: under the deposit's lock, once per key, in balanced lines.

Order inside every action: lock the deposit, look for the key, decide by the rules, write. What a
person can be refused is refused before the first write, so that a caller may catch it and go on
in its own transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial, wraps
from typing import ParamSpec, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from desk.deposits.models import MEMO_LENGTH, Deposit, Line, Lot, Transaction
from desk.journal import actions as journal
from desk.journal.actions import KeyReused
from desk.journal.cause import Cause
from desk.rules import ledger

P = ParamSpec("P")
R = TypeVar("R")

# Raw, because these run in every operation and building them anew costs more than running them.
_LOCK = "SELECT * FROM deposits_deposit WHERE partner_id = %s FOR UPDATE"
_LOCK_OF = """
    SELECT * FROM deposits_deposit WHERE partner_id IN (
        SELECT partner_id FROM deposits_hold WHERE subject = ANY(%s)
        UNION SELECT partner_id FROM deposits_uncovered WHERE subject = ANY(%s)) FOR UPDATE
"""

# A failure between two writes must not be survivable by a caller that catches it.
writing = partial(transaction.atomic, savepoint=False)


class KeyMissing(ValueError):
    """An operation that must happen once came without an idempotency key (L3)."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation before it is written. `content` is what its key stands for."""

    cause: Cause
    verb: str
    partner_id: int
    key: str
    content: Mapping[str, object]
    subject: str = ""
    memo: str = ""
    reverses_id: int | None = None

    @property
    def deposit(self) -> str:
        return f"deposit:{self.partner_id}"

    @property
    def digest(self) -> str:
        return journal.digest(self.deposit, self.stands_for)

    @property
    def stands_for(self) -> dict[str, object]:
        """The deed and its input, as the journal compares a repeated key."""
        return {"verb": self.verb, **self.content}


def one_transaction(action: Callable[P, R]) -> Callable[P, R]:
    """Run in the caller's transaction, or in one of its own.

    No savepoint: it would cost two round trips, and nothing is written before a refusal.
    """

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return action(*args, **kwargs)
        with transaction.atomic():
            return action(*args, **kwargs)

    return run


def lock(partner_id: int) -> Deposit:
    """The partner's deposit, locked until the transaction ends; made when there is none yet."""
    for found in Deposit.objects.raw(_LOCK, [partner_id]):
        return found
    Deposit.objects.bulk_create([Deposit(partner_id=partner_id)], ignore_conflicts=True)
    return Deposit.objects.select_for_update().get(pk=partner_id)


def lock_of(subjects: Sequence[str]) -> Deposit | None:
    """The deposit that holds, or owes, for the subjects, locked; None when there is none."""
    deposits = list(Deposit.objects.raw(_LOCK_OF, [list(subjects)] * 2))
    assert len(deposits) < 2, "the parts of a ticket are one partner's"
    return deposits[0] if deposits else None


def key_of(cause: Cause, verb: str, scope: str) -> str:
    """The key of an operation: the cause's own, or what the entry that caused it entails once."""
    if cause.key is not None:
        return cause.key
    if cause.parent is None:
        raise KeyMissing(verb)
    return f"{verb}:{scope}:entry:{cause.parent}"


def earlier(operation: Operation) -> Transaction | None:
    """The transaction that this key already made, or None; KeyReused for another content (L3).

    Call it under the deposit's lock: copies that run at once come here one after the other.
    """
    found = Transaction.objects.filter(key=operation.key).first()
    if found is None:
        journal.earlier(operation.cause, operation.deposit, operation.stands_for)
    elif found.digest != operation.digest or found.partner_id != operation.partner_id:
        raise KeyReused(operation.key)
    return found


def begin(operation: Operation, deposit: Deposit, facts: Mapping[str, object]) -> Transaction:
    """Write the journal entry and the transaction; `facts` is what came of it."""
    cause = operation.cause
    known = {**operation.content, **facts}
    entry = journal.record(
        cause,
        operation.verb,
        operation.deposit,
        {**known, "ticket": operation.subject, "memo": operation.memo},
        operation.partner_id,
        operation.stands_for,
    )
    return Transaction.objects.create(
        partner_id=operation.partner_id,
        verb=operation.verb,
        key=operation.key,
        digest=operation.digest,
        at=max(cause.at, deposit.last_at or cause.at),
        by=cause.by,
        channel=cause.channel,
        subject=operation.subject,
        memo=operation.memo[:MEMO_LENGTH],
        facts=known,
        reverses_id=operation.reverses_id,
        entry=entry,
    )


def write(posted: Transaction, lines: Iterable[tuple[ledger.Line, int | None]]) -> None:
    """Write lines, each with the hold it belongs to; the database moves the balances."""
    Line.objects.bulk_create(
        Line(
            partner_id=posted.partner_id,
            transaction_id=posted.pk,
            lot_id=line.lot,
            hold_id=hold_id,
            account=line.account,
            amount=line.amount,
        )
        for line, hold_id in lines
    )


def without_hold(lines: Iterable[ledger.Line]) -> list[tuple[ledger.Line, None]]:
    return [(line, None) for line in lines]


def lots_in_use(partner_id: int, commodity: ledger.Commodity) -> list[Lot]:
    """The partner's lots with anything available, or lent."""
    return list(Lot.objects.filter(partner_id=partner_id, commodity=commodity).exclude(available=0))


def value(lot: Lot) -> ledger.Lot:
    return ledger.Lot(lot.pk, lot.available, lot.bought_at, lot.expires_on)


def prolong(lots: Iterable[tuple[int, date | None]], posted: Transaction) -> None:
    """Lots past their expiry to which units come back live 30 more days (spec 3)."""
    today = timezone.localdate(posted.at, timezone.get_default_timezone())
    for lot_id, expires_on in sorted(set(lots), key=lambda lot: lot[0]):
        longer = ledger.life_of_returned(expires_on, today)
        if longer != expires_on:
            Lot.objects.filter(pk=lot_id).update(expires_on=longer)


def root(subjects: Sequence[str]) -> str:
    """What all the subjects belong to: the ticket."""
    roots = {subject.partition("/")[0] for subject in subjects}
    assert len(roots) == 1, "one operation is about one ticket"
    assert len(set(subjects)) == len(subjects), "a subject is named once"
    return roots.pop()
