"""The control room's board: who does what now, and where it is about to go wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from desk.partners import queries as partners
from desk.partners.models import Assignment, AssignmentRole, StaffRole
from desk.rules.lifecycle import ClockState, State, Turn
from desk.tickets.models import Clock, Dispute, Ticket
from desk.tickets.queries import broken, deadlines, matters, people, rows, workplace
from desk.tickets.queries.clockwork import Phase
from desk.tickets.queries.deadlines import Hours
from desk.tickets.queries.lines import (
    Away,
    Board,
    BoardBreach,
    OpenDispute,
    Seat,
    TicketLine,
)
from desk.tickets.queries.people import Names
from desk.tickets.queries.visibility import number
from desk.workdays.models import Absence, Interval

SEATS_MAX = 60
ACCEPTANCES_MAX = 30
RISKS_LOOKED_AT = 100
BREACHES_MAX = 50
DISPUTES_MAX = 50
ABSENT_MAX = 50
RISK_HORIZON = timedelta(days=4)


class NoCalendar(Exception):
    """The organisation has no service calendar yet: the first-run wizard comes first."""


def board(at: datetime) -> Board:
    """Everything the control room shows at one instant, in a constant number of queries.

    Raises `NoCalendar` before the desk is set up.
    """
    known = service_hours(at)
    clerk = rows.Clerk(at, Turn.SPECIALIST)
    running = _running(clerk, at)
    return Board(
        at=at,
        seats=_seats(known, clerk),
        acceptances=_acceptances(clerk),
        pool=workplace.pool(at),
        at_risk=tuple(x for x in running if x.deadline.phase in (Phase.SOON, Phase.LATE)),
        breaches=_breaches(known),
        away=_away(known),
        disputes=_disputes(known),
        is_open=known.is_open,
        opens_at=known.opens_at,
    )


def service_hours(at: datetime) -> Hours:
    """The organisation's calendar at `at`; raises `NoCalendar`."""
    calendar = partners.service_calendar(at)
    if calendar is None:
        raise NoCalendar
    return deadlines.hours(calendar, at)


def _running(clerk: rows.Clerk, at: datetime) -> tuple[TicketLine, ...]:
    """Running promises, the earliest due first: late ones, then those that come near."""
    near = Ticket.objects.exclude(clock=ClockState.ENDED).filter(
        due_at__lte=at + RISK_HORIZON, clock=ClockState.RUNS
    )
    return clerk.lines(rows.prepared(near.order_by("due_at"))[:RISKS_LOOKED_AT])


def _acceptances(clerk: rows.Clerk) -> tuple[TicketLine, ...]:
    waiting = Ticket.objects.exclude(clock=ClockState.ENDED).filter(state=State.SUBMITTED)
    return clerk.lines(rows.prepared(waiting.order_by("acceptance_due_at"))[:ACCEPTANCES_MAX])


def _seats(known: Hours, clerk: rows.Clerk) -> tuple[Seat, ...]:
    specialists = partners.staff_with(StaffRole.SPECIALIST).filter(is_active=True)
    ids = list(specialists.values_list("pk", flat=True)[:SEATS_MAX])
    names = people.load(ids, known.calendar, known.at)
    doing = {
        interval.person_id: interval
        for interval in Interval.objects.filter(person_id__in=ids, until_at=None, struck_at=None)
    }
    tickets = _tickets_of(doing.values())
    following = _next_promises(ids, clerk)
    seats = []
    for person_id in ids:
        card = names.card(person_id)
        interval = doing.get(person_id)
        ticket = tickets.get(_ticket_id(interval.subject)) if interval else None
        assert card is not None, "the ids come from the people"
        seats.append(
            Seat(
                person=card,
                activity=interval.activity if interval else "",
                since_at=interval.since_at if interval else None,
                ticket=number(ticket) if ticket else "",
                ticket_subject=ticket.subject if ticket else "",
                partner_name=ticket.partner.name if ticket else "",
                next_promise=following.get(person_id),
            )
        )
    return tuple(seats)


