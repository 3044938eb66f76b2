"""Reading the hotline: what is live for whom, the day's calls, whom to call back, what failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from desk.channels.models import Arrival, ArrivalState, Intake
from desk.channels.phone.fold import LIVE, CallState
from desk.channels.phone.models import Call, CallBack, Line
from desk.partners import queries as partners
from desk.partners.models import Assignment, StaffRole
from desk.tickets.queries import Access

CARDS_MAX = 5
CALLS_MAX = 200
FAILED_MAX = 20
OPEN_MAX = 100
Decision = Call.Decision


@dataclass(frozen=True, slots=True)
class Month:
    """The calls that came in this month, and what was made of them."""

    calls: int
    missed: int
    critical: int
    not_critical: int
    filed: int


def live(known: Access) -> list[Call]:
    """The calls that the person sees live: the own ones; an administrator those of nobody else."""
    mine = Q(duty=known.person_id)
    if StaffRole.ADMINISTRATOR in known.staff:
        mine |= Q(duty=None)
    # The words of the index, so that a desk without a call pays next to nothing.
    rows = _calls().filter(mine, state__in=LIVE, outgoing=False)
    return list(rows.order_by("started_at")[:CARDS_MAX])


def today(at: datetime) -> list[Call]:
    """The calls of the organisation's present day, the newest first."""
    return list(_calls().filter(started_at__gte=_midnight(at)).order_by("-started_at")[:CALLS_MAX])


def undecided(at: datetime) -> list[Call]:
    """Calls of the last day that were answered and of which nobody said what they were about."""
    since_at = at - timedelta(days=1)
    rows = _calls().filter(started_at__gte=since_at, outgoing=False, decision="")
    answered = rows.filter(state=CallState.ENDED, answered_at__isnull=False)
    return list(answered.order_by("-started_at")[:CALLS_MAX])


def call(call_id: int) -> Call:
    """One call with all that it names. Raises `Call.DoesNotExist`."""
    return _calls().get(pk=call_id)


def open_callbacks() -> list[CallBack]:
    """Whom to call back, the earliest due first, each with its missed calls."""
    rows = CallBack.objects.filter(done_at=None).select_related("line", "partner")
    return list(rows.prefetch_related("calls__person").order_by("due_at")[:OPEN_MAX])


def month(at: datetime) -> Month:
    """This month's figures, by the organisation's days."""
    first = _midnight(at, day=1)
    counted = Call.objects.filter(started_at__gte=first, outgoing=False).aggregate(
        calls=Count("pk"),
        missed=Count("pk", filter=Q(state=CallState.MISSED)),
        critical=Count("pk", filter=Q(decision=Decision.CRITICAL)),
        not_critical=Count("pk", filter=Q(decision=Decision.NOT_CRITICAL)),
        filed=Count("pk", filter=Q(decision=Decision.NOT_CRITICAL, ticket__isnull=False)),
    )
    return Month(**counted)


def may_listen(found: Call, known: Access, at: datetime) -> bool:
    """Who may hear what was said: administrators, who had the call or executes its ticket, and
    who leads or covers a project of the partner."""
    if StaffRole.ADMINISTRATOR in known.staff:
        return True
    if StaffRole.SPECIALIST not in known.staff:
        return False
    executor_id = found.ticket.executor_id if found.ticket is not None else None
    if known.person_id in (found.duty_id, found.decided_by_id, executor_id):
        return True
    rows = Assignment.objects.filter(specialist__person_id=known.person_id, since_at__lte=at)
    present = rows.filter(Q(until_at=None) | Q(until_at__gt=at))
    return (
        found.partner_id is not None
        and present.filter(project__partner_id=found.partner_id).exists()
    )


def lines() -> QuerySet[Line]:
    """Every line, in the order in which they were connected."""
    return Line.objects.select_related("calendar").order_by("pk")


def hotlines() -> QuerySet[Line]:
    """The lines that partners may call."""
    return lines().filter(paused_at=None)


def failed(line: Line) -> QuerySet[Arrival]:
    """Events of the line that nobody could read, the newest first, without their bytes."""
    rows = Arrival.objects.filter(channel=Intake.PHONE, source=line.key)
    waiting = rows.filter(state__in=[ArrivalState.QUARANTINED, ArrivalState.FAILED])
    return waiting.defer("raw").order_by("-id")[:FAILED_MAX]


def latest(line: Line) -> Arrival | None:
    """The last event that came in, whatever was made of it."""
    rows = Arrival.objects.filter(channel=Intake.PHONE, source=line.key)
    return rows.defer("raw").order_by("-id").first()


def _calls() -> QuerySet[Call]:
    named = ("line", "person", "partner", "project", "duty", "decided_by", "callback")
    return Call.objects.select_related(*named, "ticket__partner", "ticket__executor")


def _midnight(at: datetime, day: int | None = None) -> datetime:
    organisation = partners.organisation()
    zone = ZoneInfo(organisation.timezone if organisation else partners.DEFAULT_ZONE)
    local = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return local.replace(day=day) if day else local
