"""Endpoints and what becomes of them; what each event says; attempts."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from desk.channels.models import OPEN, Channel, Delivery, DeliveryState
from desk.channels.webhooks import bodies, names, queries, signing
from desk.channels.webhooks.models import (
    ERROR_MAX,
    EXCERPT_MAX,
    URL_MAX,
    Attempt,
    Endpoint,
    Event,
    Why,
)
from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.journal.models import Entry
from desk.lib import outside, sealed

ENDPOINTS_MAX = 20
NOTE_MAX = 80
OVERLAP = timedelta(hours=24)
MISSED_MAX = 1000
MISSED = timedelta(days=30)
ATTEMPTS_KEPT = timedelta(days=90)
# How long an endpoint is left alone that did not answer in time.
REST_SECONDS = 60
GOOD, REDIRECTS = 200, 300


class TooMany(Exception):
    """A partner has `ENDPOINTS_MAX` endpoints already."""


class UnknownEvent(Exception):
    """An event was chosen that there is not."""


class SwitchedOff(Exception):
    """Nothing is sent to this endpoint until it is switched on again."""


class OnItsWay(Exception):
    """The event is being delivered already."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person enters of an endpoint; no events chosen means all."""

    url: str
    note: str = ""
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt."""

    milliseconds: int
    status: int | None = None
    error: str = ""
    excerpt: str = ""
    too_slow: bool = False
    wait_seconds: int = 0

    @property
    def good(self) -> bool:
        """The receiver took it."""
        return self.status is not None and GOOD <= self.status < REDIRECTS


def add(cause: Cause, partner_id: int | None, wanted: Wanted) -> tuple[Endpoint, str | None]:
    """A new endpoint with its secret, which is shown this once: None when the form came twice.

    Raises `outside.Forbidden`, `TooMany`, `UnknownEvent`, `KeyReused`.
    """
    wanted = _checked(wanted)
    content = {"verb": "add_webhook", "partner": partner_id, "url": wanted.url}
    with transaction.atomic():
        if done := journal.repeated(cause, content):
            return Endpoint.objects.get(pk=done.subject.partition(":")[2]), None
        if queries.endpoints(partner_id).count() >= ENDPOINTS_MAX:
            raise TooMany
        secret = signing.new_secret()
        made = Endpoint.objects.create(
            partner_id=partner_id,
            url=wanted.url,
            note=wanted.note,
            events=list(wanted.events),
            secret=sealed.seal(secret),
            created_at=cause.at,
        )
        entry = journal.record(cause, "add_webhook", made.address, {}, partner_id, content)
        made.since_entry_id = entry.pk
        made.save(update_fields=["since_entry_id"])
        return made, secret


def change(cause: Cause, endpoint_id: int, wanted: Wanted) -> Endpoint:
    """Another address, other events. Raises `outside.Forbidden`, `UnknownEvent`."""
    wanted = _checked(wanted)
    with transaction.atomic():
        found = _locked(endpoint_id)
        found.url, found.note, found.events = wanted.url, wanted.note, list(wanted.events)
        found.save(update_fields=["url", "note", "events"])
        return _noted(cause, found, "change_webhook")


def rotate(cause: Cause, endpoint_id: int, *, at_once: bool = False) -> tuple[Endpoint, str | None]:
    """A new secret, shown this once (None when the form came twice). The old one signs too for
    `OVERLAP`, so that the receiver can change in peace; `at_once` when others know it."""
    with transaction.atomic():
        found = _locked(endpoint_id)
        content = {"verb": "rotate_webhook", "at_once": at_once}
        if journal.earlier(cause, found.address, content):
            return found, None
        secret = signing.new_secret()
        found.previous_secret = "" if at_once else found.secret
        found.previous_until_at = None if at_once else cause.at + OVERLAP
        found.secret = sealed.seal(secret)
        found.save(update_fields=["secret", "previous_secret", "previous_until_at"])
        facts = {"at_once": at_once}
        journal.record(cause, "rotate_webhook", found.address, facts, found.partner_id, content)
        return found, secret


def pause(cause: Cause, endpoint_id: int) -> Endpoint:
    """Send nothing until `resume`; what happens meanwhile stays in the log."""
    with transaction.atomic():
        found = _locked(endpoint_id)
        if found.disabled_at is not None:
            return found
        found.disabled_at, found.disabled_why = cause.at, Why.PAUSED
        found.save(update_fields=["disabled_at", "disabled_why"])
        return _noted(cause, found, "pause_webhook")


def resume(cause: Cause, endpoint_id: int) -> Endpoint:
    """Send again, from the next event on; see `send_missed` for those in between."""
    with transaction.atomic():
        found = _locked(endpoint_id)
        if found.disabled_at is None:
            return found
        found.disabled_at, found.disabled_why = None, ""
        found.failing_since_at = found.resting_until_at = None
        found.save(
            update_fields=["disabled_at", "disabled_why", "failing_since_at", "resting_until_at"]
        )
        return _noted(cause, found, "resume_webhook")


def remove(cause: Cause, endpoint_id: int) -> None:
    """Take an endpoint away for good; its secrets are forgotten, its log stays."""
    with transaction.atomic():
        found = _locked(endpoint_id)
        found.removed_at = cause.at
        found.secret = found.previous_secret = ""
        found.previous_until_at = None
        found.save(update_fields=["removed_at", "secret", "previous_secret", "previous_until_at"])
        dead = Delivery.objects.filter(channel=Channel.WEBHOOK, address=found.address)
        # Nobody is to look at them any more; those that wait end at their next attempt.
        dead.filter(state=DeliveryState.DEAD).update(state=DeliveryState.DROPPED)
        _noted(cause, found, "remove_webhook")


def ping(cause: Cause, endpoint_id: int) -> Entry:
    """Send a test event. Raises `SwitchedOff`."""
    with transaction.atomic():
        found = _switched_on(endpoint_id)
        content = {"verb": names.PING_VERB}
        if done := journal.earlier(cause, found.address, content):
            return done
        return journal.record(cause, names.PING_VERB, found.address, {}, found.partner_id, content)


def redeliver(cause: Cause, endpoint_id: int, event_id: int) -> Delivery:
    """Send an event of the log once more, with the same webhook-id. Raises `SwitchedOff`,
    `OnItsWay`, `Event.DoesNotExist` for an event that this endpoint may not know of."""
    with transaction.atomic():
        found = _switched_on(endpoint_id)
        event = queries.events_for(found).get(pk=event_id)
        deliveries = _again(found, [event], cause.at, sent_too=True)
        if not deliveries:
            raise OnItsWay
        facts = {"entry": event.entry_id}
        journal.record(cause, "redeliver_webhook", found.address, facts, found.partner_id)
        return deliveries[0]


def send_missed(cause: Cause, endpoint_id: int) -> int:
    """Send every event of the last `MISSED` days that did not arrive; returns how many, at most
    `MISSED_MAX` (the oldest first). Raises `SwitchedOff`."""
    with transaction.atomic():
        found = _switched_on(endpoint_id)
        recent = queries.events_for(found).filter(at__gte=cause.at - MISSED)
        arrived = Delivery.objects.filter(
            channel=Channel.WEBHOOK,
            address=found.address,
            state__in=(*OPEN, DeliveryState.SENT),
        )
        missed = recent.exclude(entry__in=arrived.values("entry")).order_by("id")
        again = _again(found, missed[:MISSED_MAX], cause.at, sent_too=False)
        facts = {"count": len(again)}
        journal.record(cause, "redeliver_webhook", found.address, facts, found.partner_id)
        return len(again)


def announce(entry: Entry, name: str, at: datetime) -> Event:
    """Fix what an entry says; the one there is when it was told before."""
    known = Event.objects.filter(entry=entry).first()
    if known is not None:
        return known
    number = queries.sequence(entry)
    pinged = name == names.PING
    return Event.objects.create(
        entry=entry,
        partner_id=entry.partner_id,
        endpoint_id=int(entry.subject.partition(":")[2]) if pinged else None,
        name=name,
        subject=entry.subject,
        sequence=number,
        message_id=f"msg_{secrets.token_hex(12)}",
        body=bodies.of(entry, name, number, at),
        at=entry.at,
    )


def turn(endpoint: Endpoint, at: datetime) -> int:
    """The seconds until a resting endpoint may be tried; 0 for who may try now, which after a
    rest is one alone."""
    if endpoint.resting_until_at is None:
        return 0
    if endpoint.resting_until_at > at:
        return math.ceil((endpoint.resting_until_at - at).total_seconds())
    rested = Endpoint.objects.filter(pk=endpoint.pk, resting_until_at=endpoint.resting_until_at)
    taken = rested.update(resting_until_at=at + timedelta(seconds=REST_SECONDS))
    return 0 if taken else REST_SECONDS


def attempted(
    delivery: Delivery, endpoint: Endpoint, event: Event, outcome: Outcome, at: datetime
) -> Attempt:
    """Write an attempt into the log, and how the endpoint does since. PostgreSQL takes no NUL in
    a text."""
    if not outcome.good or endpoint.failing_since_at or endpoint.resting_until_at:
        endpoint.failing_since_at = None if outcome.good else endpoint.failing_since_at or at
        rest = at + timedelta(seconds=REST_SECONDS)
        endpoint.resting_until_at = rest if outcome.too_slow else None
        endpoint.save(update_fields=["failing_since_at", "resting_until_at"])
    return Attempt.objects.create(
        delivery=delivery,
        endpoint=endpoint,
        event=event,
        at=at,
        status=outcome.status,
        milliseconds=outcome.milliseconds,
        error=outcome.error[:ERROR_MAX],
        excerpt=outcome.excerpt.replace("\x00", "")[:EXCERPT_MAX],
    )


def disable(endpoint_id: int, at: datetime, why: Why) -> None:
    """Switch an endpoint off by itself, once, and tell its people (recipients.RULES)."""
    with transaction.atomic():
        found = Endpoint.objects.select_for_update().get(pk=endpoint_id)
        if found.disabled_at is not None or found.removed_at is not None:
            return
        found.disabled_at, found.disabled_why = at, why
        found.save(update_fields=["disabled_at", "disabled_why"])
        facts = {"why": why.value}
        journal.record(causes.system(at), "disable_webhook", found.address, facts, found.partner_id)


def _checked(wanted: Wanted) -> Wanted:
    """What was entered, tidied; the address is one that anything may be sent to."""
    url = wanted.url.strip()
    if not url or len(url) > URL_MAX:
        raise outside.Forbidden("host")
    outside.check(url)
    if set(wanted.events) - set(names.ALL):
        raise UnknownEvent
    note = " ".join(wanted.note.replace("\x00", "").split())[:NOTE_MAX]
    chosen = tuple(name for name in names.ALL if name in wanted.events)
    return Wanted(url, note, chosen)


def _again(
    endpoint: Endpoint, events: Iterable[Event], at: datetime, *, sent_too: bool
) -> list[Delivery]:
    """Deliveries of the events, to be tried from the start; without those on their way."""
    wanted = list(events)
    known = queries.deliveries(endpoint, (event.entry_id for event in wanted))
    again = []
    for event in wanted:
        found = known.get(event.entry_id) or _fresh(endpoint, event, at)
        ended = found.state not in OPEN and (sent_too or found.state != DeliveryState.SENT)
        if found.pk is not None and not ended:
            continue
        found.state, found.attempts, found.error = DeliveryState.WAITING, 0, ""
        found.next_at, found.ended_at = at, None
        found.save()
        again.append(found)
    return again


def forget_attempts(at: datetime) -> int:
    """Forget the log of attempts older than `ATTEMPTS_KEPT`; returns how many there were. The
    events themselves stay, so that their numbers go on without gaps."""
    count, _each = Attempt.objects.filter(at__lt=at - ATTEMPTS_KEPT).delete()
    return count


def _fresh(endpoint: Endpoint, event: Event, at: datetime) -> Delivery:
    return Delivery(
        entry_id=event.entry_id,
        channel=Channel.WEBHOOK,
        address=endpoint.address,
        next_at=at,
        created_at=at,
    )


def _switched_on(endpoint_id: int) -> Endpoint:
    found = _locked(endpoint_id)
    if found.disabled_at is not None:
        raise SwitchedOff
    return found


def _locked(endpoint_id: int) -> Endpoint:
    return Endpoint.objects.select_for_update().get(pk=endpoint_id, removed_at=None)


def _noted(cause: Cause, endpoint: Endpoint, verb: str) -> Endpoint:
    journal.record(cause, verb, endpoint.address, {}, endpoint.partner_id)
    return endpoint
