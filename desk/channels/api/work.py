"""What our own people work by: queue, pool, board, production's queue, and the running timer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from pydantic import BaseModel, Field

from desk.channels.api import calls
from desk.channels.api.calls import Call
from desk.channels.api.routing import Area
from desk.channels.api.scopes import Scope
from desk.channels.api.shapes import Colleague, Given, Maybe, PersonName, Shown
from desk.channels.api.ticket_shapes import Dispute, TicketRow, Tickets
from desk.partners.models import StaffRole
from desk.tickets import queries
from desk.tickets.queries import TicketLine, Why
from desk.tickets.queries.lines import Question
from desk.workdays import actions as workdays
from desk.workdays import queries as records
from desk.workdays.models import Activity, Interval

work = Area("work", "For our own people: what to work on, and what runs.")

SPECIALISTS = frozenset({StaffRole.SPECIALIST})
CONTROL = frozenset({StaffRole.ADMINISTRATOR})
PRODUCTION = frozenset({StaffRole.PRODUCTION, StaffRole.ADMINISTRATOR})


class Beside(StrEnum):
    """What people do beside tickets, whose own moves start and stop the timer."""

    PLANNING = "planning"
    INTAKE = "intake"
    BREAK = "break"
    LUNCH = "lunch"
    MEETING = "meeting"
    TRAINING = "training"


class Queued(Shown):
    """A ticket with the reason for its place."""

    why: Why = Field(description="In the order of precedence.")
    ticket: TicketRow


class OwnQueue(BaseModel):
    """A specialist's open tickets."""

    at: datetime
    work: list[Queued] = Field(description="In the order in which they must be worked.")
    acceptances: list[TicketRow] = Field(description="Those that wait for acceptance, by due.")
    at_risk: list[TicketRow] = Field(description="Promises that come near or are late.")
    waiting: list[TicketRow] = Field(description="Others' turn, the longest waiting first.")
    is_cut: bool = Field(description="True when there are more than are listed.")


class Seat(Shown):
    """One specialist now."""

    person: Colleague
    activity: Maybe = Field(description="Null when no timer runs.")
    since_at: datetime | None
    ticket: Maybe = Field(description="The number that the timer runs on.")
    partner_name: Maybe
    next_promise: TicketRow | None


class Absent(Shown):
    """Somebody absent."""

    person: Colleague
    kind: str
    since_at: datetime
    until_at: datetime


class BoardBreach(Shown):
    """A promise broken today."""

    ticket: str
    ticket_subject: str
    partner_name: str
    executor: PersonName | None
    clock: str
    breached_at: datetime
    noticed_after_seconds: int
    excused: bool


class OpenDispute(Shown):
    """A contest or doubt that waits for a ruling."""

    dispute: Dispute
    ticket: str
    ticket_subject: str
    partner_name: str
    late: bool


class ControlBoard(Shown):
    """The control room. Every list is cut at a limit."""

    at: datetime
    is_open: bool
    opens_at: datetime | None
    seats: list[Seat]
    acceptances: list[TicketRow]
    pool: list[TicketRow]
    at_risk: list[TicketRow]
    breaches: list[BoardBreach]
    away: list[Absent]
    disputes: list[OpenDispute]


class Asked(BaseModel):
    """A consultation or estimate that waits for production."""

    id: int
    kind: str
    ticket: TicketRow
    part: int | None
    question: str
    asked_by: PersonName | None
    asked_at: datetime
    age_seconds: int
    pauses: bool


class ProductionList(BaseModel):
    """What waits for production, by the promise behind it."""

    at: datetime
    consultations: list[Asked]
    estimates: list[Asked]
    building: list[TicketRow]


class Timer(BaseModel):
    """What the person does now; all null when no timer runs."""

    activity: str | None
    subject: str | None = Field(description="As `ticket:42` or `ticket:42/part:1`.")
    since_at: datetime | None


class NewTimer(Given):
    """What to do now."""

    activity: Beside


@work.get("/queue", Scope.WORK, OwnQueue)
def read_queue(request: HttpRequest) -> OwnQueue:
    """Read the specialist's own queue."""
    call = _for(request, SPECIALISTS)
    found = queries.queue(call.person, call.at)
    return OwnQueue(
        at=found.at,
        work=[Queued(why=one.why, ticket=TicketRow.model_validate(one.line)) for one in found.work],
        acceptances=_rows(found.acceptances),
        at_risk=_rows(found.at_risk),
        waiting=_rows(found.waiting),
        is_cut=found.cut,
    )


@work.get("/pool", Scope.WORK, Tickets)
def read_pool(request: HttpRequest) -> Tickets:
    """List the tickets that nobody has: lead and cover are away."""
    call = _for(request, frozenset(StaffRole))
    return Tickets(items=_rows(queries.pool(call.at)))


@work.get("/board", Scope.WORK, ControlBoard)
def read_board(request: HttpRequest) -> ControlBoard:
    """Read the control room, as administrators see it."""
    call = _for(request, CONTROL)
    return ControlBoard.model_validate(queries.board(call.at))


@work.get("/production", Scope.WORK, ProductionList)
def read_production(request: HttpRequest) -> ProductionList:
    """Read what waits for production."""
    call = _for(request, PRODUCTION)
    found = queries.production_queue(call.at)
    return ProductionList(
        at=found.at,
        consultations=[_asked(one) for one in found.consultations],
        estimates=[_asked(one) for one in found.estimates],
        building=[TicketRow.model_validate(one.line) for one in found.building],
    )


@work.get("/timer", Scope.WORK, Timer)
def read_timer(request: HttpRequest) -> Timer:
    """Read what the person does now."""
    return _timer(records.running(_for(request, SPECIALISTS).person.pk))


@work.put("/timer", Scope.WORK, Timer)
def start_timer(request: HttpRequest, body: NewTimer) -> Timer:
    """Begin something beside tickets: a meeting, a break. What ran ends."""
    call = _for(request, SPECIALISTS)
    begun = workdays.start(call.cause(), call.person.pk, Activity(body.activity.value))
    return _timer(begun.interval)


@work.delete("/timer", Scope.WORK)
def stop_timer(request: HttpRequest) -> None:
    """Stop whatever runs."""
    call = _for(request, SPECIALISTS)
    workdays.stop(call.cause(), call.person.pk)


def _for(request: HttpRequest, roles: frozenset[StaffRole]) -> Call:
    """The call of one of our people who has one of the roles; `PermissionDenied` else."""
    call = calls.of(request)
    if not call.access.staff & roles:
        raise PermissionDenied
    return call


def _rows(lines: Iterable[TicketLine]) -> list[TicketRow]:
    return [TicketRow.model_validate(line) for line in lines]


def _asked(one: Question) -> Asked:
    return Asked(
        id=one.id,
        kind=one.kind,
        ticket=TicketRow.model_validate(one.line),
        part=one.part,
        question=one.question,
        asked_by=PersonName.model_validate(one.asked_by) if one.asked_by else None,
        asked_at=one.asked_at,
        age_seconds=one.age_seconds,
        pauses=one.pauses,
    )


def _timer(running: Interval | None) -> Timer:
    if running is None:
        return Timer(activity=None, subject=None, since_at=None)
    return Timer(
        activity=running.activity, subject=running.subject or None, since_at=running.since_at
    )
