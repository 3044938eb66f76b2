"""capture, release, reverse: how what was set aside is charged or given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from desk.deposits import queries
from desk.deposits.actions.posting import (
    Operation,
    begin,
    earlier,
    key_of,
    lock_of,
    one_transaction,
    prolong,
    root,
    write,
    writing,
)
from desk.deposits.models import Deposit, HoldEnd, Line, Transaction, Uncovered
from desk.deposits.values import Ended
from desk.journal import actions as journal
from desk.journal.actions import KeyReused
from desk.journal.cause import Cause
from desk.rules import ledger
from desk.rules.ledger import Account, Draw, MoreThanLeft


class HoldMissing(Exception):
    """Nothing was ever held for a subject."""

    def __init__(self, subject: str) -> None:
        super().__init__(subject)
        self.subject = subject


class HoldEnded(Exception):
    """A hold ended otherwise already: it ends exactly once (L4)."""

    def __init__(self, subject: str, outcome: str) -> None:
        super().__init__(f"{subject} was {outcome}")
        self.subject = subject
        self.outcome = outcome


@dataclass(slots=True)
class _Backed:
    """A hold, how it ended, the draws behind it, the prices and expiries of their lots.
    `transaction_id`: what it was held by."""

    hold_id: int
    subject: str = ""
    commodity: str = ""
    memo: str = ""
    outcome: str | None = None
    transaction_id: int = 0
    draws: list[Draw] = field(default_factory=list)
    prices: dict[int, int] = field(default_factory=dict)
    expiries: dict[int, date | None] = field(default_factory=dict)

    def add(self, lot_id: int, quantity: int, price: int, expires_on: date | None) -> None:
        self.draws.append(Draw(lot_id, quantity))
        self.prices[lot_id] = price
        self.expiries[lot_id] = expires_on

    def kopecks(self, draws: Sequence[Draw]) -> int:
        return sum(draw.quantity * self.prices[draw.lot] for draw in draws)


@dataclass(frozen=True, slots=True)
class _Split:
    """What of a hold is charged, and what goes back."""

    backed: _Backed
    charged: tuple[Draw, ...]
    returned: tuple[Draw, ...]


@one_transaction
def capture(cause: Cause, subjects: Sequence[str], *, quantity: int | None = None) -> Ended:
    """held -> earned, for all the subjects of one ticket at once.

    `quantity`: kopiykas of the hours really logged, over all subjects in their order; at most
    what is held is charged, the rest goes back. Repeated, it answers the first outcome. An
    uncovered bug is noted as resolved and charged by the next purchase. Raises HoldMissing,
    HoldEnded (was released), KeyReused (captured with another quantity).
    """
    return _end(cause, HoldEnd.CAPTURED, subjects, quantity)


@one_transaction
def release(cause: Cause, subjects: Sequence[str]) -> Ended:
    """held -> available, back to the lots; an uncovered bug is dropped.

    Repeated, it answers the first outcome. Raises HoldMissing, HoldEnded (was captured).
    """
    return _end(cause, HoldEnd.RELEASED, subjects, 0)


@one_transaction
def reverse(cause: Cause, subject: str, quantity: int, memo: str) -> Ended:
    """earned -> available: the mirror of a charge, linked to it, to the same lots.

    Units or kopiykas, never more than is left of the charge (MoreThanLeft); a lot past its expiry
    lives 30 more days. HoldMissing when the subject was never charged; KeyMissing, KeyReused.
    """
    partner_id, deposit = _lock_of([subject])
    content = {"subject": subject, "quantity": ledger.whole(quantity)}
    key = key_of(cause, "reverse", subject)
    operation = Operation(cause, "reverse", partner_id, key, content, root([subject]), memo)
    if done := earlier(operation):
        return _outcome(done)
    charges = _charges(subject)
    if not charges:
        raise HoldMissing(subject)
    splits = _give_back(charges, quantity)
    kopecks = sum(split.backed.kopecks(split.returned) for split in splits)
    end = HoldEnd.objects.get(hold=splits[0].backed.hold_id)
    mirror = Operation(
        cause, "reverse", partner_id, key, content, operation.subject, memo, end.transaction_id
    )
    facts = {"subjects": [subject], "captured": 0, "released": quantity, "kopecks": -kopecks}
    with writing():
        posted = begin(mirror, deposit, facts)
        write(
            posted,
            [
                (line, split.backed.hold_id)
                for split in splits
                for line in ledger.reverse(split.returned)
            ],
        )
        _prolong(posted, splits)
    return _outcome(posted)


def _end(cause: Cause, outcome: str, subjects: Sequence[str], quantity: int | None) -> Ended:
    if not subjects:
        return Ended((), 0, 0, 0)
    ticket = root(subjects)
    partner_id, deposit = _lock_of(subjects)
    verb = "capture" if outcome == HoldEnd.CAPTURED else "release"
    content = {"subjects": list(subjects), "quantity": quantity}
    operation = Operation(cause, verb, partner_id, cause.key or "", content, ticket)
    if cause.key is not None and (done := earlier(operation)):
        return _outcome(done)
    latest = _latest(subjects)
    going = [latest[each] for each in subjects if each in latest and not latest[each].outcome]
    open_now = {backed.subject for backed in going}
    waiting = _waiting([subject for subject in subjects if subject not in open_now])
    open_now |= {bug.subject for bug in waiting}
    held_last = _held_last([s for s in subjects if s not in open_now], latest, outcome)
    fresh = [bug for bug in waiting if outcome == HoldEnd.RELEASED or bug.resolved_at is None]
    if not going and not fresh:
        return _ended_before(subjects, held_last, quantity)
    scope = f"hold:{going[0].hold_id}" if going else f"uncovered:{fresh[0].pk}"
    memo = going[0].memo if going else fresh[0].memo
    operation = replace(operation, key=cause.key or f"{verb}:{scope}", memo=memo)
    with writing():
        return _write_end(operation, deposit, _split(going, quantity), fresh)


def _write_end(
    operation: Operation, deposit: Deposit, splits: list[_Split], bugs: list[Uncovered]
) -> Ended:
    captured = sum(draw.quantity for split in splits for draw in split.charged)
    returned = sum(draw.quantity for split in splits for draw in split.returned)
    facts = {
        "commodity": splits[0].backed.commodity if splits else None,
        "captured": captured,
        "released": returned,
        "kopecks": sum(split.backed.kopecks(split.charged) for split in splits),
    }
    posted = begin(operation, deposit, facts)
    HoldEnd.objects.bulk_create(
        HoldEnd(
            hold_id=split.backed.hold_id,
            transaction_id=posted.pk,
            outcome=HoldEnd.CAPTURED if posted.verb == "capture" else HoldEnd.RELEASED,
        )
        for split in splits
    )
    write(
        posted,
        [
            (line, split.backed.hold_id)
            for split in splits
            for line in (*ledger.capture(split.charged), *ledger.release(split.returned))
        ],
    )
    _prolong(posted, splits)
    _end_uncovered(posted, bugs)
    if captured and returned:
        _tell_release(operation.cause, posted, returned)
    return _outcome(posted)


def _end_uncovered(posted: Transaction, bugs: list[Uncovered]) -> None:
    if not bugs:
        return
    rows = Uncovered.objects.filter(pk__in=[bug.pk for bug in bugs])
    if posted.verb == "capture":
        rows.update(resolved_at=posted.at)
    else:
        rows.update(outcome=Uncovered.DROPPED, ended_by=posted)


def _tell_release(cause: Cause, posted: Transaction, returned: int) -> None:
    """What a partial charge gives back raises the deposit: others wait for that verb."""
    facts = {"ticket": posted.subject, "released": returned, "memo": posted.memo}
    deposit = f"deposit:{posted.partner_id}"
    follows = cause.follows(posted.entry_id)
    journal.record(follows, "release", deposit, facts, posted.partner_id)


def _lock_of(subjects: Sequence[str]) -> tuple[int, Deposit]:
    deposit = lock_of(subjects)
    if deposit is None:
        raise HoldMissing(subjects[0])
    return deposit.partner_id, deposit


def _waiting(subjects: list[str]) -> list[Uncovered]:
    if not subjects:
        return []
    return list(Uncovered.objects.filter(subject__in=subjects, outcome=None).order_by("id"))


def _held_last(ended: Sequence[str], latest: Mapping[str, _Backed], outcome: str) -> list[str]:
    """The subjects among those that ended which were held at last, and not left uncovered.

    Refuses those that ended otherwise. A subject may have had several lives: the last one counts.
    """
    bugs: dict[str, Uncovered] = {}
    if ended:
        rows = Uncovered.objects.filter(subject__in=ended, outcome=Uncovered.DROPPED)
        bugs = {bug.subject: bug for bug in rows.order_by("id")}
    held = []
    for subject in ended:
        backed, bug = latest.get(subject), bugs.get(subject)
        if backed is None and bug is None:
            raise HoldMissing(subject)
        is_bug = bug is not None and (backed is None or bug.transaction_id > backed.transaction_id)
        was = HoldEnd.RELEASED if is_bug or backed is None else backed.outcome or ""
        if was != outcome:
            raise HoldEnded(subject, was)
        if not is_bug:
            held.append(subject)
    return held


def _split(holds: list[_Backed], quantity: int | None) -> list[_Split]:
    """Charge `quantity` over the holds in their order, at most what they hold; None is all."""
    splits = []
    for backed in holds:
        held = sum(draw.quantity for draw in backed.draws)
        charged, returned = ledger.part(backed.draws, held if quantity is None else quantity)
        if quantity is not None:
            quantity -= sum(draw.quantity for draw in charged)
        splits.append(_Split(backed, charged, returned))
    return splits


def _latest(subjects: Sequence[str]) -> dict[str, _Backed]:
    """The latest hold of each subject with what backs it, in one query: a hold has lines."""
    found: dict[str, _Backed] = {}
    lines = Line.objects.filter(
        hold__subject__in=subjects, account=Account.HELD, amount__gt=0
    ).order_by("id")
    for (
        hold_id,
        subject,
        commodity,
        memo,
        outcome,
        transaction_id,
        lot_id,
        amount,
        price,
        expires_on,
    ) in lines.values_list(
        "hold_id",
        "hold__subject",
        "hold__commodity",
        "transaction__memo",
        "hold__end__outcome",
        "transaction_id",
        "lot_id",
        "amount",
        "lot__unit_price_kopecks",
        "lot__expires_on",
    ):
        backed = found.get(subject)
        if backed is None or backed.hold_id != hold_id:
            backed = _Backed(hold_id or 0, subject, commodity, memo, outcome, transaction_id)
            found[subject] = backed
        backed.add(lot_id, amount, price, expires_on)
    return found


def _charges(subject: str) -> list[_Backed]:
    """What is left of the subject's charges, the oldest hold first."""
    found: dict[int, _Backed] = {}
    left: dict[tuple[int, int], int] = {}
    lines = Line.objects.filter(hold__subject=subject, account=Account.EARNED)
    for line in lines.select_related("hold", "lot").order_by("id"):
        assert line.hold is not None, "the database keeps charges to holds"
        backed = found.setdefault(line.hold.pk, _Backed(line.hold.pk))
        backed.prices[line.lot_id] = line.lot.unit_price_kopecks
        backed.expiries[line.lot_id] = line.lot.expires_on
        place = (line.hold.pk, line.lot_id)
        left[place] = left.get(place, 0) + line.amount
    for (hold_id, lot_id), quantity in left.items():
        if quantity:
            found[hold_id].draws.append(Draw(lot_id, quantity))
    return list(found.values())


