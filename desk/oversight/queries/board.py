"""What the Standard adds to the control room's board: who is in a shift and keeps its plan, the
limits of open critical errors, what was found today; in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.oversight.models import Acknowledgement, DayPlan, Violation
from desk.oversight.queries import control, drawing, editions
from desk.oversight.queries.editions import InForce
from desk.partners.models import StaffMembership, StaffRole
from desk.rules.lifecycle import STATES
from desk.rules.standard.edition import Severity
from desk.rules.standard.obligation import Outcome
from desk.rules.standard.parameters import Minutes
from desk.tickets.models import Ticket
from desk.tickets.queries import number
from desk.workdays import queries as workdays
from desk.workdays.queries import Shift

STANCES_MAX = 200
CRITICALS_MAX = 20
FOUND_MAX = 50
PLAN_RULE = "plan_confirmed"
OPEN = [state for state, row in STATES.items() if row.open]
# Obligations of clauses 5.1 and 5.2 by the end of their keys.
CRITICAL_LIMITS = (
    "critical_accept",
    "critical_begin",
    "escalate_production",
    "escalate_administrator",
)
SEVERITIES = tuple(reversed(Severity))


@dataclass(frozen=True, slots=True)
class Misfit:
    """A ticket that will not be done by its deadline as the day is planned."""

    ticket: str
    subject: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Stance:
    """A specialist's shift of today. `plan_due_at`: the plan is not confirmed and should be by
    then. `misfits` are tickets that the confirmed plan does not hold; `unread` the numbers of
    editions that should have been acknowledged."""

    person_id: int
    name: str
    since_at: datetime
    until_at: datetime
    is_present: bool
    plan_due_at: datetime | None
    misfits: tuple[Misfit, ...]
    unread: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CriticalLimit:
    """A limit of clause 5.1 or 5.2 that runs, or has passed and was not met. `what` is one of
    `CRITICAL_LIMITS`."""

    ticket: str
    subject: str
    clause: str
    what: str
    person: str
    limit_at: datetime
    passed: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A violation found today."""

    id: int
    clause: str
    severity: str
    person: str
    ticket_id: int | None
    at: datetime
    excuse: str
    ruled: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it at one instant."""

    at: datetime
    stances: tuple[Stance, ...]
    criticals: tuple[CriticalLimit, ...]
    found: tuple[Found, ...]


def standing(at: datetime) -> Standing:
    """What the Standard says of this moment. Raises `workdays.NoHours` before the desk is set
    up."""
    names = _specialists()
    return Standing(
        at, _stances(names, at), _criticals(names, at), found_since(drawing.midnight(at), at)
    )


def found_since(since_at: datetime, at: datetime) -> tuple[Found, ...]:
    """Violations found in a span, the gravest first, then the latest."""
    rows = Violation.objects.filter(found_at__gte=since_at, found_at__lte=at)
    latest = rows.select_related("person", "ruling").order_by("-found_at", "-pk")[:FOUND_MAX]
    found = [
        Found(
            row.pk,
            row.clause,
            row.severity,
            row.person.name,
            row.ticket_id,
            row.at,
            row.excuse,
            hasattr(row, "ruling"),
        )
        for row in latest
    ]
    return tuple(sorted(found, key=lambda one: SEVERITIES.index(Severity(one.severity))))


def _specialists() -> dict[int, str]:
    rows = StaffMembership.objects.filter(
        role=StaffRole.SPECIALIST, until_at=None, person__is_active=True
    )
    found = rows.order_by("person__name").values_list("person_id", "person__name")
    return dict(found[:STANCES_MAX])


def _stances(names: dict[int, str], at: datetime) -> tuple[Stance, ...]:
    """Everybody who has a shift today, in the order of its beginning."""
    shifts = workdays.shifts(names, at)
    if not shifts:
        return ()
    plans = _plans(shifts)
    misfits = _misfits(plans, at)
    held = editions.at(at)
    unread = _unread(shifts, held)
    minutes = _plan_minutes(held)
    found = []
    for person_id, shift in shifts.items():
        plan = plans.get(person_id)
        due_at = shift.since_at + timedelta(minutes=minutes) if minutes else None
        found.append(
            Stance(
                person_id=person_id,
                name=names[person_id],
                since_at=shift.since_at,
                until_at=shift.until_at,
                is_present=shift.since_at <= at < shift.until_at,
                plan_due_at=due_at if plan is None and at >= shift.since_at else None,
                misfits=misfits.get(person_id, ()),
                unread=tuple(unread.get(person_id, ())),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.since_at, one.name)))


def _plans(shifts: dict[int, Shift]) -> dict[int, DayPlan]:
    first = min(shift.since_at for shift in shifts.values())
    last = max(shift.until_at for shift in shifts.values())
    rows = DayPlan.objects.filter(person__in=shifts, since_at__lt=last, until_at__gt=first)
    return {row.person_id: row for row in rows.order_by("since_at")}


def _misfits(plans: dict[int, DayPlan], at: datetime) -> dict[int, tuple[Misfit, ...]]:
    """What was found not to fit when each plan was last made, as far as it is still open and its
    deadline ahead."""
    said = {
        person_id: {
            str(row["subject"]).partition("/")[0]: str(row["due_at"]) for row in plan.misfit
        }
        for person_id, plan in plans.items()
        if plan.until_at > at and plan.misfit
    }
    numbers = {int(key.removeprefix("ticket:")) for each in said.values() for key in each}
    if not numbers:
        return {}
    rows = Ticket.objects.filter(pk__in=numbers, state__in=OPEN).select_related("partner")
    tickets = {row.key: row for row in rows}
    return {
        person_id: tuple(
            Misfit(number(tickets[key]), tickets[key].subject, datetime.fromisoformat(due_at))
            for key, due_at in each.items()
            if key in tickets and datetime.fromisoformat(due_at) > at
        )
        for person_id, each in said.items()
    }


def _plan_minutes(held: InForce | None) -> int:
    """How long after the beginning of a shift its plan is due; 0 where nothing asks for one."""
    if held is None:
        return 0
    for clause in held.rules.clauses:
        for rule in clause.rules:
            if rule.kind == PLAN_RULE and isinstance(rule.parameters, Minutes):
                return rule.parameters.minutes
    return 0


def _unread(shifts: dict[int, Shift], held: InForce | None) -> dict[int, list[int]]:
    """The edition in force, of those who have a shift under it and have not acknowledged it."""
    if held is None:
        return {}
    known = Acknowledgement.objects.filter(edition=held.id, person__in=shifts)
    read = set(known.values_list("person_id", flat=True))
    return {person_id: [held.number] for person_id in shifts if person_id not in read}


def _criticals(names: dict[int, str], at: datetime) -> tuple[CriticalLimit, ...]:
    """The limits of open critical errors, what comes first at the top."""
    rows = Ticket.objects.filter(state__in=OPEN, critical_claim=True, executor__isnull=False)
    tickets = {row.key: row for row in rows.select_related("partner")[:CRITICALS_MAX]}
    holders = {row.executor_id for row in tickets.values() if row.executor_id is not None}
    if not tickets:
        return ()
    found = []
    for person_id, mine in control.findings(holders, at).items():
        for one in mine:
            owed, judged = one.found.obligation, one.found.judgement
            what = owed.key.partition("/")[2]
            ticket = tickets.get(owed.ticket)
            if what not in CRITICAL_LIMITS or ticket is None or judged.limit_at is None:
                continue
            if judged.outcome in (Outcome.OPEN, Outcome.VIOLATED) and owed.met_at is None:
                found.append(
                    CriticalLimit(
                        number(ticket),
                        ticket.subject,
                        one.found.clause.number,
                        what,
                        names.get(person_id, ""),
                        judged.limit_at,
                        judged.outcome == Outcome.VIOLATED,
                    )
                )
    return tuple(sorted(found, key=lambda one: (one.limit_at, one.ticket, one.what)))
