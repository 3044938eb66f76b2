"""The brief of a hand-over: what is known of each project, and each open thread, for whoever stands
in. It is made from dossier and tickets as they are now; what the absent one adds stands beside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from desk.journal.models import Entry
from desk.knowledge.models import Dossier
from desk.oversight.models import BriefNote
from desk.oversight.queries import absences
from desk.partners.models import Assignment, AssignmentRole, Person, Project, StaffRole
from desk.rules.lifecycle import ClockState, Turn
from desk.tickets.models import Consultation, Message, MessageKind, Part, PartState, Promise, Ticket
from desk.tickets.queries import Access, rows
from desk.tickets.queries.lines import TicketLine
from desk.workdays.models import Absence

PROJECTS_MAX = 100
HANDED_MAX = 1_000
SAID = (MessageKind.PARTNER, MessageKind.STAFF, MessageKind.QUESTION, MessageKind.HANDOVER)
SEES_ALL = frozenset({StaffRole.ADMINISTRATOR, StaffRole.VENDOR})


@dataclass(frozen=True, slots=True)
class Said:
    """The last of what was said: by whom, when, and whether it was our question."""

    by: str
    at: datetime
    text: str
    is_question: bool


@dataclass(frozen=True, slots=True)
class Open:
    """An open ticket: its line with state and deadline, what was promised and when, what was said
    last, parts done of all, whether production is asked, and the note of the absent one."""

    line: TicketLine
    promised_at: datetime | None
    promised_due_at: datetime | None
    said: Said | None
    parts_done: int
    parts: int
    consulted: bool
    note: str


@dataclass(frozen=True, slots=True)
class OfProject:
    """A project with what is to be read first (`dossier`, None when nothing was written)."""

    project: Project
    cover: Person | None
    dossier: Dossier | None
    note: str
    tickets: tuple[Open, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    absence: Absence
    projects: tuple[OfProject, ...]

    @property
    def tickets(self) -> int:
        return sum(len(one.tickets) for one in self.projects)


def visible_to(known: Access) -> QuerySet[Absence]:
    """Absences whose brief a person may read: the own ones, those of leads whom they cover, or
    whose tickets they were given; administrators and the desk's owner read all."""
    found = Absence.objects.filter(withdrawn_at=None).select_related("person")
    if known.staff & SEES_ALL:
        return found
    if StaffRole.SPECIALIST not in known.staff:
        return found.none()
    me = known.person_id
    covered = Assignment.objects.filter(
        until_at=None, role=AssignmentRole.COVER, specialist__person=me
    )
    leads = Assignment.objects.filter(
        until_at=None, role=AssignmentRole.LEAD, project__in=covered.values("project")
    )
    return found.filter(
        Q(person=me) | Q(person__in=leads.values("specialist__person")) | Q(pk__in=_given_to(me))
    )


def absence_of(known: Access, absence_id: int) -> Absence:
    """The absence, or `Absence.DoesNotExist` for who may not read its brief."""
    return visible_to(known).get(pk=absence_id)


def brief(absence: Absence, at: datetime, reader: int | None = None) -> Brief:
    """Everything that whoever stands in must know; of `reader`'s projects only where one is
    named who is not the absent one."""
    tickets = _tickets(absence, reader)
    projects = _projects(absence, tickets, reader)
    notes = dict(BriefNote.objects.filter(absence=absence).values_list("subject", "text"))
    found = Dossier.objects.filter(project__in=projects).select_related("updated_by")
    dossiers = {row.project_id: row for row in found}
    covers = absences.covers_of(projects)
    threads = _threads(tickets, notes, at)
    return Brief(
        absence,
        tuple(
            OfProject(
                project=project,
                cover=covers.get(project.pk),
                dossier=dossiers.get(project.pk),
                note=notes.get(f"project:{project.pk}", ""),
                tickets=tuple(one for one in threads if one.line.project_id == project.pk),
            )
            for project in projects.values()
        ),
    )


def of_ticket(ticket_id: int, executor_id: int | None, at: datetime) -> Absence | None:
    """The absence through which the ticket's executor has it, while it lasts: its brief is worth
    reading beside the ticket."""
    entries = Entry.objects.filter(subject=f"ticket:{ticket_id}", verb="hand_over")
    last = entries.order_by("-id").first()
    if last is None or last.facts.get("executor") != executor_id:
        return None
    number = last.facts.get("absence")
    rows = Absence.objects.filter(pk=number, withdrawn_at=None, until_at__gt=at) if number else None
    return rows.select_related("person").first() if rows is not None else None