def _give_back(charges: list[_Backed], quantity: int) -> list[_Split]:
    """Split a reversal over the charges, the last one first."""
    left = sum(draw.quantity for backed in charges for draw in backed.draws)
    if quantity > left:
        raise MoreThanLeft(left, quantity)
    splits = []
    for backed in reversed(charges):
        of_this = min(quantity, sum(draw.quantity for draw in backed.draws))
        if of_this:
            splits.append(_Split(backed, (), ledger.give_back(backed.draws, of_this)))
            quantity -= of_this
    return splits


def _prolong(posted: Transaction, splits: list[_Split]) -> None:
    prolong(
        [
            (draw.lot, split.backed.expiries[draw.lot])
            for split in splits
            for draw in split.returned
        ],
        posted,
    )


def _outcome(posted: Transaction) -> Ended:
    facts = posted.facts
    return Ended(tuple(facts["subjects"]), facts["captured"], facts["released"], facts["kopecks"])


def _ended_before(subjects: Sequence[str], held: Sequence[str], quantity: int | None) -> Ended:
    """The outcome of holds that ended earlier; KeyReused when another quantity was charged."""
    ended = replace(queries.ended(held), subjects=tuple(subjects))
    if quantity is not None and min(quantity, ended.captured + ended.released) != ended.captured:
        raise KeyReused(f"capture:{subjects[0]}")
    return ended
