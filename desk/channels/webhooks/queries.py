"""Reading endpoints, their events and attempts. Whose they are is always a filter here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet

from desk.channels.models import OPEN, Channel, Delivery, DeliveryState
from desk.channels.webhooks import names
from desk.channels.webhooks.models import Attempt, Endpoint, Event
from desk.journal.models import Entry
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket

# The clocks of two processes never agree quite.
CLOCKS_APART = timedelta(minutes=1)
LOG_PAGE = 30
ATTEMPTS_MAX = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """How an endpoint does: events on their way, events given up, the last one that arrived."""

    waiting: int = 0
    dead: int = 0
    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An event in an endpoint's log; without a delivery it was not sent (switched off then).
    `number` is the ticket's, "" for other things."""

    event: Event
    delivery: Delivery | None
    status: int | None
    number: str


def endpoints(partner_id: int | None = None, *, everybody: bool = False) -> QuerySet[Endpoint]:
    """Endpoints that are not removed: of one partner, or all there are."""
    found = Endpoint.objects.filter(removed_at=None).select_related("partner").order_by("id")
    return found if everybody else found.filter(partner=partner_id)


def concerned(entry: Entry) -> list[Endpoint]:
    """The endpoints that may know of an entry: its partner's, and those of the vendor, made
    before it happened and before it was written (a past that is imported is no news)."""
    reach = Q(partner=None)
    if entry.partner_id is not None:
        reach |= Q(partner_id=entry.partner_id)
    found = Endpoint.objects.filter(reach, removed_at=None, since_entry_id__lt=entry.pk)
    found = found.filter(created_at__lte=entry.at + CLOCKS_APART)
    return list(found.order_by("id"))


def sequence(entry: Entry) -> int:
    """The number of an event among those of its subject, in whatever order they are told.

    Counted from the last one that has a number, so that long subjects cost no more than short.
    """
    told = names.told_of(entry.subject).filter(pk__lte=entry.pk)
    earlier = Event.objects.filter(subject=entry.subject, entry__lt=entry.pk)
    last = earlier.order_by("-sequence").first()
    if last is None:
        return told.count()
    return last.sequence + told.filter(pk__gt=last.entry_id).count()


def may_know(endpoint: Endpoint, event: Event) -> bool:
    """Asked again before every attempt: an event goes to its own partner, or to the vendor."""
    if event.endpoint_id is not None:
        return event.endpoint_id == endpoint.pk
    return endpoint.partner_id is None or endpoint.partner_id == event.partner_id


def wants(endpoint: Endpoint, name: str) -> bool:
    """Whether it has chosen events of this name."""
    return not endpoint.events or name in endpoint.events


def events_for(endpoint: Endpoint) -> QuerySet[Event]:
    """Everything an endpoint could have been told since it is there, the newest first."""
    found = Event.objects.filter(Q(endpoint=None) | Q(endpoint=endpoint))
    found = found.filter(entry__gt=endpoint.since_entry_id).order_by("-id")
    if endpoint.partner_id is not None:
        found = found.filter(partner_id=endpoint.partner_id)
    if endpoint.events:
        found = found.filter(Q(name__in=endpoint.events) | Q(endpoint=endpoint))
    return found


def log(endpoint: Endpoint, before: int | None = None) -> tuple[list[Line], int | None]:
    """A page of the delivery log, and where the next one begins (None at the end)."""
    found = events_for(endpoint)
    if before is not None:
        found = found.filter(pk__lt=before)
    events = list(found.defer("body")[: LOG_PAGE + 1])
    shown, more = events[:LOG_PAGE], len(events) > LOG_PAGE
    known = deliveries(endpoint, (event.entry_id for event in shown))
    last = _last_statuses(endpoint, shown)
    numbers = _numbers(shown)
    lines = [
        Line(event, known.get(event.entry_id), last.get(event.pk), numbers.get(event.subject, ""))
        for event in shown
    ]
    return lines, shown[-1].pk if more else None


def deliveries(endpoint: Endpoint, entry_ids: Iterable[int]) -> dict[int, Delivery]:
    """An endpoint's deliveries of these entries, by entry."""
    rows = Delivery.objects.filter(
        entry__in=list(entry_ids), channel=Channel.WEBHOOK, address=endpoint.address
    )
    return {row.entry_id: row for row in rows}


def attempts(endpoint: Endpoint, event: Event) -> list[Attempt]:
    """Every attempt to deliver an event, the latest first."""
    rows = Attempt.objects.filter(endpoint=endpoint, event=event)
    return list(rows.order_by("-id")[:ATTEMPTS_MAX])


def standings(found: Iterable[Endpoint]) -> dict[int, Standing]:
    """How endpoints do, by id, in two queries."""
    by_address = {endpoint.address: endpoint.pk for endpoint in found}
    unfinished = Delivery.objects.filter(channel=Channel.WEBHOOK, address__in=by_address)
    # Each half has an index of its own; together they would be read from the whole table.
    waiting = dict(_counted(unfinished.filter(state__in=OPEN)))
    dead = dict(_counted(unfinished.filter(state=DeliveryState.DEAD)))
    good = Attempt.objects.filter(endpoint__in=by_address.values(), status__gte=200, status__lt=300)
    arrived = dict(good.values_list("endpoint").annotate(Max("at")).order_by())
    return {
        pk: Standing(waiting.get(address, 0), dead.get(address, 0), arrived.get(pk))
        for address, pk in by_address.items()
    }


def _counted(rows: QuerySet[Delivery]) -> Iterable[tuple[str, int]]:
    return rows.values_list("address").annotate(Count("pk")).order_by()


def _numbers(events: Iterable[Event]) -> dict[str, str]:
    """Numbers of the tickets that events are about, by subject."""
    keys = {event.subject.partition(":")[2] for event in events if event.subject[:7] == "ticket:"}
    rows = Ticket.objects.filter(pk__in=keys).select_related("partner")
    return {row.key: tickets.number(row) for row in rows}


def _last_statuses(endpoint: Endpoint, events: Sequence[Event]) -> dict[int, int | None]:
    rows = Attempt.objects.filter(endpoint=endpoint, event__in=events).order_by("event", "-id")
    return dict(rows.distinct("event").values_list("event_id", "status"))
