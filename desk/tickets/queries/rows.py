"""Tickets as lines of lists: a constant number of queries, whatever the length of the list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from desk.partners.models import CalendarVersion, PlanVersion
from desk.rules.lifecycle import STATES, State, Turn
from desk.tickets.models import Clock, ClockKind, Ticket
from desk.tickets.queries import deadlines, people
from desk.tickets.queries.deadlines import LIST_DAYS, Hours
from desk.tickets.queries.lines import TicketLine
from desk.tickets.queries.visibility import number

TARGET = "resolution_target_seconds"
LONG_TEXTS = ("solution", "changes", "checking", "rating_comment")


def prepared(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """The query with all that a line needs; plans and calendars are fetched once each."""
    target = Clock.objects.filter(
        ticket=OuterRef("pk"), kind=ClockKind.RESOLUTION, cycle=OuterRef("cycle"), subject=""
    )
    return (
        tickets.select_related("partner", "project", "executor", "author")
        .prefetch_related(
            Prefetch("plan_version", PlanVersion.objects.order_by()),
            Prefetch("calendar_version", CalendarVersion.objects.order_by()),
        )
        .annotate(**{TARGET: Subquery(target.values("target_seconds")[:1])})
        .defer(*LONG_TEXTS)
    )


class Clerk:
    """Makes lines of tickets at one instant, for readers whose turn is `side`'s."""

    def __init__(self, at: datetime, side: Turn | None = None) -> None:
        self.at, self.side = at, side
        self._hours: dict[int, Hours] = {}

    def lines(self, tickets: Iterable[Ticket]) -> tuple[TicketLine, ...]:
        """Lines of prepared tickets, in their order."""
        return tuple(self.line(ticket) for ticket in tickets)

    def line(self, ticket: Ticket) -> TicketLine:
        """The line of one prepared ticket."""
        turn = STATES[State(ticket.state)].turn
        return TicketLine(
            id=ticket.pk,
            number=number(ticket),
            subject=ticket.subject,
            partner_id=ticket.partner_id,
            partner_name=ticket.partner.name,
            project_id=ticket.project_id,
            project_name=ticket.project.name,
            state=ticket.state,
            turn=turn,
            my_turn=turn == self.side,
            type=ticket.type,
            step=ticket.step,
            critical_claim=ticket.critical_claim,
            executor=people.staff_ref(ticket.executor),
            author=people.partner_ref(ticket.author),
            deadline=deadlines.of_line(ticket, vars(ticket)[TARGET], self.hours(ticket)),
            promised=ticket.promised,
            rating=ticket.rating,
            submitted_at=ticket.submitted_at,
            changed_at=ticket.changed_at,
            delivered_at=ticket.delivered_at,
            queue_rank=ticket.queue_rank,
            version=ticket.version,
        )

    def hours(self, ticket: Ticket) -> Hours:
        """What the ticket's calendar says now, found once for all tickets that share it."""
        known = self._hours.get(ticket.calendar_version_id)
        if known is None:
            known = deadlines.hours(ticket.calendar_version.value(), self.at, LIST_DAYS)
            self._hours[ticket.calendar_version_id] = known
        return known
