"""Who leads a project and who covers: dated rows. The database keeps the cap ("A personal
manager"); here its refusal becomes a word of the domain."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from desk.journal import actions as journal
from desk.journal import queries as history
from desk.journal.cause import Cause
from desk.lib.constraints import broken
from desk.partners import queries
from desk.partners.actions.locks import locked_partner, locked_project, locked_specialist
from desk.partners.models import (
    Assignment,
    AssignmentRole,
    Project,
    ProjectState,
    Specialist,
    StaffRole,
)


class CapExceeded(Exception):
    """The specialist leads, or covers, as many projects as allowed."""

    def __init__(self, person_id: int, role: AssignmentRole, most: int) -> None:
        super().__init__(f"person {person_id} may {role} at most {most}")
        self.person_id, self.role, self.max = person_id, role, most


class NotSpecialist(Exception):
    """Only specialists lead and cover."""


class LeadIsCover(Exception):
    """The lead of a project does not cover it: somebody else has to be there."""


class NotWaiting(Exception):
    """The project has its lead already: somebody else was quicker."""


class ProjectArchived(Exception):
    """Nobody leads an archived project."""


CAP_MAX = 1_000


def set_caps(cause: Cause, person_id: int, projects_max: int, covers_max: int) -> Specialist:
    """Set what a specialist may lead and cover at most. `CapExceeded` when that is less than
    what they have now; `NotSpecialist`."""
    with transaction.atomic():
        specialist = _specialist(person_id)
        wanted = {
            "projects_max": min(max(projects_max, 0), CAP_MAX),
            "covers_max": min(max(covers_max, 0), CAP_MAX),
        }
        if journal.earlier(cause, f"person:{person_id}", {"verb": "set_caps", **wanted}):
            return specialist
        specialist.projects_max = wanted["projects_max"]
        specialist.covers_max = wanted["covers_max"]
        try:
            specialist.save(update_fields=["projects_max", "covers_max"])
        except IntegrityError as error:
            if broken(error) != "assignment_cap":
                raise
            raise CapExceeded(person_id, AssignmentRole.LEAD, projects_max) from error
        journal.record(cause, "set_caps", f"person:{person_id}", wanted)
        return specialist


def assign(cause: Cause, project_id: int, person_id: int, role: AssignmentRole) -> Assignment:
    """Name the lead or the cover of a project; the one before hands over at `cause.at`.

    A waiting project gets active with its lead. Raises `CapExceeded` (the project stays as it
    was), `NotSpecialist`, `LeadIsCover`, `ProjectArchived`.
    """
    with transaction.atomic():
        project = locked_project(project_id)
        if project.state == ProjectState.ARCHIVED:
            raise ProjectArchived
        before = _open(project).filter(role=role).first()
        if before and before.specialist.person_id == person_id:
            return before
        specialist = _specialist(person_id)
        if before:
            _close(cause, before)
        row = _opened(cause, project, specialist, role, before)
        waited = role == AssignmentRole.LEAD and project.state == ProjectState.WAITING
        if waited:
            project.state, project.waits_since_at = ProjectState.ACTIVE, None
            project.save(update_fields=["state", "waits_since_at"])
        facts = {
            "project": project.pk,
            "role": str(role),
            "person": person_id,
            "before": before.specialist.person_id if before else None,
            "waited": waited,
        }
        journal.record(cause, "assign", f"project:{project.pk}", facts, project.partner_id)
        return row


def assign_partner(
    cause: Cause, partner_id: int, person_id: int, role: AssignmentRole
) -> list[Assignment]:
    """Name the lead or the cover of all projects of a partner that are not archived, at once.

    All or none: `CapExceeded` changes nothing, and the partner may be divided by project.
    """
    with transaction.atomic():
        locked_partner(partner_id)
        projects = Project.objects.filter(partner_id=partner_id).exclude(
            state=ProjectState.ARCHIVED
        )
        facts = {"role": str(role), "person": person_id}
        subject = f"partner:{partner_id}"
        entry = journal.earlier(cause, subject, {"verb": "assign_partner", **facts})
        if entry is None:
            entry = journal.record(cause, "assign_partner", subject, facts, partner_id)
        part = cause.follows(entry.pk)
        numbers = projects.order_by("pk").values_list("pk", flat=True)
        return [assign(part, number, person_id, role) for number in numbers]


def divide_partner(cause: Cause, partner_id: int, leads: Mapping[int, int]) -> list[Assignment]:
    """Name the lead of each of these projects of one partner, by project, all or none: how a
    partner larger than a cap is divided. Who leads one already keeps it. Raises what `assign`
    does, `Project.DoesNotExist` for another partner's."""
    with transaction.atomic():
        locked_partner(partner_id)
        pairs = sorted(leads.items())
        facts = {"projects": [project for project, _ in pairs], "people": [p for _, p in pairs]}
        subject = f"partner:{partner_id}"
        entry = journal.earlier(cause, subject, {"verb": "divide_partner", **facts})
        if entry is None:
            entry = journal.record(cause, "divide_partner", subject, facts, partner_id)
        part = cause.follows(entry.pk)
        own = {row.pk for row in Project.objects.filter(partner_id=partner_id, pk__in=leads)}
        if own != set(leads):
            raise Project.DoesNotExist
        return [assign(part, number, person, AssignmentRole.LEAD) for number, person in pairs]


