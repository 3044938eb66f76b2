"""Writing what comes in and goes out: arrivals, deliveries, stumbles, and what came of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from desk.channels.models import (
    OPEN,
    UNREAD,
    USED,
    Arrival,
    ArrivalState,
    Delivery,
    DeliveryState,
    Intake,
    Stumble,
)
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.journal.models import Entry

# How long to wait after the first, second, … failed attempt; after the last one it is dead.
BACK_OFF_SECONDS = (15, 60, 180, 600, 1800, 3600, 7200, 14400, 28800)
ATTEMPTS_MAX = len(BACK_OFF_SECONDS) + 1
# Some channels wait otherwise: a partner's system may be down for days and must miss nothing.
BACK_OFFS: dict[str, tuple[int, ...]] = {}
# Longer than any attempt can take: connecting, each answer and the data have their own timeout.
LEASE_SECONDS = 300
ERROR_MAX = 500
OUTCOME_MAX = 80
TRIES_MAX = 6
STUMBLE_SECONDS = 2
# How long an arrival rests after the first, second, … failure; then it waits for a person.
REST_SECONDS = (5, 30, 120, 600)

# How long the bytes of what was used are kept: a mail is the partner's word, a call's event is not.
KEPT_DAYS: dict[str, int] = {Intake.EMAIL: 365, Intake.ONEBOX: 90, Intake.PHONE: 90}
FORGOTTEN_MAX = 1000


class NotDead(Exception):
    """Only a dead delivery, or a parked entry, can be sent again by hand."""


class NotQuarantined(Exception):
    """Only an arrival in quarantine can be tried again, or put aside, by hand."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something that came in, as it came. Fields as in `Arrival`."""

    channel: str
    source: str
    key: str
    raw: bytes
    facts: Mapping[str, object] = field(default_factory=dict)


def keep(incoming: Incoming, at: datetime) -> Arrival | None:
    """Store what came in; None when it is here already, from this source under this key.

    The sender may be told "taken" once the transaction has committed, not before.
    """
    arrival = Arrival(
        channel=incoming.channel,
        source=incoming.source,
        key=incoming.key,
        sha256=hashlib.sha256(incoming.raw).hexdigest(),
        raw=incoming.raw,
        facts=dict(incoming.facts),
        next_at=at,
        received_at=at,
    )
    try:
        with transaction.atomic():
            arrival.save(force_insert=True)
    except IntegrityError:
        known = Arrival.objects.filter(
            channel=incoming.channel, source=incoming.source, key=incoming.key
        )
        if known.exists():
            return None
        raise
    return arrival


def begin(arrival_id: int, at: datetime) -> int | None:
    """Count an attempt at a due arrival before it is made, and let the arrival rest; returns the
    attempt's number, or None when there is none to make.

    Committed on its own: whatever kills the worker in the attempt, the next round goes on with
    the others, and one that does it again and again waits for a person. The attempt itself holds
    the row's lock as long as it lives, so that nobody else begins another one meanwhile.
    """
    with transaction.atomic():
        due = Arrival.objects.filter(pk=arrival_id, state__in=UNREAD, next_at__lte=at)
        found = due.defer("raw").select_for_update(skip_locked=True).first()
        if found is None:
            return None
        if found.attempts > len(REST_SECONDS):
            _quarantine(found, at, found.error or "The attempts at it never came to an end.")
            return None
        found.next_at = at + timedelta(seconds=REST_SECONDS[max(found.attempts - 1, 0)])
        found.attempts += 1
        found.save(update_fields=["attempts", "next_at"])
        return found.attempts


def used(arrival: Arrival, at: datetime, outcome: str) -> None:
    """The arrival has done what it does; call it in the transaction of that deed."""
    arrival.state, arrival.outcome = ArrivalState.DONE, clean(outcome, OUTCOME_MAX)
    arrival.error, arrival.next_at, arrival.ended_at = "", None, at
    arrival.save(update_fields=["state", "outcome", "error", "next_at", "ended_at"])


