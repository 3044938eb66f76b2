"""From an entry to what people get: notices at once, mails as deliveries that a job sends.

The relay calls `expand` in the transaction that takes the entry off the list, so an entry becomes
deliveries once. A delivery is sent at most once, except when the sender dies between the other
side's yes and our note of it: the repeated mail then carries the same Message-ID.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from desk.channels import actions, recipients
from desk.channels.email import outbound as email
from desk.channels.errors import Busy, Later, Pointless, Refused, Unreachable
from desk.channels.models import OPEN, Channel, Delivery
from desk.channels.notices import outbound as notices
from desk.channels.notices.models import Notice
from desk.channels.recipients import Told
from desk.channels.webhooks import outbound as webhooks
from desk.journal.models import Entry

ENQUEUED_MAX = 500
FRESH = timedelta(days=2)
BY_MAIL = Channel.EMAIL
SENDERS: dict[str, Callable[[Delivery, datetime], None]] = {
    BY_MAIL: email.send,
    Channel.WEBHOOK: webhooks.send,
}
# Channels that are told of entries as such, and not of what concerns a person.
EXPANDERS: tuple[Callable[[Entry, datetime], Iterable[Delivery]], ...] = (webhooks.deliveries,)
# Channels whose deliveries to one address go one after another, in order.
SERIAL: frozenset[str] = frozenset({Channel.ONEBOX})
# What else happens when a delivery is given up.
GIVEN_UP: dict[str, Callable[[Delivery, datetime], None]] = {Channel.WEBHOOK: webhooks.given_up}
actions.BACK_OFFS[Channel.WEBHOOK] = webhooks.BACK_OFF_SECONDS

log = logging.getLogger(__name__)


def expand(entries: Iterable[Entry], at: datetime) -> dict[int, list[int]]:
    """Write notices and deliveries of entries; returns who has a new notice, by entry."""
    told = {entry: recipients.of(entry, at) for entry in entries}
    notices.add([row for entry, each in told.items() for row in _notices(entry, each, at)])
    actions.add([row for entry, each in told.items() for row in _deliveries(entry, each, at)])
    actions.add([row for entry in told for expander in EXPANDERS for row in expander(entry, at)])
    return {entry.pk: [one.person.pk for one in each] for entry, each in told.items()}


def send(delivery_id: int, at: datetime) -> None:
    """Try a delivery once, if it is due and nobody else tries it. Raises `Later`."""
    delivery = actions.claim(delivery_id, at)
    if delivery is None:
        return
    try:
        SENDERS[delivery.channel](delivery, at)
    except Busy as busy:
        actions.postponed(delivery, at, busy.seconds)
        raise Later(busy.seconds) from busy
    except Pointless as reason:
        actions.dropped(delivery, at, str(reason))
    except Refused as error:
        log.warning("Delivery %s is refused: %s", delivery.pk, error)
        actions.failed(delivery, at, str(error), for_good=True)
        _given_up(delivery, at)
    except Unreachable as error:
        log.warning("Delivery %s has to wait: %s", delivery.pk, error)
        _try_again(delivery, at, str(error), error.wait_seconds)
    except Exception as error:
        # A fault of ours in one mail must neither stop the others nor be lost from sight.
        log.exception("Delivery %s cannot be written.", delivery.pk)
        _try_again(delivery, at, repr(error))
    else:
        actions.sent(delivery, at)


def enqueue(at: datetime) -> int:
    """Make a job for every due delivery that has none; returns how many were made.

    Both right after the relay's work and, every minute, for whatever a crash left without a job.
    """
    found = due(at).only("pk", "channel", "address")[:ENQUEUED_MAX]
    return sum(_defer(delivery) for delivery in found)


def due(at: datetime) -> QuerySet[Delivery]:
    """Deliveries that may be tried at `at` and that no job is going to try."""
    name = Concat(Value("delivery:"), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    jobs = ProcrastinateJob.objects.filter(queueing_lock=name, status__in=["todo", "doing"])
    waiting = Delivery.objects.filter(state__in=OPEN, next_at__lte=at)
    return waiting.exclude(Exists(jobs)).order_by("next_at", "pk")


def _defer(delivery: Delivery) -> bool:
    from desk.channels.tasks import send_delivery

    serial = delivery.channel in SERIAL
    lock = f"{delivery.channel}:{delivery.address}" if serial else None
    job = send_delivery.configure(queueing_lock=f"delivery:{delivery.pk}", lock=lock)
    try:
        # A lock that is taken fails the statement: the savepoint keeps the transaction alive.
        with transaction.atomic():
            job.defer(delivery_id=delivery.pk)
    except AlreadyEnqueued:
        return False
    return True


def _try_again(delivery: Delivery, at: datetime, error: str, least: int = 0) -> None:
    seconds = actions.failed(delivery, at, error, for_good=False, least_seconds=least)
    if seconds is not None:
        raise Later(seconds)
    _given_up(delivery, at)


def _given_up(delivery: Delivery, at: datetime) -> None:
    what_else = GIVEN_UP.get(delivery.channel)
    if what_else is not None:
        what_else(delivery, at)


def _notices(entry: Entry, told: Iterable[Told], at: datetime) -> list[Notice]:
    return notices.of(entry, told, read_at=None if _is_news(entry, at) else at)


def _deliveries(entry: Entry, told: Iterable[Told], at: datetime) -> Iterator[Delivery]:
    single = recipients.address_only(entry)
    if single is not None:
        address, person, why = single
        yield _delivery(entry, address, person.pk if person is not None else None, why, at)
    for each in told:
        if each.mail and _is_news(entry, at):
            yield _delivery(entry, each.person.email, each.person.pk, each.why, at)


def _is_news(entry: Entry, at: datetime) -> bool:
    """News of long ago (an imported or simulated past) stand in the list, but disturb nobody."""
    return at - entry.at <= FRESH


def _delivery(
    entry: Entry, address: str, person_id: int | None, why: str, at: datetime
) -> Delivery:
    return Delivery(
        entry=entry,
        channel=BY_MAIL,
        address=address,
        person_id=person_id,
        why=why,
        next_at=at,
        created_at=at,
    )