def serve_waiting(
    cause: Cause, project_id: int, lead_id: int, cover_id: int | None = None
) -> Project:
    """Give a project that waits its lead, and a cover where it has none, both or neither. Raises
    what `assign` does; `NotWaiting` when somebody was quicker."""
    with transaction.atomic():
        project = locked_project(project_id)
        content = {"verb": "serve_waiting", "lead": lead_id, "cover": cover_id}
        subject = f"project:{project.pk}"
        if journal.earlier(cause, subject, content) is not None:
            return project
        if project.state != ProjectState.WAITING:
            raise NotWaiting
        since_at = project.waits_since_at
        facts = {
            "project": project.pk,
            "person": lead_id,
            "cover": cover_id,
            "since_at": since_at.isoformat() if since_at else None,
        }
        entry = journal.record(cause, "serve_waiting", subject, facts, project.partner_id, content)
        part = cause.follows(entry.pk)
        assign(part, project.pk, lead_id, AssignmentRole.LEAD)
        if cover_id is not None and not _open(project).filter(role=AssignmentRole.COVER).exists():
            assign(part, project.pk, cover_id, AssignmentRole.COVER)
        project.refresh_from_db()
        return project


def announce_place(cause: Cause) -> bool:
    """A place may have become free: tell the administrators of the first in line, once for each
    time that it waits; whether they were told."""
    with transaction.atomic():
        waiting = Project.objects.filter(state=ProjectState.WAITING)
        first = waiting.order_by("waits_since_at", "pk").first()
        if first is None or not any(load.leads < load.projects_max for load in _loads(first)):
            return False
        project = locked_project(first.pk)
        told = history.of(f"project:{project.pk}").filter(
            verb="place_free", at__gte=project.waits_since_at or cause.at
        )
        if project.state != ProjectState.WAITING or told.exists():
            return False
        facts = {"project": project.pk}
        subject = f"project:{project.pk}"
        journal.record(cause, "place_free", subject, facts, project.partner_id)
        return True


def _loads(project: Project) -> list[queries.Load]:
    """Who could lead it: whoever covers it cannot."""
    covers = _open(project).filter(role=AssignmentRole.COVER)
    barred = set(covers.values_list("specialist__person_id", flat=True))
    return [load for load in queries.specialists() if load.person.pk not in barred]


def unassign(cause: Cause, project_id: int, role: AssignmentRole) -> Project:
    """End the lead or the cover of a project; without a lead it waits again, visibly."""
    with transaction.atomic():
        project = locked_project(project_id)
        for row in _open(project).filter(role=role):
            _end(cause, row)
        if role == AssignmentRole.LEAD and project.state == ProjectState.ACTIVE:
            project.state, project.waits_since_at = ProjectState.WAITING, cause.at
            project.save(update_fields=["state", "waits_since_at"])
            wait(cause, project, AssignmentRole.LEAD, None)
        return project


def wait(cause: Cause, project: Project, role: AssignmentRole, person_id: int | None) -> None:
    """Put on record that a project waits for its lead, or goes without a cover: those who can
    help are told once. `person_id` is who would have been it, had the cap allowed."""
    facts = {"project": project.pk, "role": str(role), "person": person_id}
    journal.record(cause, "await_specialist", f"project:{project.pk}", facts, project.partner_id)


def release(cause: Cause, project: Project) -> None:
    """End whoever leads or covers a project that is being archived, under its partner's lock."""
    for row in _open(project):
        _end(cause, row)


def _specialist(person_id: int) -> Specialist:
    specialist = locked_specialist(person_id)
    if specialist is None or StaffRole.SPECIALIST not in queries.staff_roles(person_id):
        raise NotSpecialist
    return specialist


def _open(project: Project) -> QuerySet[Assignment]:
    rows = Assignment.objects.filter(project=project, until_at=None)
    return rows.select_related("specialist", "project")


def _opened(
    cause: Cause,
    project: Project,
    specialist: Specialist,
    role: AssignmentRole,
    before: Assignment | None,
) -> Assignment:
    """The new row; it begins where the one before ended."""
    since_at = before.until_at if before and before.until_at else cause.at
    row = Assignment(project=project, specialist=specialist, role=role, since_at=since_at)
    try:
        row.save()
    except IntegrityError as error:
        if broken(error) == "assignment_lead_is_not_cover":
            raise LeadIsCover from error
        if broken(error) == "assignment_cap":
            lead = role == AssignmentRole.LEAD
            most = specialist.projects_max if lead else specialist.covers_max
            raise CapExceeded(specialist.person_id, role, most) from error
        raise
    return row


def _end(cause: Cause, row: Assignment) -> None:
    _close(cause, row)
    facts = {"project": row.project_id, "role": row.role, "person": row.specialist.person_id}
    subject = f"project:{row.project_id}"
    journal.record(cause, "unassign", subject, facts, row.project.partner_id)


def _close(cause: Cause, row: Assignment) -> None:
    # Clocks of two machines may differ a little: a row never ends before it began.
    row.until_at = max(cause.at, row.since_at)
    row.save(update_fields=["until_at"])