def unused(arrival_id: int, at: datetime, error: str, *, counts: bool) -> None:
    """Note a failed attempt; it is tried again, and after `REST_SECONDS` it waits for a person.
    One that does not count (a busy database, a system that is away) never leads there."""
    with transaction.atomic():
        found = Arrival.objects.defer("raw").select_for_update().get(pk=arrival_id)
        if found.state not in UNREAD:
            return
        if not counts:
            found.attempts = min(found.attempts, len(REST_SECONDS))
        if found.attempts > len(REST_SECONDS):
            _quarantine(found, at, error)
            return
        found.state, found.error = ArrivalState.FAILED, clean(error, ERROR_MAX)
        found.next_at = at + timedelta(seconds=REST_SECONDS[max(found.attempts - 1, 0)])
        found.save(update_fields=["state", "attempts", "error", "next_at"])


def not_yet(arrival_id: int, attempt: int, at: datetime) -> None:
    """Give an attempt back that was not made, because another one from its source runs."""
    own = Arrival.objects.filter(pk=arrival_id, attempts=attempt, state__in=UNREAD)
    own.update(attempts=attempt - 1, next_at=at)


def hurry(channel: str, source: str, at: datetime) -> None:
    """What waits of a source is tried at once: what it waited for has come."""
    waiting = Arrival.objects.filter(channel=channel, source=source, state=ArrivalState.FAILED)
    waiting.filter(next_at__gt=at).update(next_at=at)


def quarantined(arrival_id: int, at: datetime, why: str) -> None:
    """A person has to look at it."""
    with transaction.atomic():
        found = Arrival.objects.defer("raw").select_for_update().get(pk=arrival_id)
        if found.state in UNREAD:
            _quarantine(found, at, why)


def clean(text: str, longest: int) -> str:
    """A text from outside as the database takes it: what came in may hold anything."""
    whole = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return whole[:longest]


def replay(cause: Cause, arrival_id: int) -> Arrival:
    """Let an arrival in quarantine be tried again from the start. Raises `NotQuarantined`."""
    with transaction.atomic():
        found = _in_quarantine(arrival_id)
        found.state, found.attempts = ArrivalState.WAITING, 0
        found.next_at, found.ended_at = cause.at, None
        found.save(update_fields=["state", "attempts", "next_at", "ended_at"])
        journal.record(cause, "replay", f"arrival:{found.pk}", {"channel": found.channel})
        return found


def dismiss(cause: Cause, arrival_id: int) -> Arrival:
    """Put an arrival aside for good: spam, a test. It stays readable. Raises `NotQuarantined`."""
    with transaction.atomic():
        found = _in_quarantine(arrival_id)
        found.state, found.ended_at = ArrivalState.DISMISSED, cause.at
        found.save(update_fields=["state", "ended_at"])
        journal.record(cause, "set_aside", f"arrival:{found.pk}", {"channel": found.channel})
        return found


def _in_quarantine(arrival_id: int) -> Arrival:
    found = Arrival.objects.defer("raw").select_for_update().get(pk=arrival_id)
    if found.state != ArrivalState.QUARANTINED:
        raise NotQuarantined
    return found


def _quarantine(arrival: Arrival, at: datetime, why: str) -> None:
    arrival.state, arrival.error = ArrivalState.QUARANTINED, clean(why, ERROR_MAX)
    arrival.next_at, arrival.ended_at = None, at
    arrival.save(update_fields=["state", "error", "next_at", "ended_at"])


def add(deliveries: Iterable[Delivery]) -> None:
    """Write down what is to be sent; an address that is to be told of this entry already stays
    as it is."""
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)


def claim(delivery_id: int, at: datetime) -> Delivery | None:
    """Take a due delivery for one attempt; None when it ended, is not due, or somebody has it."""
    with transaction.atomic():
        due = Delivery.objects.filter(pk=delivery_id, state__in=OPEN, next_at__lte=at)
        found = due.select_for_update(skip_locked=True).first()
        if found is None:
            return None
        found.attempts += 1
        found.next_at = at + timedelta(seconds=LEASE_SECONDS)
        found.save(update_fields=["attempts", "next_at"])
        return found


def sent(delivery: Delivery, at: datetime) -> None:
    """The other side took it."""
    _end(delivery, DeliveryState.SENT, at, "")


def dropped(delivery: Delivery, at: datetime, why: str) -> None:
    """It is not sent: the reader may no longer know of it, or it has become pointless."""
    _end(delivery, DeliveryState.DROPPED, at, why)


