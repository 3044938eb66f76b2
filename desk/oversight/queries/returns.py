"""What happened while somebody was away, per project, and what may be taken back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from desk.journal.models import Entry
from desk.oversight.queries import briefs
from desk.partners.models import Assignment, AssignmentRole, Person, Project
from desk.rules.lifecycle import STATES, State, Turn
from desk.tickets.models import Promise, Ticket
from desk.tickets.queries import rows
from desk.tickets.queries.lines import TicketLine
from desk.workdays import queries as workdays
from desk.workdays.models import Absence

# A digest is of use while it is news; after a standstill of ours longer than that nobody is told.
LOOK_BACK = timedelta(days=4)
TICKETS_MAX = 500
EVENTS_MAX = 200
# What was decided meanwhile, beside what was opened and resolved.
DECISIONS = (
    "decline",
    "approve",
    "refuse",
    "re_promise",
    "agree",
    "disagree",
    "reclassify",
    "confirm_defect",
    "cancel",
    "return",
    "reopen",
    "contest",
    "rule",
)


@dataclass(frozen=True, slots=True)
class Event:
    """A decision on a ticket: a verb of the lifecycle, when, and by whom (None: the desk)."""

    ticket: str
    subject: str
    verb: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise made meanwhile; the one who is back may have to keep it."""

    ticket: str
    subject: str
    due_at: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class OfProject:
    """What happened on one project. `dossier` tells who changed it last and when, "" for nobody;
    `opened` are numbers of tickets with their subjects, `resolved` likewise."""

    project: Project
    opened: tuple[tuple[str, str], ...]
    resolved: tuple[tuple[str, str], ...]
    decisions: tuple[Event, ...]
    promises: tuple[Promised, ...]
    dossier_by: str
    dossier_at: datetime | None


@dataclass(frozen=True, slots=True)
class Back:
    """A ticket that may be taken back, who has it, and whether they work on it now."""

    line: TicketLine
    at_hand: bool


@dataclass(frozen=True, slots=True)
class Digest:
    absence: Absence
    projects: tuple[OfProject, ...]
    back: tuple[Back, ...]


def ended(at: datetime) -> list[Absence]:
    """Absences that are over, whose tickets were handed over, and of which nobody was told yet;
    not of somebody who is away for another reason."""
    over = Q(withdrawn_at=None, until_at__lte=at, until_at__gt=at - LOOK_BACK)
    early = Q(withdrawn_at__gt=at - LOOK_BACK)
    found = Absence.objects.filter(over | early, handed_over_at__isnull=False, back=None)
    rows = list(found.order_by("pk"))
    away = workdays.away_among({row.person_id for row in rows}, at)
    return [row for row in rows if row.person_id not in away]


def digest(absence: Absence, at: datetime) -> Digest:
    """What happened on the projects that the absent one leads, from the beginning of the absence
    until its end, or until now."""
    until_at = min(at, absence.withdrawn_at or absence.until_at)
    projects = _projects(absence)
    tickets = _tickets(projects, absence.since_at)
    entries = _entries(tickets, absence.since_at, until_at)
    names = _names(entries)
    opened, resolved, decided = _sorted(entries, tickets, names)
    promises = _promises(tickets, absence.since_at, until_at)
    dossiers = _dossiers(projects, absence, until_at)
    return Digest(
        absence,
        tuple(
            OfProject(
                project,
                tuple(opened[project.pk]),
                tuple(resolved[project.pk]),
                tuple(decided[project.pk]),
                tuple(promises[project.pk]),
                *dossiers.get(project.pk, ("", None)),
            )
            for project in projects.values()
        ),
        back(absence, at),
    )


def counts(absence: Absence, at: datetime) -> dict[str, int]:
    """How much happened, for the notice."""
    found = digest(absence, at)
    total: Counter[str] = Counter()
    for one in found.projects:
        total["opened"] += len(one.opened)
        total["resolved"] += len(one.resolved)
        total["decisions"] += len(one.decisions)
        total["promises"] += len(one.promises)
    total["back"] = len(found.back)
    return dict(total)


