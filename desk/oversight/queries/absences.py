"""What an absence would do: which tickets and promises fall in it, who stands in, what is missing.

Said in words before it happens: a project without a cover, a cover who is away as well, one who
would stand in for two at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk.partners.models import Assignment, AssignmentRole, Person, Project
from desk.rules.lifecycle import ClockState, Turn
from desk.rules.worktime import Window
from desk.tickets.models import Ticket
from desk.tickets.queries import rows
from desk.tickets.queries.lines import TicketLine
from desk.workdays import queries as workdays
from desk.workdays.models import Absence

AHEAD = timedelta(days=60)
TICKETS_MAX = 200


class Lack(StrEnum):
    NO_COVER = "no_cover"
    COVER_AWAY = "cover_away"
    TWO_AT_ONCE = "two_at_once"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is missing for a project from one moment to another; `cover` None where there is none,
    `other` is whom the cover stands in for besides."""

    lack: Lack
    project: Project
    cover: Person | None
    since_at: datetime
    until_at: datetime
    other: Person | None = None


@dataclass(frozen=True, slots=True)
class Led:
    """A project that would need its cover, and how many open tickets it has in those hands."""

    project: Project
    cover: Person | None
    tickets: int


@dataclass(frozen=True, slots=True)
class Preview:
    """An absence before it is noted, or as it is. `tickets` are handed over when it begins;
    `due` those of them that are due while it lasts."""

    person: Person
    since_at: datetime
    until_at: datetime
    tickets: tuple[TicketLine, ...]
    due: tuple[TicketLine, ...]
    projects: tuple[Led, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """An absence that is noted and has not ended, with what is missing."""

    absence: Absence
    findings: tuple[Finding, ...]


def preview(person: Person, span: Window, at: datetime) -> Preview:
    """What would happen from `span[0]` to `span[1]`, as things are at `at`."""
    since_at, until_at = span
    tickets = tickets_of(person.pk, at)
    held = _held([person.pk])
    counts: dict[int, int] = defaultdict(int)
    for line in tickets:
        counts[line.project_id] += 1
    leads = [row for row in held if row.specialist.person_id == person.pk]
    covers = covers_of(row.project_id for row in leads)
    return Preview(
        person=person,
        since_at=since_at,
        until_at=until_at,
        tickets=tickets,
        due=tuple(line for line in tickets if _falls(line, since_at, until_at)),
        projects=tuple(
            Led(row.project, covers.get(row.project_id), counts[row.project_id]) for row in leads
        ),
        findings=tuple(_findings(_Plan([person.pk], span), person.pk, span)),
    )


def coming(at: datetime) -> tuple[Coming, ...]:
    """Absences of now and the next two months, by beginning, with what each lacks."""
    absences = list(workdays.absences_between(at, at + AHEAD))
    if not absences:
        return ()
    first = min(row.since_at for row in absences)
    last = max(row.until_at for row in absences)
    plan = _Plan({row.person_id for row in absences}, (first, last))
    return tuple(
        Coming(row, tuple(_findings(plan, row.person_id, (max(row.since_at, at), row.until_at))))
        for row in absences
    )


def uncovered() -> list[Project]:
    """Active projects that nobody covers, by partner and name."""
    leads = Assignment.objects.filter(until_at=None, role=AssignmentRole.LEAD)
    covered = Assignment.objects.filter(until_at=None, role=AssignmentRole.COVER)
    found = Project.objects.filter(pk__in=leads.values("project"))
    found = found.exclude(pk__in=covered.values("project")).select_related("partner")
    return list(found.order_by("partner__name", "name"))


def tickets_of(person_id: int, at: datetime) -> tuple[TicketLine, ...]:
    """Open tickets that somebody has, the earliest first."""
    held = Ticket.objects.exclude(clock=ClockState.ENDED).filter(executor=person_id)
    found = rows.prepared(held.order_by("acceptance_due_at", "due_at", "pk"))
    return rows.Clerk(at, Turn.SPECIALIST).lines(found[:TICKETS_MAX])


class _Plan:
    """Who leads and covers what, and who is away when: for any number of absences."""

    def __init__(self, person_ids: Collection[int], span: Window) -> None:
        self.led: dict[int, list[Assignment]] = defaultdict(list)
        for row in _held(person_ids):
            self.led[row.specialist.person_id].append(row)
        projects = [row.project_id for held in self.led.values() for row in held]
        self.covers = covers_of(projects)
        people = {person.pk for person in self.covers.values()}
        self.away: dict[int, list[Absence]] = defaultdict(list)
        for absence in workdays.absences_between(*span):
            self.away[absence.person_id].append(absence)
        self.covered_by: dict[int, list[Assignment]] = defaultdict(list)
        leads = {row.project_id: row for row in self._leads_of_covered(people)}
        for project_id, person_id in self._covered(people):
            if project_id in leads:
                self.covered_by[person_id].append(leads[project_id])

    def _covered(self, people: Collection[int]) -> Iterable[tuple[int, int]]:
        rows = Assignment.objects.filter(
            until_at=None, role=AssignmentRole.COVER, specialist__person__in=people
        )
        return rows.values_list("project_id", "specialist__person_id")

    def _leads_of_covered(self, people: Collection[int]) -> Iterable[Assignment]:
        covered = Assignment.objects.filter(
            until_at=None, role=AssignmentRole.COVER, specialist__person__in=people
        )
        rows = Assignment.objects.filter(
            until_at=None, role=AssignmentRole.LEAD, project__in=covered.values("project")
        )
        return rows.select_related("specialist__person")

    def others(self, cover_id: int, person_id: int) -> Iterator[Absence]:
        """Absences of others whom the cover stands in for."""
        people = {row.specialist.person_id for row in self.covered_by[cover_id]} - {person_id}
        for number in sorted(people):
            yield from self.away[number]


def _findings(plan: _Plan, person_id: int, span: Window) -> Iterator[Finding]:
    told = set()
    for row in plan.led[person_id]:
        cover = plan.covers.get(row.project_id)
        if cover is None:
            yield Finding(Lack.NO_COVER, row.project, None, *span)
            continue
        for absence in plan.away[cover.pk]:
            if both := _overlap(span, absence):
                yield Finding(Lack.COVER_AWAY, row.project, cover, *both)
        for absence in plan.others(cover.pk, person_id):
            both = _overlap(span, absence)
            # It is the cover's, whatever the project: said once for each whom they stand in for.
            if both and (cover.pk, absence.pk) not in told:
                told.add((cover.pk, absence.pk))
                yield Finding(Lack.TWO_AT_ONCE, row.project, cover, *both, absence.person)


def _overlap(span: Window, absence: Absence) -> Window | None:
    start, end = max(span[0], absence.since_at), min(span[1], absence.until_at)
    return (start, end) if start < end else None


def _held(person_ids: Collection[int]) -> list[Assignment]:
    found = Assignment.objects.filter(
        until_at=None, role=AssignmentRole.LEAD, specialist__person__in=person_ids
    )
    found = found.select_related("project__partner", "specialist")
    return list(found.order_by("project__partner__name", "project__name"))


def covers_of(project_ids: Iterable[int]) -> Mapping[int, Person]:
    """Who covers each of these projects now."""
    found = Assignment.objects.filter(
        until_at=None, role=AssignmentRole.COVER, project__in=list(project_ids)
    )
    return {
        row.project_id: row.specialist.person for row in found.select_related("specialist__person")
    }


def _falls(line: TicketLine, since_at: datetime, until_at: datetime) -> bool:
    due_at = line.deadline.due_at
    return due_at is not None and since_at <= due_at < until_at