def failed(
    delivery: Delivery, at: datetime, error: str, *, for_good: bool, least_seconds: int = 0
) -> int | None:
    """Note a failed attempt; returns the seconds until the next one, None when it is dead."""
    waits = BACK_OFFS.get(delivery.channel, BACK_OFF_SECONDS)
    if for_good or delivery.attempts > len(waits):
        _end(delivery, DeliveryState.DEAD, at, error)
        return None
    seconds = max(waits[delivery.attempts - 1], least_seconds)
    delivery.state, delivery.error = DeliveryState.FAILED, clean(error, ERROR_MAX)
    delivery.next_at = at + timedelta(seconds=seconds)
    _keep(delivery)
    return seconds


def postponed(delivery: Delivery, at: datetime, seconds: int) -> None:
    """It was not tried: its turn comes later, and the attempt does not count."""
    delivery.attempts -= 1
    delivery.next_at = at + timedelta(seconds=seconds)
    delivery.save(update_fields=["attempts", "next_at"])


def resend(cause: Cause, delivery_id: int) -> Delivery:
    """Let a dead delivery be tried again from the start. Raises `NotDead`."""
    with transaction.atomic():
        found = Delivery.objects.select_for_update().get(pk=delivery_id)
        if found.state != DeliveryState.DEAD:
            raise NotDead
        found.state, found.attempts = DeliveryState.WAITING, 0
        found.next_at, found.ended_at = cause.at, None
        found.save(update_fields=["state", "attempts", "next_at", "ended_at"])
        journal.record(cause, "resend", f"delivery:{found.pk}", {"entry": found.entry_id})
        return found


def stumble(entry_id: int, at: datetime, error: str, *, counts: bool = True) -> Stumble:
    """Note that an entry could not be passed on; after `TRIES_MAX` times it is parked, and
    nothing waits for it. A stumble that does not count (a busy database) never parks."""
    with transaction.atomic():
        Stumble.objects.get_or_create(entry_id=entry_id, defaults={"next_at": at, "error": ""})
        found = Stumble.objects.select_for_update().get(pk=entry_id)
        found.tries += counts
        found.error = error[:ERROR_MAX]
        if found.tries >= TRIES_MAX:
            found.parked_at, found.next_at = at, None
            journal.relayed([entry_id])
        else:
            found.next_at = at + timedelta(seconds=STUMBLE_SECONDS * 2**found.tries)
        found.save()
        return found


def recovered(entry_ids: Iterable[int]) -> None:
    """The entries passed after all."""
    Stumble.objects.filter(entry__in=list(entry_ids)).delete()


def unpark(cause: Cause, entry_id: int) -> Entry:
    """Let the relay try a parked entry again. Raises `NotDead` when it is not parked."""
    with transaction.atomic():
        locked = Stumble.objects.select_for_update(of=("self",))
        parked = locked.filter(pk=entry_id).exclude(parked_at=None)
        found = parked.select_related("entry").first()
        if found is None:
            raise NotDead
        entry = found.entry
        found.delete()
        journal.relay_again(entry)
        journal.record(cause, "unpark", f"entry:{entry.pk}", {})
        return entry


def forget(at: datetime) -> int:
    """Forget the bytes of arrivals that were used long ago, at most `FORGOTTEN_MAX`; returns how
    many. That they came, when, and what was made of them stays."""
    count = 0
    for channel, days in KEPT_DAYS.items():
        old = Arrival.objects.filter(
            channel=channel,
            state__in=USED,
            forgotten_at=None,
            ended_at__lt=at - timedelta(days=days),
        )
        some = old.order_by("ended_at").values("pk")[: FORGOTTEN_MAX - count]
        found = Arrival.objects.filter(pk__in=list(some.values_list("pk", flat=True)))
        count += found.update(raw=b"", facts={}, forgotten_at=at)
    return count


def _end(delivery: Delivery, state: DeliveryState, at: datetime, error: str) -> None:
    delivery.state, delivery.error = state, clean(error, ERROR_MAX)
    delivery.next_at, delivery.ended_at = None, at
    _keep(delivery)


def _keep(delivery: Delivery) -> None:
    """Write what came of an attempt, unless it outlived its lease: what a later attempt, or a
    person, made of the delivery since then counts."""
    names = ("state", "error", "next_at", "ended_at")
    own = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts, state__in=OPEN)
    own.update(**{name: getattr(delivery, name) for name in names})
