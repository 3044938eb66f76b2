"""Partners, their projects and dossiers, as a specialist needs them at hand."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from desk.knowledge import actions as knowledge
from desk.knowledge import queries as dossiers
from desk.knowledge.actions import Known
from desk.partners import queries as partners
from desk.partners.models import Project
from desk.staff.workplace import shown
from desk.staff.workplace.forms import long_text
from desk.staff.workplace.roles import FILES_TICKETS, KNOWS_PROJECTS
from desk.tickets import queries
from desk.tickets.queries import Filter, Show
from desk.web import access, edge, inputs
from desk.web.access import staff_page
from desk.web.forms import DeskForm, Guard


class DossierForm(DeskForm):
    """What is known of a project."""

    summary = long_text(gettext_lazy("What it is"), rows=5, required=False)
    setup = long_text(gettext_lazy("How it is set up"), rows=8, required=False)
    agreements = long_text(gettext_lazy("What was agreed"), rows=5, required=False)


@require_safe
@staff_page(*KNOWS_PROJECTS)
def index(request: HttpRequest) -> HttpResponse:
    """Partners whose projects I lead or cover, with these projects first."""
    person = edge.person(request)
    held = partners.assignments_of(person.pk)
    mine = {row.project_id: row.role for row in held}
    offered = list(partners.visible_partners(person))
    projects = Project.objects.filter(partner__in=offered).order_by("name")
    groups: dict[int, list[dict[str, Any]]] = {}
    for project in projects:
        groups.setdefault(project.partner_id, []).append(
            {"project": project, "role": mine.get(project.pk, "")}
        )
    rows = [
        {"partner": partner, "projects": sorted(groups.get(partner.pk, []), key=_own_first)}
        for partner in offered
    ]
    return render(request, "workplace/partners.html", {"partners": rows})


@require_safe
@staff_page(*KNOWS_PROJECTS)
def project(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project: its dossier, its people, its open tickets."""
    found = _project(project_id)
    person, at = edge.person(request), edge.now()
    narrowed = Filter(show=Show.OPEN, partner_id=found.partner_id, project_id=found.pk)
    page = queries.list_of(person, narrowed, at, "", access.of(request))
    people = partners.assigned([found.pk], at)
    context = {
        "project": found,
        "dossier": dossiers.dossier(found.pk),
        "rows": shown.rows(page.lines),
        "lead": people.get((found.pk, "lead")),
        "cover": people.get((found.pk, "cover")),
        "people": partners.people_of(found.partner_id),
        "live": f"project:{found.pk}",
        "may_file": bool(access.of(request).staff & FILES_TICKETS),
    }
    return render(request, "workplace/project.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*KNOWS_PROJECTS)
def dossier(request: HttpRequest, project_id: int) -> HttpResponse:
    """Write the dossier; who wrote meanwhile is told, and what was typed stays."""
    found, row = _project(project_id), dossiers.dossier(project_id)
    version = row.version if row else 0
    initial = {name: getattr(row, name) for name in knowledge.FIELDS} if row else {}
    form = DossierForm(request.POST or None, initial=initial)
    status = HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        cause = edge.cause(request, "workplace")
        try:
            known = Known(**form.cleaned_data)
            knowledge.write_dossier(cause, found.pk, known, cause.seen or 0)
        except knowledge.Stale:
            form.add_error(None, str(STALE))
            status = HTTPStatus.CONFLICT
        except knowledge.TextTooLong as error:
            form.add_error(error.field, inputs.shortcoming("text", "too_long"))
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        else:
            address = reverse("workplace:project", args=[found.pk])
            return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)
    context = {"form": form, "project": found, "guard": Guard(version=version), "row": row}
    return render(request, "workplace/dossier.html", context, status=status)


STALE = gettext_lazy(
    "Somebody wrote in this dossier meanwhile. Below is your text, beside it the present one: "
    "put them together and save again."
)


def _project(project_id: int) -> Project:
    found = Project.objects.select_related("partner").filter(pk=project_id).first()
    if found is None:
        raise Http404
    return found


def _own_first(row: dict[str, Any]) -> tuple[int, str]:
    return (("lead", "cover", "").index(row["role"]), row["project"].name)
