"""Reading what comes in and goes out: how many wait, what was given up, what nobody could use.

An arrival may be big: lists never load its bytes, and a page loads their beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import BinaryField, Count, F, Func, IntegerField, Min, Q, QuerySet, Value

from desk.channels.models import (
    OPEN,
    UNREAD,
    Arrival,
    ArrivalState,
    Channel,
    Delivery,
    DeliveryState,
    Intake,
    Stumble,
    Trouble,
)
from desk.channels.troubles import words as troubled

SHOWN_MAX = 50
EXCERPT_BYTES_MAX = 16_384
# Messages to people that were not tried yet because they are to go later.
HELD = Q(
    state=DeliveryState.WAITING,
    channel__in=(Channel.EMAIL, Channel.PUSH, Channel.TELEGRAM),
    attempts=0,
    next_at__gt=F("created_at"),
)
Row = TypeVar("Row", Arrival, Delivery)


@dataclass(frozen=True, slots=True)
class Health:
    """Deliveries by what became of them; `oldest_at` is since when the oldest one waits. Arrivals
    likewise. `troubles` says what needs somebody, and since when."""

    waiting: int
    failed: int
    dead: int
    parked: int
    oldest_at: datetime | None
    arrivals_waiting: int = 0
    arrivals_failed: int = 0
    quarantined: int = 0
    troubles: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """What there is to do on one way in or out. `stuck` is what waits for a person: quarantined
    arrivals, dead deliveries. `oldest_at` is since when the oldest one waits that will be tried.
    `held` is what its readers want later: at the end of quiet hours, with a digest."""

    channel: str
    waiting: int = 0
    failed: int = 0
    stuck: int = 0
    oldest_at: datetime | None = None
    held: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """An arrival without its bytes: how many there are, and the first `EXCERPT_BYTES_MAX`."""

    arrival: Arrival
    size_bytes: int
    head: bytes

    @property
    def is_cut(self) -> bool:
        return self.size_bytes > len(self.head)


def ways_in() -> list[Way]:
    """Every way in, also those where nothing waits; what is done is not counted."""
    kept = Arrival.objects.filter(state__in=[*UNREAD, ArrivalState.QUARANTINED])
    rows = kept.values("channel").annotate(
        waiting=Count("pk", filter=Q(state=ArrivalState.WAITING)),
        failed=Count("pk", filter=Q(state=ArrivalState.FAILED)),
        stuck=Count("pk", filter=Q(state=ArrivalState.QUARANTINED)),
        oldest_at=Min("received_at", filter=Q(state__in=UNREAD)),
    )
    known = {row["channel"]: Way(**row) for row in rows}
    return [known.get(channel, Way(channel)) for channel in Intake.values]


def ways_out() -> list[Way]:
    """Every way out, also those where nothing waits; what was sent is not counted."""
    kept = Delivery.objects.filter(state__in=[*OPEN, DeliveryState.DEAD])
    rows = kept.values("channel").annotate(
        waiting=Count("pk", filter=Q(state=DeliveryState.WAITING) & ~HELD),
        failed=Count("pk", filter=Q(state=DeliveryState.FAILED)),
        stuck=Count("pk", filter=Q(state=DeliveryState.DEAD)),
        oldest_at=Min("created_at", filter=Q(state__in=OPEN) & ~HELD),
        held=Count("pk", filter=HELD),
    )
    known = {row["channel"]: Way(**row) for row in rows}
    return [known.get(channel, Way(channel)) for channel in Channel.values]


def page(found: QuerySet[Row], before: int | None) -> tuple[list[Row], int | None]:
    """At most `SHOWN_MAX` rows older than the one with the number `before`, and the number that
    leads to the next page, None at the end."""
    older = found if before is None else found.filter(pk__lt=before)
    rows = list(older[: SHOWN_MAX + 1])
    shown, more = rows[:SHOWN_MAX], len(rows) > SHOWN_MAX
    return shown, shown[-1].pk if more else None


def quarantine() -> QuerySet[Arrival]:
    """Arrivals that wait for a person, the newest first, without their bytes."""
    return Arrival.objects.filter(state=ArrivalState.QUARANTINED).defer("raw").order_by("-id")


def opened(arrival_id: int) -> Opened:
    """An arrival with the beginning of its bytes. Raises `Arrival.DoesNotExist`."""
    found = Arrival.objects.defer("raw").get(pk=arrival_id)
    size = Func(F("raw"), function="octet_length", output_field=IntegerField())
    head = Func(
        F("raw"),
        Value(1),
        Value(EXCERPT_BYTES_MAX),
        function="substring",
        output_field=BinaryField(),
    )
    row = Arrival.objects.filter(pk=arrival_id).values_list(size, head).get()
    return Opened(found, row[0], bytes(row[1]))


def raw(arrival_id: int) -> bytes:
    """All bytes of an arrival, as they came. Raises `Arrival.DoesNotExist`."""
    return bytes(Arrival.objects.values_list("raw", flat=True).get(pk=arrival_id))


def health() -> Health:
    """How the outbox is. What was sent is not counted: it only grows."""
    kept = [*OPEN, DeliveryState.DEAD]
    rows = Delivery.objects.filter(state__in=kept).values("state").annotate(count=Count("pk"))
    counts = {row["state"]: row["count"] for row in rows}
    arrivals = ways_in()
    oldest = Delivery.objects.filter(~HELD, state__in=OPEN).order_by("created_at").first()
    return Health(
        waiting=counts.get(DeliveryState.WAITING, 0),
        failed=counts.get(DeliveryState.FAILED, 0),
        dead=counts.get(DeliveryState.DEAD, 0),
        parked=parked().count(),
        oldest_at=oldest.created_at if oldest else None,
        arrivals_waiting=sum(way.waiting for way in arrivals),
        arrivals_failed=sum(way.failed for way in arrivals),
        quarantined=sum(way.stuck for way in arrivals),
        troubles=troubles(),
    )


def troubles() -> tuple[tuple[str, datetime], ...]:
    """What needs somebody at present, in words, and since when; the oldest first."""
    rows = Trouble.objects.filter(ended_at=None).order_by("id")
    return tuple((_trouble(row), row.since_at) for row in rows)


def _trouble(row: Trouble) -> str:
    return troubled.sentence(row.subject, {"kind": row.kind, "count": row.count})


def dead() -> QuerySet[Delivery]:
    """Deliveries that were given up, the newest first."""
    return _listed(Delivery.objects.filter(state=DeliveryState.DEAD))


def dead_beside_mail() -> QuerySet[Delivery]:
    """Deliveries that were given up on any way but e-mail, which has its own page."""
    return dead().exclude(channel=Channel.EMAIL)


def failing() -> QuerySet[Delivery]:
    """Deliveries that failed and will be tried again, the newest first."""
    return _listed(Delivery.objects.filter(state=DeliveryState.FAILED))


def parked() -> QuerySet[Stumble]:
    """Entries that the relay gave up, the newest first."""
    found = Stumble.objects.exclude(parked_at=None).select_related("entry")
    return found.order_by("-parked_at")


def _listed(found: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return found.select_related("entry").order_by("-id")
