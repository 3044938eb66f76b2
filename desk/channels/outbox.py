"""From an entry to what people get: notices at once, mails as deliveries that a job sends.

The relay calls `expand` in the transaction that takes the entry off the list, so an entry becomes
deliveries once. A delivery is sent at most once, except when the sender dies between the other
side's yes and our note of it: the repeated mail then carries the same Message-ID.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from desk.channels import actions, gathering, recipients, spreading
from desk.channels.email import bundles
from desk.channels.email import outbound as email
from desk.channels.errors import Busy, Later, Pointless, Refused, Unreachable
from desk.channels.models import OPEN, Channel, Delivery
from desk.channels.notices import outbound as notices
from desk.channels.notices.push import outbound as push
from desk.channels.notices.telegram import outbound as telegram
from desk.channels.onebox import outbound as onebox
from desk.channels.webhooks import outbound as webhooks
from desk.journal.models import Entry

ENQUEUED_MAX = 500
SENDERS: dict[str, Callable[[Delivery, datetime], None]] = {
    Channel.EMAIL: email.send,
    Channel.WEBHOOK: webhooks.send,
    Channel.ONEBOX: onebox.send,
    Channel.PUSH: push.send,
    Channel.TELEGRAM: telegram.send,
}
# How several deliveries to one person become one letter; returns those that were left out of it,
# by number, and why. Raises what a sender raises, for all of them.
TOGETHER: dict[str, Callable[[Sequence[Delivery], datetime], Mapping[int, str]]] = {
    Channel.EMAIL: bundles.send,
    Channel.PUSH: push.send_together,
    Channel.TELEGRAM: telegram.send_together,
}
# Channels that are told of entries as such, and not of what concerns a person.
EXPANDERS: tuple[Callable[[Entry, datetime], Iterable[Delivery]], ...] = (
    webhooks.deliveries,
    onebox.deliveries,
)
# Channels whose deliveries to one address go one after another, in order.
SERIAL: frozenset[str] = frozenset({Channel.ONEBOX})
# What else happens when a delivery is given up.
GIVEN_UP: dict[str, Callable[[Delivery, datetime], None]] = {
    Channel.WEBHOOK: webhooks.given_up,
    Channel.PUSH: push.given_up,
    Channel.TELEGRAM: telegram.given_up,
}
actions.BACK_OFFS[Channel.WEBHOOK] = webhooks.BACK_OFF_SECONDS
actions.BACK_OFFS[Channel.ONEBOX] = onebox.BACK_OFF_SECONDS
actions.BACK_OFFS[Channel.PUSH] = push.BACK_OFF_SECONDS
actions.BACK_OFFS[Channel.TELEGRAM] = telegram.BACK_OFF_SECONDS

log = logging.getLogger(__name__)


def expand(entries: Iterable[Entry], at: datetime) -> dict[int, list[int]]:
    """Write notices and deliveries of entries; returns who has a new notice, by entry."""
    told = {entry: recipients.of(entry, at) for entry in entries}
    spread = spreading.of(told, at)
    rows = [row for entry, each in told.items() for row in notices.of(entry, each)]
    notices.add(rows, spread.silent, at)
    notices.hold(spread.held)
    actions.add(spread.deliveries)
    actions.add([row for entry in told for expander in EXPANDERS for row in expander(entry, at)])
    return {entry.pk: [one.person.pk for one in each] for entry, each in told.items()}


def send(delivery_id: int, at: datetime) -> None:
    """Try a delivery once, with what goes out together with it, if it is due and nobody else
    tries it. Raises `Later`."""
    found = gathering.take(delivery_id, at, together=TOGETHER)
    if len(found) > 1 and _send_together(found, at):
        return
    later = [seconds for row in found if (seconds := _send_one(row, at)) is not None]
    if later:
        raise Later(min(later))


def _send_together(found: Sequence[Delivery], at: datetime) -> bool:
    """Try several as one; False when each has to go on its own. Raises `Later`."""
    try:
        left_out = TOGETHER[found[0].channel](found, at)
    except (Busy, Pointless):
        return False
    except (Refused, Unreachable) as error:
        waits = [_failed(row, at, error) for row in found]
        later = [seconds for seconds in waits if seconds is not None]
        if later:
            raise Later(min(later)) from error
        return True
    except Exception:
        # One that cannot be told must not keep the others from being told.
        log.exception("Deliveries %s cannot be written as one.", [row.pk for row in found])
        return False
    for row in found:
        if row.pk in left_out:
            actions.dropped(row, at, left_out[row.pk])
        else:
            actions.sent(row, at)
    return True


def _send_one(delivery: Delivery, at: datetime) -> int | None:
    """Try a claimed delivery; the seconds until it is due again, None when it has ended."""
    try:
        SENDERS[delivery.channel](delivery, at)
    except Busy as busy:
        actions.postponed(delivery, at, busy.seconds)
        return busy.seconds
    except Pointless as reason:
        actions.dropped(delivery, at, str(reason))
    except (Refused, Unreachable) as error:
        return _failed(delivery, at, error)
    except Exception as error:
        # A fault of ours in one mail must neither stop the others nor be lost from sight.
        log.exception("Delivery %s cannot be written.", delivery.pk)
        return _try_again(delivery, at, repr(error))
    else:
        actions.sent(delivery, at)
    return None


def _failed(delivery: Delivery, at: datetime, error: Refused | Unreachable) -> int | None:
    """Note that the other side did not take it; the seconds until the next attempt, None when it
    is given up."""
    if isinstance(error, Refused):
        log.warning("Delivery %s is refused: %s", delivery.pk, error)
        actions.failed(delivery, at, str(error), for_good=True)
        _given_up(delivery, at)
        return None
    log.warning("Delivery %s has to wait: %s", delivery.pk, error)
    return _try_again(delivery, at, str(error), error.wait_seconds)


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


def _try_again(delivery: Delivery, at: datetime, error: str, least: int = 0) -> int | None:
    seconds = actions.failed(delivery, at, error, for_good=False, least_seconds=least)
    if seconds is None:
        _given_up(delivery, at)
    return seconds


def _given_up(delivery: Delivery, at: datetime) -> None:
    what_else = GIVEN_UP.get(delivery.channel)
    if what_else is not None:
        what_else(delivery, at)