def back(absence: Absence, at: datetime) -> tuple[Back, ...]:
    """Open tickets that were handed over for the absence and that somebody else still has."""
    numbers = briefs.handed_over(absence)
    open_states = [state for state, row in STATES.items() if row.open]
    held = Ticket.objects.filter(pk__in=numbers, state__in=open_states)
    held = held.exclude(executor=absence.person_id)
    found = list(rows.prepared(held.order_by("acceptance_due_at", "due_at", "pk"))[:TICKETS_MAX])
    running = workdays.running_among({row.executor_id for row in found if row.executor_id})
    doing = {row.subject.partition("/")[0] for row in running.values()}
    clerk = rows.Clerk(at, Turn.SPECIALIST)
    return tuple(Back(clerk.line(row), row.key in doing) for row in found)


def _projects(absence: Absence) -> dict[int, Project]:
    """Led by the absent one at any time of the absence."""
    led = Assignment.objects.filter(
        Q(until_at=None) | Q(until_at__gt=absence.since_at),
        role=AssignmentRole.LEAD,
        specialist__person=absence.person_id,
        since_at__lt=absence.until_at,
    )
    found = Project.objects.filter(pk__in=led.values("project")).select_related("partner")
    return {row.pk: row for row in found.order_by("partner__name", "name")}


def _tickets(projects: Collection[int], since_at: datetime) -> dict[str, Ticket]:
    """Tickets of the projects that anything happened on since, by their keys."""
    found = Ticket.objects.filter(project__in=projects, changed_at__gte=since_at)
    chosen = found.select_related("partner").only(
        "number", "subject", "project", "partner__code", "state"
    )
    return {row.key: row for row in chosen.order_by("-changed_at")[:TICKETS_MAX]}


def _entries(tickets: Collection[str], since_at: datetime, until_at: datetime) -> list[Entry]:
    wanted = ("submit", "confirm", *DECISIONS)
    found = Entry.objects.filter(subject__in=tickets, verb__in=wanted)
    return list(found.filter(at__gte=since_at, at__lt=until_at).order_by("id"))


def _sorted(
    entries: Collection[Entry], tickets: Mapping[str, Ticket], names: Mapping[str, str]
) -> tuple[
    dict[int, list[tuple[str, str]]], dict[int, list[tuple[str, str]]], dict[int, list[Event]]
]:
    opened, resolved = defaultdict(list), defaultdict(list)
    decided: dict[int, list[Event]] = defaultdict(list)
    for entry in entries:
        ticket = tickets[entry.subject]
        title = (_number(ticket), ticket.subject)
        if entry.verb == "submit":
            opened[ticket.project_id].append(title)
        elif entry.verb == "confirm":
            if ticket.state == State.RESOLVED:
                resolved[ticket.project_id].append(title)
        elif len(decided[ticket.project_id]) < EVENTS_MAX:
            event = Event(*title, entry.verb, entry.at, names.get(entry.by, ""))
            decided[ticket.project_id].append(event)
    return opened, resolved, decided


def _names(entries: Collection[Entry]) -> dict[str, str]:
    people = {int(row.by.partition(":")[2]) for row in entries if row.by.startswith("person:")}
    found = Person.objects.filter(pk__in=people).values_list("pk", "name")
    return {f"person:{number}": name for number, name in found}


def _promises(
    tickets: Mapping[str, Ticket], since_at: datetime, until_at: datetime
) -> dict[int, list[Promised]]:
    """Promises made meanwhile on what is still open."""
    by_id = {row.pk: row for row in tickets.values() if STATES[State(row.state)].open}
    made: QuerySet[Promise] = Promise.objects.filter(ticket__in=by_id)
    made = made.filter(made_at__gte=since_at, made_at__lt=until_at).select_related("executor")
    found: dict[int, list[Promised]] = defaultdict(list)
    for row in made.order_by("id"):
        ticket, by = by_id[row.ticket_id], row.executor.name if row.executor else ""
        found[ticket.project_id].append(Promised(_number(ticket), ticket.subject, row.due_at, by))
    return found


def _dossiers(
    projects: Collection[int], absence: Absence, until_at: datetime
) -> dict[int, tuple[str, datetime]]:
    """Who else wrote in a dossier meanwhile, last."""
    keys = [f"project:{number}" for number in projects]
    wrote = Entry.objects.filter(subject__in=keys, verb="write_dossier", at__lt=until_at)
    wrote = wrote.filter(at__gte=absence.since_at).exclude(by=f"person:{absence.person_id}")
    entries = list(wrote.order_by("id"))
    names = _names(entries)
    return {
        int(row.subject.removeprefix("project:")): (names.get(row.by, ""), row.at)
        for row in entries
    }


def _number(ticket: Ticket) -> str:
    return f"{ticket.partner.code}-{ticket.number}"
