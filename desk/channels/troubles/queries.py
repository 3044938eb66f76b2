"""What needs somebody at a moment, found in what the channels keep.

Webhooks are left out: an endpoint that fails for a day is switched off, and its owner told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from desk.channels.email.models import Mailbox
from desk.channels.models import (
    OPEN,
    UNREAD,
    Arrival,
    ArrivalState,
    Channel,
    Delivery,
    DeliveryState,
    Stumble,
    Trouble,
    TroubleKind,
)
from desk.channels.notices.telegram import probe
from desk.channels.notices.telegram import queries as telegram
from desk.channels.onebox import shown as onebox
from desk.channels.onebox.models import Connection

# What is due is taken up within a second; after this time nobody takes it up.
LATE_AFTER = timedelta(minutes=10)
# A receiver may be away for a while: deliveries that fail longer than this are told.
AWAY_AFTER = timedelta(hours=1)
# A source rests longer after each failure: so many in a row are about a quarter of an hour.
FAILURES_MAX = 5


@dataclass(frozen=True, slots=True)
class Found:
    """Something that needs somebody. Fields as in `Trouble`."""

    subject: str
    kind: str
    count: int
    reason: str = ""


def found(at: datetime) -> list[Found]:
    """Everything that needs somebody at `at`."""
    return [*_stuck(), *_late(at), *_away(at), *_silent()]


def present() -> QuerySet[Trouble]:
    """Troubles that were noted and are not over, the oldest first."""
    return Trouble.objects.filter(ended_at=None).order_by("id")


def _stuck() -> Iterator[Found]:
    """What waits for a person."""
    arrivals = Arrival.objects.filter(state=ArrivalState.QUARANTINED)
    yield from _each(arrivals, "inbox", TroubleKind.QUARANTINE)
    deliveries = Delivery.objects.filter(state=DeliveryState.DEAD).exclude(channel=Channel.WEBHOOK)
    yield from _each(deliveries, "outbox", TroubleKind.DEAD)
    parked = Stumble.objects.exclude(parked_at=None).count()
    if parked:
        yield Found("relay", TroubleKind.PARKED, parked)


def _late(at: datetime) -> Iterator[Found]:
    """What is due and nobody takes up."""
    before = at - LATE_AFTER
    arrivals = Arrival.objects.filter(state__in=UNREAD, next_at__lt=before)
    yield from _each(arrivals, "inbox", TroubleKind.LATE)
    deliveries = Delivery.objects.filter(state__in=OPEN, next_at__lt=before)
    # To a box one goes after another: those behind one that waits for its attempt are not late.
    waiting = Delivery.objects.filter(
        channel=Channel.ONEBOX, address=OuterRef("address"), state__in=OPEN, next_at__gte=before
    )
    deliveries = deliveries.exclude(Q(channel=Channel.ONEBOX) & Exists(waiting))
    yield from _each(deliveries, "outbox", TroubleKind.LATE)


def _away(at: datetime) -> Iterator[Found]:
    """What fails for long and is tried again."""
    failing = Delivery.objects.filter(
        state=DeliveryState.FAILED, created_at__lt=at - AWAY_AFTER
    ).exclude(channel=Channel.WEBHOOK)
    yield from _each(failing, "outbox", TroubleKind.AWAY)


def _silent() -> Iterator[Found]:
    """Sources that are read and cannot be reached."""
    silent = Mailbox.objects.filter(is_active=True, failures__gte=FAILURES_MAX).order_by("pk")
    for box in silent:
        yield Found(box.key, TroubleKind.SILENT, 1, box.error)
    boxes = Connection.objects.filter(is_active=True, failures__gte=FAILURES_MAX).order_by("pk")
    for one in boxes:
        yield Found(one.address, TroubleKind.SILENT, 1, onebox.trouble(one.error))
    bot = telegram.bot()
    if bot is not None and bot.failures >= FAILURES_MAX:
        yield Found("inbox:telegram", TroubleKind.SILENT, 1, probe.trouble(bot))


def _each(
    rows: QuerySet[Arrival] | QuerySet[Delivery], way: str, kind: TroubleKind
) -> Iterator[Found]:
    """One for each channel; the reason is one of those that the rows themselves give."""
    counted = rows.order_by().values("channel").annotate(count=Count("pk"), reason=Max("error"))
    for row in counted.order_by("channel"):
        yield Found(f"{way}:{row['channel']}", kind, row["count"], row["reason"])
