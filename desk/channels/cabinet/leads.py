"""The partner's managers: who leads and covers now, who will be absent, who led before; and asking
for another one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.channels.cabinet import redirects, shown
from desk.oversight.actions import manager_requests as asking
from desk.oversight.actions.manager_requests import Asking
from desk.oversight.models import ManagerRequest
from desk.oversight.queries import capacity
from desk.oversight.queries import manager_requests as queries
from desk.partners import queries as partners
from desk.partners.models import Assignment, PartnerRole, ProjectState
from desk.partners.queries import Held
from desk.tickets.actions import Incomplete
from desk.web import access, edge, formats, inputs
from desk.web.access import partner_page
from desk.web.forms import Guard
from desk.workdays import queries as workdays
from desk.workdays.models import Absence

Context = dict[str, Any]
AHEAD = timedelta(days=60)
BEFORE_MAX = 20


@require_safe
@partner_page()
def managers(request: HttpRequest) -> HttpResponse:
    """Who is there for each project, now and in the coming weeks."""
    return _page(request)


@require_POST
@partner_page(PartnerRole.OWNER)
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for another manager; the administrators read it, the specialist never."""
    text, project = request.POST.get("reason", ""), request.POST.get("project", "")
    asked = Asking(access.partner_id(request), text, shown.number(project) if project else None)
    try:
        asking.ask_manager(edge.cause(request, "cabinet"), asked)
    except Incomplete as error:
        said = inputs.shortcoming(error.field, error.why)
        return _page(request, {"reason": text, "project": project, "error": said})
    messages.success(request, _("Your request is with the administrators. They answer here."))
    return redirects.to("cabinet:managers")


def absences(partner_id: int, at: datetime) -> list[str]:
    """Who of the partner's managers is absent now or soon, and who stands in: one sentence each,
    without the reason."""
    held = [one for one in partners.projects_of(partner_id) if one.lead is not None]
    leads = {one.lead.pk for one in held if one.lead is not None}
    rows = [row for row in workdays.absences_between(at, at + AHEAD) if row.person_id in leads]
    return [_absence(row, held, at) for row in rows]


def _absence(row: Absence, held: list[Held], at: datetime) -> str:
    covers = {
        one.cover.name
        for one in held
        if one.lead is not None and one.lead.pk == row.person_id and one.cover is not None
    }
    words = {
        "person": row.person.name,
        "since": formats.moment(row.since_at),
        "until": formats.moment(row.until_at),
        "covers": ", ".join(sorted(covers)),
    }
    if not covers:
        return _("%(person)s is absent from %(since)s to %(until)s.") % words
    if row.since_at <= at:
        return _("%(person)s is absent until %(until)s. %(covers)s stands in.") % words
    return _("%(person)s is absent from %(since)s to %(until)s. %(covers)s stands in.") % words


def _page(request: HttpRequest, typed: dict[str, str] | None = None) -> HttpResponse:
    partner_id, at = access.partner_id(request), edge.now()
    held = partners.projects_of(partner_id)
    current = [one for one in held if one.project.state != ProjectState.ARCHIVED]
    is_owner = access.partner_role(request) == PartnerRole.OWNER
    asked = queries.of_partner(partner_id)[: queries.LIST_MAX] if is_owner else ()
    context = {
        "projects": [_project(one) for one in current],
        "absences": absences(partner_id, at),
        "before": _before(partner_id),
        "is_owner": is_owner,
        "requests": [_request(row) for row in asked],
        "choices": [(one.project.pk, one.project.name) for one in current],
        "typed": typed or {},
        "guard": Guard(),
        "live": f"partner:{partner_id}",
    }
    return render(request, "cabinet/managers.html", context, status=422 if typed else 200)


def _project(one: Held) -> Context:
    place = capacity.position(one.project.pk) if one.lead is None else None
    return {
        "name": one.project.name,
        "lead": one.lead.name if one.lead else "",
        "cover": one.cover.name if one.cover else "",
        "position": place[0] if place else None,
        "waits_since_at": one.project.waits_since_at,
    }


def _before(partner_id: int) -> list[Context]:
    """Changes of leads, the latest first: who it was, from when to when."""
    rows = Assignment.objects.filter(
        project__partner=partner_id, role="lead", until_at__isnull=False
    )
    rows = rows.select_related("project", "specialist__person").order_by("-until_at", "-pk")
    return [
        {
            "project": row.project.name,
            "person": row.specialist.person.name,
            "since_at": row.since_at,
            "until_at": row.until_at,
        }
        for row in rows[:BEFORE_MAX]
    ]


def _request(row: ManagerRequest) -> Context:
    return {
        "id": row.pk,
        "project": row.project.name if row.project else "",
        "reason": row.reason,
        "by": row.asked_by.name,
        "at": row.asked_at,
        "decided_at": row.decided_at,
        "agreed": row.agreed,
        "answer": row.answer,
        "decided_by": row.decided_by.name if row.decided_by else "",
    }
