"""Projects: the end clients' installations, who leads and who covers each."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from ninja import Query
from pydantic import BaseModel, Field

from desk.channels.api import calls, paging
from desk.channels.api.calls import Call
from desk.channels.api.paging import Page, Paging
from desk.channels.api.routing import Area
from desk.channels.api.scopes import Scope
from desk.channels.api.shapes import Id
from desk.channels.api.whose import Named, PartnerId
from desk.partners import queries as partners
from desk.partners.models import ProjectState
from desk.partners.queries import Held

projects = Area("projects", "Installations of end clients, with who leads and who covers them.")


class ProjectCard(BaseModel):
    """One installation of an end client."""

    id: int
    partner_id: int
    name: str
    client: str = Field(description="The end client; empty when nobody wrote it down.")
    address: str
    state: ProjectState = Field(
        description="`waiting`: no specialist is free yet. `archived`: takes no more tickets."
    )
    lead: Named | None = Field(description="The personal manager of the project.")
    cover: Named | None = Field(description="Who stands in when the lead is away.")


class Projects(Page[ProjectCard]):
    """A page of projects."""


class ProjectsWanted(Paging):
    """Which projects."""

    partner_id: PartnerId = None
    state: ProjectState | None = None


@projects.get("/projects", Scope.PROJECTS_READ, Projects)
def list_projects(request: HttpRequest, wanted: Query[ProjectsWanted]) -> Projects:
    """List projects.

    Those of the partners that the token's person belongs to; our own people see all. The oldest
    first.
    """
    place = paging.opened("projects", wanted)
    found = partners.projects_after(
        int(str(place[0])) if place else 0,
        wanted.limit + 1,
        _seen(calls.of(request), wanted.partner_id),
        wanted.state,
    )
    shown, cursor = paging.cut("projects", wanted, found, lambda held: (held.project.pk,))
    return Projects(items=[_project(held) for held in shown], next_cursor=cursor)


@projects.get("/projects/{int:project_id}", Scope.PROJECTS_READ, ProjectCard)
def read_project(request: HttpRequest, project_id: Id) -> ProjectCard:
    """Read one project."""
    return _project(_held(calls.of(request), project_id))


def _held(call: Call, project_id: int) -> Held:
    found = partners.projects_after(project_id - 1, 1, _seen(call, None))
    if not found or found[0].project.pk != project_id:
        raise ObjectDoesNotExist
    return found[0]


def _seen(call: Call, wanted: int | None) -> list[int] | None:
    """The partners whose projects the person may see; None: all of them, for our own people."""
    if call.access.is_staff:
        return None if wanted is None else [wanted]
    own = [role.partner_id for role in call.access.roles]
    return own if wanted is None else [one for one in own if one == wanted]


def _project(held: Held) -> ProjectCard:
    project = held.project
    return ProjectCard(
        id=project.pk,
        partner_id=project.partner_id,
        name=project.name,
        client=project.client,
        address=project.address,
        state=ProjectState(project.state),
        lead=Named(id=held.lead.pk, name=held.lead.name) if held.lead else None,
        cover=Named(id=held.cover.pk, name=held.cover.name) if held.cover else None,
    )
