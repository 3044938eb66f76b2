"""hold, hold_for_bug: units of the deposit set aside for the parts of a ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection

from desk.deposits import queries
from desk.deposits.actions.posting import (
    Operation,
    begin,
    earlier,
    key_of,
    lock,
    lots_in_use,
    one_transaction,
    root,
    value,
    write,
    writing,
)
from desk.deposits.models import MEMO_LENGTH, Deposit, Hold, Lot, Transaction, Uncovered
from desk.deposits.values import BugHold, Held
from desk.journal.cause import Cause
from desk.rules import ledger
from desk.rules.ledger import Commodity, Cover, Draw, Source

_KNOWN = """
    SELECT EXISTS (SELECT 1 FROM deposits_transaction WHERE key = %s),
        COALESCE(
            (SELECT subject FROM deposits_hold WHERE is_open AND subject = ANY(%s) LIMIT 1),
            (SELECT subject FROM deposits_uncovered
             WHERE outcome IS NULL AND subject = ANY(%s) LIMIT 1))
"""


class AlreadyHeld(Exception):
    """A subject holds units already: one hold per part."""

    def __init__(self, subject: str) -> None:
        super().__init__(subject)
        self.subject = subject


@one_transaction
def hold(
    cause: Cause,
    partner_id: int,
    subjects: Sequence[str],
    *,
    commodity: Commodity,
    quantity_each: int,
    memo: str,
) -> tuple[Held, ...]:
    """available -> held, `quantity_each` consultations or kopiykas for every subject, or nothing.

    The check is made here, under the deposit's lock (L8). Subjects are parts of one ticket
    ("ticket:42/part:3"); `memo` is its number and subject, for the statement. The key is the
    cause's; without one, the entry that caused it. Raises DepositExhausted, AlreadyHeld, KeyReused.
    """
    deposit = lock(partner_id)
    content = {
        "subjects": list(subjects),
        "commodity": commodity.value,
        "quantity_each": quantity_each,
    }
    operation = _operation(cause, partner_id, subjects, memo, content)
    if done := _earlier(operation, subjects):
        return queries.held_by(done)
    lots = lots_in_use(partner_id, commodity)
    draws = ledger.select([value(lot) for lot in lots], quantity_each * len(subjects))
    hands = dict(zip(subjects, ledger.deal(draws, quantity_each), strict=True))
    prices = {lot.pk: lot.unit_price_kopecks for lot in lots}
    with writing():
        posted = begin(operation, deposit, {"kopecks": _price(draws, prices)})
        return place(posted, commodity, hands, prices)


@one_transaction
def hold_for_bug(
    cause: Cause,
    partner_id: int,
    subjects: Sequence[str],
    *,
    credit_limit: int,
    unit_price_kopecks: int,
    memo: str,
) -> BugHold:
    """One consultation for every subject of a bug, which never waits for money (L2).

    From the deposit; else on credit, down to -`credit_limit`: a lot at the price of today that
    the next purchase fills first; else uncovered: nothing is held, the next purchase settles it.
    """
    deposit = lock(partner_id)
    content = {
        "subjects": list(subjects),
        "commodity": Commodity.CONSULTATIONS.value,
        "unit_price_kopecks": ledger.whole(unit_price_kopecks),
    }
    operation = _operation(cause, partner_id, subjects, memo, content)
    if done := _earlier(operation, subjects):
        return queries.bug_hold_by(done)
    cover = ledger.cover(deposit.consultations_available, len(subjects), credit_limit)
    if cover is Cover.UNCOVERED:
        return _leave_uncovered(operation, deposit, subjects, unit_price_kopecks)
    return _hold_units(operation, deposit, subjects, (credit_limit, unit_price_kopecks))


def place(
    posted: Transaction,
    commodity: Commodity,
    hands: Mapping[str, tuple[Draw, ...]],
    prices: Mapping[int, int],
) -> tuple[Held, ...]:
    """Write a hold per subject, backed by its draws."""
    holds = Hold.objects.bulk_create(
        Hold(
            partner_id=posted.partner_id,
            transaction_id=posted.pk,
            subject=subject,
            commodity=commodity,
            quantity=sum(draw.quantity for draw in draws),
            at=posted.at,
        )
        for subject, draws in hands.items()
    )
    lines = [(line, hold.pk) for hold in holds for line in ledger.hold(hands[hold.subject])]
    write(posted, lines)
    return tuple(
        Held(hold.pk, hold.subject, commodity, hold.quantity, _price(hands[hold.subject], prices))
        for hold in holds
    )


def _operation(
    cause: Cause,
    partner_id: int,
    subjects: Sequence[str],
    memo: str,
    content: Mapping[str, object],
) -> Operation:
    ticket = root(subjects)
    key = key_of(cause, "hold", subjects[0])
    return Operation(cause, "hold", partner_id, key, content, ticket, memo)


def _earlier(operation: Operation, subjects: Sequence[str]) -> Transaction | None:
    """The transaction of a repeated key; else every subject must be free of holds (AlreadyHeld).

    One round trip for what is nearly always neither.
    """
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [operation.key, list(subjects), list(subjects)])
        is_known, held = cursor.fetchone()
    if is_known or operation.cause.key is not None:
        found = earlier(operation)
        if found is not None:
            return found
    if held is not None:
        raise AlreadyHeld(held)
    return None


def _hold_units(
    operation: Operation, deposit: Deposit, subjects: Sequence[str], terms: tuple[int, int]
) -> BugHold:
    """Hold a bug's units, the ones that are missing from a lot lent for it."""
    credit_limit, unit_price_kopecks = terms
    lots = lots_in_use(deposit.partner_id, Commodity.CONSULTATIONS)
    paid = min(len(subjects), max(0, deposit.consultations_available))
    lent = len(subjects) - paid
    draws = ledger.select([value(lot) for lot in lots], paid) if paid else ()
    prices = {lot.pk: lot.unit_price_kopecks for lot in lots}
    cover = Cover.CREDIT if lent else Cover.COVERED
    kopecks = _price(draws, prices) + lent * unit_price_kopecks
    facts = {"kopecks": kopecks, "cover": cover.value, "on_credit": lent}
    with writing():
        posted = begin(operation, deposit, facts)
        if lent:
            Deposit.objects.filter(pk=deposit.pk).update(credit_max=credit_limit)
            lot = _lend(posted, lent, unit_price_kopecks)
            prices[lot.pk] = unit_price_kopecks
            draws = (*draws, Draw(lot.pk, lent))
        hands = dict(zip(subjects, ledger.deal(draws, 1), strict=True))
        holds = place(posted, Commodity.CONSULTATIONS, hands, prices)
    return BugHold(cover, holds, lent)


def _lend(posted: Transaction, quantity: int, unit_price_kopecks: int) -> Lot:
    return Lot.objects.create(
        partner_id=posted.partner_id,
        transaction=posted,
        commodity=Commodity.CONSULTATIONS,
        source=Source.CREDIT,
        quantity=quantity,
        lent=quantity,
        unit_price_kopecks=unit_price_kopecks,
        bought_at=posted.at,
    )


def _leave_uncovered(
    operation: Operation, deposit: Deposit, subjects: Sequence[str], unit_price_kopecks: int
) -> BugHold:
    with writing():
        posted = begin(operation, deposit, {"cover": Cover.UNCOVERED.value})
        Uncovered.objects.bulk_create(
            Uncovered(
                partner_id=deposit.partner_id,
                transaction=posted,
                subject=subject,
                quantity=1,
                unit_price_kopecks=unit_price_kopecks,
                memo=operation.memo[:MEMO_LENGTH],
                at=posted.at,
            )
            for subject in subjects
        )
    return BugHold(Cover.UNCOVERED)


def _price(draws: Sequence[Draw], prices: Mapping[int, int]) -> int:
    return sum(draw.quantity * prices[draw.lot] for draw in draws)
