"""Projects of a partner. A new one gets the partner's own specialist, or waits, visibly."""

from __future__ import annotations

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners import queries
from desk.partners.actions import checks
from desk.partners.actions.assignments import (
    CapExceeded,
    LeadIsCover,
    NotSpecialist,
    assign,
    release,
    wait,
)
from desk.partners.actions.locks import locked_partner, locked_project
from desk.partners.models import AssignmentRole, Project, ProjectState


class ProjectNameTaken(Exception):
    """The partner has a project of this name."""


def add_project(cause: Cause, partner_id: int, name: str, client: str, address: str) -> Project:
    """Add a project. The specialist who leads all of the partner's projects leads this one too;
    past the cap, or with nobody, it waits (`queries.waiting_projects`). `ProjectNameTaken`."""
    checked = _checked(name, client, address)
    content = {"verb": "add_project", "partner": partner_id, **checked}
    with transaction.atomic():
        locked_partner(partner_id)
        if entry := journal.repeated(cause, content):
            return Project.objects.get(pk=int(entry.subject.partition(":")[2]))
        _refuse_taken(partner_id, checked["name"])
        project = Project.objects.create(
            partner_id=partner_id, created_at=cause.at, waits_since_at=cause.at, **checked
        )
        facts = {"project": project.pk}
        subject = f"project:{project.pk}"
        entry = journal.record(cause, "add_project", subject, facts, partner_id, content)
        _give_lead(cause.follows(entry.pk), project)
        return project


def change_project(cause: Cause, project_id: int, name: str, client: str, address: str) -> Project:
    """Change what a project is called. `ProjectNameTaken`."""
    content = _checked(name, client, address)
    with transaction.atomic():
        project = locked_project(project_id)
        if content["name"] != project.name:
            _refuse_taken(project.partner_id, content["name"])
        changed = [field for field, value in content.items() if getattr(project, field) != value]
        for field in changed:
            setattr(project, field, content[field])
        if changed:
            project.save(update_fields=changed)
            facts = {"project": project.pk, "changed": changed}
            subject = f"project:{project.pk}"
            journal.record(cause, "change_project", subject, facts, project.partner_id)
        return project


def archive_project(cause: Cause, project_id: int) -> Project:
    """Put a project away: its lead and cover end at `cause.at`, and it counts no more."""
    with transaction.atomic():
        project = locked_project(project_id)
        if project.state == ProjectState.ARCHIVED:
            return project
        subject, facts = f"project:{project.pk}", {"project": project.pk}
        entry = journal.record(cause, "archive_project", subject, facts, project.partner_id)
        release(cause.follows(entry.pk), project)
        project.state, project.waits_since_at = ProjectState.ARCHIVED, None
        project.save(update_fields=["state", "waits_since_at"])
        return project


def restore_project(cause: Cause, project_id: int) -> Project:
    """Take a project out of the archive: it gets a lead as a new one does, or waits."""
    with transaction.atomic():
        project = locked_project(project_id)
        if project.state != ProjectState.ARCHIVED:
            return project
        project.state, project.waits_since_at = ProjectState.WAITING, cause.at
        project.save(update_fields=["state", "waits_since_at"])
        subject, facts = f"project:{project.pk}", {"project": project.pk}
        entry = journal.record(cause, "restore_project", subject, facts, project.partner_id)
        _give_lead(cause.follows(entry.pk), project)
        return project


def _checked(name: str, client: str, address: str) -> dict[str, str]:
    return {
        "name": checks.text("name", name, 200),
        "client": checks.optional("client", client, 200),
        "address": checks.address(address),
    }


def _refuse_taken(partner_id: int, name: str) -> None:
    if Project.objects.filter(partner_id=partner_id, name=name).exists():
        raise ProjectNameTaken


def _give_lead(cause: Cause, project: Project) -> None:
    """Name the partner's own lead and cover, as far as their caps allow. They stay the
    partner's, also while projects of others wait."""
    for role in (AssignmentRole.LEAD, AssignmentRole.COVER):
        person = queries.holder_throughout(project.partner_id, role)
        if person is None:
            if role == AssignmentRole.LEAD:
                wait(cause, project, role, None)
            continue
        try:
            assign(cause, project.pk, person.pk, role)
        except (CapExceeded, LeadIsCover, NotSpecialist):
            wait(cause, project, role, person.pk)
    project.refresh_from_db()
