"""Reading browsers."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet

from desk.channels.notices.push.models import Browser

THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def of(person_id: int) -> QuerySet[Browser]:
    """The browsers that show notices of a person, the oldest first."""
    return Browser.objects.filter(person=person_id, ended_at=None).order_by("id")


def reach(people: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Where deliveries of channel PUSH to people go: "browser:3", one for each browser."""
    found: dict[int, tuple[str, ...]] = {}
    for row in Browser.objects.filter(person__in=people, ended_at=None).order_by("id"):
        found[row.person_id] = (*found.get(row.person_id, ()), row.address)
    return found


def offered() -> bool:
    """Whether browsers let this desk show notices: by its address they trust https, and this very
    machine. The keys are made when they are first needed."""
    place = urlsplit(settings.BASE_URL)
    return place.scheme == "https" or place.hostname in THIS_MACHINE


def by_address(address: str, person_id: int | None) -> Browser | None:
    """The browser of a delivery to a person, None when it shows nothing of theirs any more."""
    number = address.partition(":")[2]
    rows = Browser.objects.filter(pk=number, person=person_id, ended_at=None)
    return rows.select_related("person").first()
