"""expire_lots, announce_expiry: units whose last day has passed leave the deposit, announced.

A lot may be used up to and including its day in the desk's zone. The worker's loop finds what is
due by the day alone and does each partner in a transaction of its own, under the deposit's lock:
several workers at once, or one that was killed, do each lot once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.utils import timezone

from desk.deposits.actions.posting import (
    Operation,
    begin,
    earlier,
    lock,
    one_transaction,
    without_hold,
    write,
    writing,
)
from desk.deposits.models import Deposit, ExpiryNotice, Lot
from desk.deposits.queries import expiries
from desk.deposits.values import Expired
from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.rules import ledger
from desk.rules.ledger import Draw


def tick(at: datetime) -> int:
    """What the worker's loop does: expire what is due, announce what comes; how much it was."""
    return expire_lots(at) + announce_expiry(at)


def expire_lots(at: datetime) -> int:
    """Expire every lot whose last day has passed; how many there were."""
    due = expiries.partners_with_expired(_today(at))
    return sum(len(expire_of(causes.system(at), partner_id)) for partner_id in due)


@one_transaction
def expire_of(cause: Cause, partner_id: int) -> tuple[Expired, ...]:
    """available -> expired, of the partner's lots whose last day has passed on `cause.at`.

    What is held never expires (it is not available), nor what stands for units lent on credit:
    available does not fall below zero for it (L2). The key is lot and day: once a day at most.
    """
    deposit, today, gone = lock(partner_id), _today(cause.at), list[Expired]()
    available = deposit.consultations_available
    for lot in expiries.expired_lots(partner_id, today):
        quantity = ledger.spare(lot.available, available)
        if quantity and _expire(cause, deposit, (lot, quantity), today):
            gone.append(Expired(lot.pk, quantity, lot.expires_on or today))
            available -= quantity
    if gone:
        _tell(cause, "tell_expiry", partner_id, gone, {})
    return tuple(gone)


def announce_expiry(at: datetime) -> int:
    """Tell of what expires soon, once for each lot, day and announcement; how many lots."""
    due = expiries.partners_to_tell(_today(at))
    return sum(len(announce_to(causes.system(at), partner_id)) for partner_id in due)


@one_transaction
def announce_to(cause: Cause, partner_id: int) -> tuple[Expired, ...]:
    """Tell a partner which lots expire 30 days from now, and 7; each lot once for each.

    What is told is what would expire: less than the lots have where units are lent on credit.
    """
    deposit, today, told = lock(partner_id), _today(cause.at), list[Expired]()
    available = deposit.consultations_available
    for lot, days in expiries.lots_to_tell(partner_id, today):
        quantity = ledger.spare(lot.available, available)
        if quantity:
            _announce(cause, lot, days, told, quantity)
            available -= quantity
    for expires_on in sorted({each.expires_on for each in told}):
        of_day = [each for each in told if each.expires_on == expires_on]
        facts = {"expires_on": expires_on.isoformat(), "days": (expires_on - today).days}
        _tell(cause, "announce_expiry", partner_id, of_day, facts)
    return tuple(told)


def _announce(cause: Cause, lot: Lot, days: int, told: list[Expired], quantity: int) -> None:
    assert lot.expires_on is not None, "what never expires is not announced"
    ExpiryNotice.objects.create(lot=lot, days=days, expires_on=lot.expires_on, at=cause.at)
    told.append(Expired(lot.pk, quantity, lot.expires_on))


def _expire(cause: Cause, deposit: Deposit, due: tuple[Lot, int], today: date) -> bool:
    """Expire so many units of the lot; False when that was done today already."""
    lot, quantity = due
    assert lot.expires_on is not None, "what never expires is not due"
    key = f"expire:{lot.pk}:{today.isoformat()}"
    content = {"lot": lot.pk, "on": today.isoformat()}
    operation = Operation(cause, "expire", deposit.partner_id, key, content)
    if earlier(operation):
        return False
    facts = {
        "quantity": quantity,
        "expires_on": lot.expires_on.isoformat(),
        "kopecks": quantity * lot.unit_price_kopecks,
    }
    with writing():
        posted = begin(operation, deposit, facts)
        write(posted, without_hold(ledger.expire([Draw(lot.pk, quantity)])))
    return True


def _tell(
    cause: Cause, verb: str, partner_id: int, gone: Sequence[Expired], facts: dict[str, object]
) -> None:
    """One entry for all lots of a partner, so that people are told once."""
    known = {**facts, "quantity": _sum(gone), "lots": [each.lot_id for each in gone]}
    journal.record(cause, verb, f"deposit:{partner_id}", known, partner_id)


def _sum(gone: Iterable[Expired]) -> int:
    return sum(each.quantity for each in gone)


def _today(at: datetime) -> date:
    return timezone.localdate(at, timezone.get_default_timezone())