def handed_over(absence: Absence) -> frozenset[int]:
    """The tickets that were handed over because of an absence."""
    return frozenset(number for number, _ in _handed(absence.pk))


def _handed(absence_id: int) -> Iterable[tuple[int, int | None]]:
    rows = Entry.objects.filter(verb="hand_over", facts__absence=absence_id)
    absent = Absence.objects.filter(pk=absence_id).values_list("since_at", flat=True)
    # The index of hand-overs is by time: nothing is handed over before an absence begins.
    rows = rows.filter(at__gte=absent.get())
    for subject, facts in rows.values_list("subject", "facts"):
        yield int(subject.removeprefix("ticket:")), facts.get("executor")


def _given_to(person_id: int) -> list[int]:
    rows = Entry.objects.filter(
        verb="hand_over", facts__executor=person_id, facts__absence__isnull=False
    )
    latest = rows.order_by("-at").values_list("facts__absence", flat=True)[:HANDED_MAX]
    return [number for number in latest if number]


def _tickets(absence: Absence, reader: int | None) -> list[Ticket]:
    """Open tickets that the absent one has, and those that were handed over for it."""
    mine = Q(executor=absence.person_id) | Q(pk__in=handed_over(absence))
    found = Ticket.objects.exclude(clock=ClockState.ENDED).filter(mine)
    if reader is not None and reader != absence.person_id:
        covered = Assignment.objects.filter(
            until_at=None, role=AssignmentRole.COVER, specialist__person=reader
        )
        found = found.filter(Q(executor=reader) | Q(project__in=covered.values("project")))
    ordered = found.order_by("project", "acceptance_due_at", "due_at", "pk")
    return list(rows.prepared(ordered)[: absences.TICKETS_MAX])


def _projects(
    absence: Absence, tickets: Iterable[Ticket], reader: int | None
) -> dict[int, Project]:
    led = Assignment.objects.filter(
        until_at=None, role=AssignmentRole.LEAD, specialist__person=absence.person_id
    )
    if reader is not None and reader != absence.person_id:
        covered = Assignment.objects.filter(
            until_at=None, role=AssignmentRole.COVER, specialist__person=reader
        )
        led = led.filter(project__in=covered.values("project"))
    wanted = Q(pk__in=led.values("project")) | Q(pk__in={row.project_id for row in tickets})
    found = Project.objects.filter(wanted).select_related("partner")
    return {row.pk: row for row in found.order_by("partner__name", "name")[:PROJECTS_MAX]}


def _threads(
    tickets: Collection[Ticket], notes: Mapping[str, str], at: datetime
) -> tuple[Open, ...]:
    ids = [row.pk for row in tickets]
    said, promised = _said(ids), _promised(ids)
    parts = _parts(ids)
    asked = set(
        Consultation.objects.filter(
            ticket__in=ids, answered_at=None, withdrawn_at=None
        ).values_list("ticket_id", flat=True)
    )
    clerk = rows.Clerk(at, Turn.SPECIALIST)
    return tuple(
        Open(
            line=clerk.line(row),
            promised_at=promised[row.pk].made_at if row.pk in promised else None,
            promised_due_at=promised[row.pk].due_at if row.pk in promised else None,
            said=said.get(row.pk),
            parts_done=parts[row.pk].count(PartState.FINISHED),
            parts=len(parts[row.pk]),
            consulted=row.pk in asked,
            note=notes.get(row.key, ""),
        )
        for row in tickets
    )


def _parts(ticket_ids: Collection[int]) -> dict[int, list[str]]:
    """The states of each ticket's parts, without those that were released."""
    found: dict[int, list[str]] = {number: [] for number in ticket_ids}
    rows = Part.objects.filter(ticket__in=ticket_ids).exclude(state=PartState.RELEASED)
    for ticket_id, state in rows.values_list("ticket_id", "state"):
        found[ticket_id].append(state)
    return found


def _said(ticket_ids: Collection[int]) -> dict[int, Said]:
    """The last message of each, notes left out."""
    found = Message.objects.filter(ticket__in=ticket_ids, kind__in=SAID).select_related("author")
    last = found.order_by("ticket", "-at", "-id").distinct("ticket")
    return {
        row.ticket_id: Said(
            row.author.name if row.author else "",
            row.at,
            row.text,
            row.kind == MessageKind.QUESTION,
        )
        for row in last
    }


def _promised(ticket_ids: Collection[int]) -> dict[int, Promise]:
    found = Promise.objects.filter(ticket__in=ticket_ids).order_by("ticket", "-id")
    return {row.ticket_id: row for row in found.distinct("ticket")}