def _tickets_of(intervals: Collection[Interval]) -> Mapping[int, Ticket]:
    ids = {_ticket_id(interval.subject) for interval in intervals}
    return Ticket.objects.select_related("partner").in_bulk(ids - {0})


def _ticket_id(subject: str) -> int:
    """The ticket of "ticket:42/part:3"; 0 for another subject, or none."""
    kind, _, rest = subject.partition(":")
    digits = rest.partition("/")[0]
    return int(digits) if kind == "ticket" and digits.isdecimal() else 0


def _next_promises(ids: Sequence[int], clerk: rows.Clerk) -> Mapping[int, TicketLine]:
    """The earliest due of each one's running tickets."""
    earliest = (
        Ticket.objects.exclude(clock=ClockState.ENDED)
        .filter(executor_id__in=ids, clock=ClockState.RUNS, due_at__isnull=False)
        .order_by("executor_id", "due_at", "pk")
        .distinct("executor_id")
    )
    found = {}
    for ticket in rows.prepared(earliest):
        assert ticket.executor_id is not None, "chosen by executor"
        found[ticket.executor_id] = clerk.line(ticket)
    return found


def _breaches(known: Hours) -> tuple[BoardBreach, ...]:
    """Today's, in the organisation's day, the latest first."""
    today = known.calendar.date_of(known.at)
    since_at = known.calendar.moment(datetime(today.year, today.month, today.day))  # noqa: DTZ001  # a local midnight, turned into UTC by the calendar
    late = Clock.objects.filter(breached_at__gte=since_at, breached_at__lte=known.at)
    found = late.select_related("ticket__partner", "ticket__executor")
    return tuple(broken.line(clock) for clock in found.order_by("-breached_at")[:BREACHES_MAX])


def _away(known: Hours) -> tuple[Away, ...]:
    absences = list(
        Absence.objects.filter(
            withdrawn_at=None, since_at__lte=known.at, until_at__gt=known.at
        ).order_by("until_at", "pk")[:ABSENT_MAX]
    )
    ids = {absence.person_id for absence in absences}
    led = _present(known.at).filter(role=AssignmentRole.LEAD, specialist__person_id__in=ids)
    projects = defaultdict(list)
    for person_id, project_id, name in led.order_by("project__name").values_list(
        "specialist__person_id", "project_id", "project__name"
    ):
        projects[person_id].append((project_id, name))
    covers = _covers([project for held in projects.values() for project, _ in held], known.at)
    names = people.load(ids | set(covers.values()), known.calendar, known.at)
    found = []
    for absence in absences:
        card = names.card(absence.person_id)
        assert card is not None, "an absence has its person"
        covered = projects[absence.person_id]
        found.append(
            Away(
                person=card,
                kind=absence.kind,
                since_at=absence.since_at,
                until_at=absence.until_at,
                covered_by=tuple((name, names.ref(covers.get(pk))) for pk, name in covered),
            )
        )
    return tuple(found)


def _covers(project_ids: Collection[int], at: datetime) -> Mapping[int, int]:
    covers = _present(at).filter(role=AssignmentRole.COVER, project_id__in=project_ids)
    return dict(covers.values_list("project_id", "specialist__person_id"))


def _present(at: datetime) -> QuerySet[Assignment]:
    return Assignment.objects.filter(Q(until_at=None) | Q(until_at__gt=at), since_at__lte=at)


def _disputes(known: Hours) -> tuple[OpenDispute, ...]:
    """What waits for a ruling, the earliest due first."""
    waiting = Dispute.objects.filter(ruled_at=None).order_by("due_at", "pk")
    found = list(waiting.select_related("ticket__partner")[:DISPUTES_MAX])
    raised_by = {row.raised_by_id for row in found if row.raised_by_id is not None}
    names: Names = people.load(raised_by, known.calendar, known.at)
    return tuple(
        OpenDispute(
            dispute=matters.dispute(vars(row), names),
            ticket=number(row.ticket),
            ticket_subject=row.ticket.subject,
            partner_name=row.ticket.partner.name,
            executor_id=row.ticket.executor_id,
            late=row.due_at < known.at,
        )
        for row in found
    )
