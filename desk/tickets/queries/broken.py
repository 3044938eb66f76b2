"""The promises broken, the latest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q

from desk.tickets.models import Clock
from desk.tickets.queries import cursors, people
from desk.tickets.queries.internal import lag
from desk.tickets.queries.lines import BoardBreach
from desk.tickets.queries.visibility import number

PAGE = 30


@dataclass(frozen=True, slots=True)
class BreachPage:
    """A page of breaches; `cursor` fetches the next one, "" when there is none."""

    lines: tuple[BoardBreach, ...]
    cursor: str


def breaches(at: datetime, cursor: str = "") -> BreachPage:
    """Breaches up to `at`, keyset-paged: one query. Raises `BadCursor`."""
    found = Clock.objects.filter(breached_at__isnull=False, breached_at__lte=at)
    if cursor:
        seconds, last = cursors.read(cursor, 2)
        before = datetime.fromtimestamp(seconds, UTC)
        found = found.filter(Q(breached_at__lt=before) | Q(breached_at=before, pk__lt=last))
    rows = list(
        found.select_related("ticket__partner", "ticket__executor").order_by("-breached_at", "-pk")[
            : PAGE + 1
        ]
    )
    shown = rows[:PAGE]
    more = ""
    if len(rows) > PAGE and shown[-1].breached_at is not None:
        more = cursors.written(shown[-1].breached_at.timestamp(), shown[-1].pk)
    return BreachPage(tuple(line(clock) for clock in shown), more)


def line(clock: Clock) -> BoardBreach:
    """One broken clock, with whose it was and how long it took to notice."""
    assert clock.breached_at is not None, "only broken clocks are listed"
    return BoardBreach(
        ticket=number(clock.ticket),
        ticket_subject=clock.ticket.subject,
        partner_name=clock.ticket.partner.name,
        executor=people.staff_ref(clock.ticket.executor),
        clock=clock.kind,
        breached_at=clock.breached_at,
        noticed_after_seconds=lag(clock.breached_at, clock.breach_noticed_at),
        excused=clock.excused_at is not None,
        clock_id=clock.pk,
    )
