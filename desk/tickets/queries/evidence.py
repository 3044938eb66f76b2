"""What the stored columns of a ticket follow from, for who proves them: batch by batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from desk.deposits import queries as deposits
from desk.deposits.values import Cost
from desk.journal import queries as journal
from desk.journal.models import Entry
from desk.lib.findings import Finding
from desk.rules import clock as rules
from desk.rules.worktime import Calendar
from desk.tickets.models import Clock, Dispute, Estimate, Pause, Promise, Ticket
from desk.tickets.queries.visibility import number

Row = TypeVar("Row")

BATCH = 500


@dataclass(frozen=True, slots=True)
class Case:
    """One ticket with everything that its stored columns follow from."""

    ticket: Ticket
    calendar: Calendar
    entries: Sequence[Entry]
    clocks: Sequence[Clock]
    pauses: Mapping[int, Sequence[Pause]]
    promises: Sequence[Promise]
    cost: Cost
    approved_kopecks: int
    ruled: bool

    def finding(self, code: str, sentence: str) -> Finding:
        """A fault of this ticket, named so that a person finds it."""
        return Finding(code, self.ticket.key, f"{number(self.ticket)}: {sentence}")

    def events(self, clock: Clock) -> tuple[rules.Pause, ...]:
        """The pauses that the clock knew of: one that opens when it stops is none."""
        return tuple(
            rules.Pause(str(row.pk), row.opened_at, row.closed_at, row.struck)
            for row in self.pauses.get(clock.pk, ())
            if clock.stopped_at is None or row.opened_at < clock.stopped_at
        )


def cases() -> Iterator[Case]:
    """All tickets with their evidence, in batches of constant cost."""
    last = 0
    while True:
        batch = list(
            Ticket.objects.filter(pk__gt=last)
            .select_related("partner")
            .prefetch_related("calendar_version")
            .order_by("pk")[:BATCH]
        )
        if not batch:
            return
        yield from _loaded(batch)
        last = batch[-1].pk


def _loaded(batch: Sequence[Ticket]) -> Iterator[Case]:
    ids = [ticket.pk for ticket in batch]
    keys = [ticket.key for ticket in batch]
    entries = _grouped(journal.of_many(keys), "subject")
    clocks = _grouped(Clock.objects.filter(ticket__in=ids).order_by("pk"), "ticket_id")
    pauses = _grouped(
        Pause.objects.filter(clock__ticket__in=ids).order_by("opened_entry_id", "pk"), "clock_id"
    )
    promises = _grouped(Promise.objects.filter(ticket__in=ids).order_by("pk"), "ticket_id")
    approved = _grouped(
        Estimate.objects.filter(ticket__in=ids, approved_at__isnull=False), "ticket_id"
    )
    upheld = Dispute.objects.filter(ticket__in=ids, upheld=True)
    ruled = set(upheld.values_list("ticket_id", flat=True))
    costs = deposits.costs(keys)
    for ticket in batch:
        yield Case(
            ticket=ticket,
            calendar=ticket.calendar_version.value(),
            entries=entries[ticket.key],
            clocks=clocks[ticket.pk],
            pauses=pauses,
            promises=promises[ticket.pk],
            cost=costs[ticket.key],
            approved_kopecks=sum(e.hours_max * e.hour_kopecks for e in approved[ticket.pk]),
            ruled=ticket.pk in ruled,
        )


def _grouped(rows: Iterable[Row], name: str) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found
