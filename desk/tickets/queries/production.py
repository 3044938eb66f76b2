"""What waits for production, by the promise behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from desk.rules.lifecycle import ClockState, State, Turn, Type
from desk.tickets.models import (
    Clock,
    ClockKind,
    Consultation,
    ConsultationKind,
    Estimate,
    HoursLog,
    Pause,
    Ticket,
)
from desk.tickets.queries import deadlines, people, rows
from desk.tickets.queries.lines import Building, ProductionQueue, Question
from desk.tickets.queries.thread import Row

QUESTIONS_MAX = 200
BUILDING_MAX = 100
NEVER = datetime.max.replace(tzinfo=UTC)
BUILT_IN = (
    State.ACCEPTED,
    State.IN_WORK,
    State.AWAITING_PARTNER,
    State.AWAITING_PRODUCTION,
)


def production_queue(at: datetime) -> ProductionQueue:
    """Open consultations and estimates with their age, their own due and the partner's promise
    behind them, and the customisations that are being built."""
    questions = _questions(at)
    return ProductionQueue(
        at=at,
        consultations=_of_kind(questions, ConsultationKind.CONSULT),
        estimates=_of_kind(questions, ConsultationKind.ESTIMATE),
        building=_building(at),
    )


def _of_kind(questions: Iterable[Question], kind: ConsultationKind) -> tuple[Question, ...]:
    """The nearest promise first: the partner's own while it runs, else production's."""
    return tuple(sorted((q for q in questions if q.kind == kind), key=_promise))


def _promise(question: Question) -> tuple[datetime, int]:
    own = question.own.due_at or NEVER
    behind = question.line.deadline.due_at or NEVER
    return min(own, behind), question.id


def _questions(at: datetime) -> list[Question]:
    waiting = Consultation.objects.filter(answered_at=None, withdrawn_at=None)
    found = list(
        waiting.select_related("asked_by", "part").order_by("asked_at", "pk")[:QUESTIONS_MAX]
    )
    tickets = {
        ticket.pk: ticket
        for ticket in rows.prepared(
            Ticket.objects.filter(pk__in={asked.ticket_id for asked in found})
        )
    }
    clocks = _clocks(list(tickets))
    clerk = rows.Clerk(at, Turn.PRODUCTION)
    return [
        _question(asked, tickets[asked.ticket_id], clocks[f"consultation:{asked.pk}"], clerk)
        for asked in found
    ]


def _clocks(ticket_ids: Sequence[int]) -> dict[str, tuple[Row, list[Row]]]:
    """Production's running clocks with their pauses, by what they are about."""
    running = Clock.objects.filter(
        ticket_id__in=ticket_ids, kind=ClockKind.PRODUCTION, stopped_at=None
    )
    clocks = {clock.pk: clock for clock in running}
    pauses: dict[int, list[Row]] = defaultdict(list)
    for pause in Pause.objects.filter(clock_id__in=clocks).order_by("pk"):
        pauses[pause.clock_id].append(vars(pause))
    return {clock.subject: (vars(clock), pauses[clock.pk]) for clock in clocks.values()}


def _question(
    asked: Consultation, ticket: Ticket, clock: tuple[Row, list[Row]], clerk: rows.Clerk
) -> Question:
    known = clerk.hours(ticket)
    return Question(
        id=asked.pk,
        kind=asked.kind,
        line=clerk.line(ticket),
        part=asked.part.number if asked.part else None,
        question=asked.question,
        asked_by=people.staff_ref(asked.asked_by),
        asked_at=asked.asked_at,
        age_seconds=known.calendar.elapsed(asked.asked_at, max(asked.asked_at, known.at)),
        own=deadlines.of_clock(*clock, known),
        pauses=asked.pauses,
    )


def _building(at: datetime) -> tuple[Building, ...]:
    """Approved customisations that are not delivered, by what is due first."""
    of_ticket = {"ticket": OuterRef("pk")}
    logged = HoursLog.objects.filter(**of_ticket).order_by().values("ticket")
    agreed = Estimate.objects.filter(**of_ticket, approved_at__isnull=False)
    approved = agreed.order_by().values("ticket")
    tickets = (
        Ticket.objects.exclude(clock=ClockState.ENDED)
        .filter(state__in=BUILT_IN, type=Type.CUSTOMISATION)
        .annotate(
            minutes_logged=Coalesce(Subquery(logged.annotate(n=Sum("minutes")).values("n")), 0),
            hours_approved=Coalesce(Subquery(approved.annotate(n=Sum("hours_max")).values("n")), 0),
        )
        .order_by("due_at", "pk")
    )
    clerk = rows.Clerk(at, Turn.PRODUCTION)
    return tuple(
        Building(
            line=clerk.line(ticket),
            minutes_logged=vars(ticket)["minutes_logged"],
            minutes_approved=60 * vars(ticket)["hours_approved"],
            built_at=ticket.built_at,
        )
        for ticket in rows.prepared(tickets)[:BUILDING_MAX]
    )
