"""Reading what goes out: how many wait, what was given up, what could not pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from desk.channels.models import OPEN, Delivery, DeliveryState, Stumble

SHOWN_MAX = 100


@dataclass(frozen=True, slots=True)
class Health:
    """Deliveries by what became of them; `oldest_at` is since when the oldest one waits."""

    waiting: int
    failed: int
    dead: int
    parked: int
    oldest_at: datetime | None


def health() -> Health:
    """How the outbox is. What was sent is not counted: it only grows."""
    kept = [*OPEN, DeliveryState.DEAD]
    rows = Delivery.objects.filter(state__in=kept).values("state").annotate(count=Count("pk"))
    counts = {row["state"]: row["count"] for row in rows}
    oldest = Delivery.objects.filter(state__in=OPEN).order_by("created_at").first()
    return Health(
        waiting=counts.get(DeliveryState.WAITING, 0),
        failed=counts.get(DeliveryState.FAILED, 0),
        dead=counts.get(DeliveryState.DEAD, 0),
        parked=parked().count(),
        oldest_at=oldest.created_at if oldest else None,
    )


def dead() -> QuerySet[Delivery]:
    """Deliveries that were given up, the newest first."""
    return _listed(Delivery.objects.filter(state=DeliveryState.DEAD))


def failing() -> QuerySet[Delivery]:
    """Deliveries that failed and will be tried again, the newest first."""
    return _listed(Delivery.objects.filter(state=DeliveryState.FAILED))


def parked() -> QuerySet[Stumble]:
    """Entries that the relay gave up, the newest first."""
    found = Stumble.objects.exclude(parked_at=None).select_related("entry")
    return found.order_by("-parked_at")


def _listed(found: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return found.select_related("entry").order_by("-id")
