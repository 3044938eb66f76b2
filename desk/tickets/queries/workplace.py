"""What a specialist works on, in the order in which it must be worked, with the reason for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from desk.partners.models import Person
from desk.rules.lifecycle import ClockState, State, Turn, Type
from desk.tickets.models import Ticket
from desk.tickets.queries import rows
from desk.tickets.queries.clockwork import Phase
from desk.tickets.queries.lines import Queue, Queued, TicketLine, Why

QUEUE_MAX = 200
POOL_MAX = 100
NEVER = datetime.max.replace(tzinfo=UTC)
ORDER = list(Why)


def queue(person: Person, at: datetime) -> Queue:
    """The specialist's open tickets.

    First what stops a client's work, then what must be accepted, then the promises that can still
    be kept but come near, then the broken ones, then the rest by due. What others must do first
    stands apart.
    """
    own = _open().filter(executor=person).order_by(_first(), "pk")
    found = list(rows.prepared(own)[: QUEUE_MAX + 1])
    lines = rows.Clerk(at, Turn.SPECIALIST).lines(found[:QUEUE_MAX])
    mine = [line for line in lines if line.my_turn]
    return Queue(
        at=at,
        work=ordered(mine),
        acceptances=tuple(line for line in mine if line.state == State.SUBMITTED),
        at_risk=tuple(line for line in mine if line.deadline.phase in (Phase.SOON, Phase.LATE)),
        waiting=tuple(sorted((line for line in lines if not line.my_turn), key=_waits_since)),
        cut=len(found) > QUEUE_MAX,
    )


def pool(at: datetime) -> tuple[TicketLine, ...]:
    """Open tickets that nobody executes, for the administrators: lead and cover are away (T9)."""
    nobodys = _open().filter(executor=None).order_by(_first(), "pk")
    return rows.Clerk(at, Turn.SPECIALIST).lines(rows.prepared(nobodys)[:POOL_MAX])


def ordered(lines: Iterable[TicketLine]) -> tuple[Queued, ...]:
    """Lines in the order of work, each with its reason."""
    queued = [Queued(line, why(line)) for line in lines]
    return tuple(
        sorted(queued, key=lambda one: (ORDER.index(one.why), _due(one.line), one.line.id))
    )


def why(line: TicketLine) -> Why:
    """Why a ticket stands where it stands: the first of the reasons that holds."""
    if line.type == Type.BUG or (line.state == State.SUBMITTED and line.critical_claim):
        return Why.CRITICAL
    if line.state == State.SUBMITTED:
        return Why.ACCEPTANCE
    match line.deadline.phase:
        case Phase.SOON:
            return Why.SOON
        case Phase.LATE:
            return Why.LATE
        case _:
            return Why.DUE


def _open() -> QuerySet[Ticket]:
    return Ticket.objects.exclude(clock=ClockState.ENDED)


def _first() -> Coalesce:
    return Coalesce(F("acceptance_due_at"), F("due_at"))


def _due(line: TicketLine) -> datetime:
    return line.deadline.due_at or NEVER


def _waits_since(line: TicketLine) -> datetime:
    return line.deadline.since_at or line.changed_at
