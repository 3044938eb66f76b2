"""When our own systems were out, and whether the pages are usable now."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from desk.oversight.models import Heartbeat, Outage

PAGES = "pages"
# Those who serve pages give a sign so often.
BEAT_SECONDS = 5
# After so long without one nobody is judged; after a restart that takes longer, an outage is noted.
SILENT_AFTER = timedelta(seconds=15)
OUTAGE_AFTER = timedelta(seconds=60)
SHOWN_MAX = 100


def pages_are_out() -> bool:
    """Whether those who serve the pages have been silent for too long; False where none of them
    has ever given a sign. By the database's clock: a demo's may jump."""
    silent = Q(real_at__lt=Now() - SILENT_AFTER)
    return Heartbeat.objects.filter(silent, name=PAGES).exists()


def latest() -> QuerySet[Outage]:
    """Outages, the newest first."""
    return Outage.objects.select_related("noted_by").order_by("-since_at", "-id")


def between(since_at: datetime, at: datetime) -> QuerySet[Outage]:
    """Outages that touch the span, by beginning."""
    rows = Outage.objects.filter(Q(until_at=None) | Q(until_at__gt=since_at), since_at__lte=at)
    return rows.order_by("since_at", "id")
