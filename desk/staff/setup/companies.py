"""Partners: enrolling and changing them, their people and projects, who leads and covers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk.partners import actions, queries
from desk.partners.models import AssignmentRole, Partner, PartnerRole, Project, StaffRole
from desk.staff.setup import people, shown
from desk.staff.setup.forms import (
    AssignForm,
    PartnerForm,
    PartnerInviteForm,
    ProjectForm,
    partner_roles,
)
from desk.staff.setup.once import once
from desk.web import edge
from desk.web.access import staff_page
from desk.web.attempts import attempt, attempt_button
from desk.web.forms import Guards

CHANNEL = "setup"


@require_GET
@staff_page(StaffRole.VENDOR)
def partners(request: HttpRequest) -> HttpResponse:
    """All partners by name."""
    every = list(Partner.objects.select_related("plan").order_by("name")[: shown.LIST_MAX])
    context = {"partners": shown.partners(every), "plans": shown.plan_choices()}
    return render(request, "setup/partners.html", context)


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def enrol(request: HttpRequest) -> HttpResponse:
    """A new partner."""
    initial = {"language": "uk", "timezone": queries.DEFAULT_ZONE, "credit": 0}
    form = PartnerForm(request.POST or None, plans=shown.plan_choices(), initial=initial)
    made: list[Partner] = []
    status = None
    if request.method == "POST":
        status = attempt(form, lambda: made.append(_enrolled(request, form)))
        if status is None:
            messages.success(request, _("The partner is enrolled. Add a project and its owner."))
            return redirect("setup:partner", made[0].pk)
    context = {"form": form, "guard": Guards(), "partner": None}
    return render(request, "setup/partner_edit.html", context, status=status)


def _enrolled(request: HttpRequest, form: PartnerForm) -> Partner:
    cause = edge.cause(request, CHANNEL)
    return actions.enrol_partner(cause, form.cleaned_data["code"], enrolment(form))


def enrolment(form: PartnerForm) -> actions.Enrolment:
    """What the form agrees with a partner."""
    found = form.cleaned_data
    return actions.Enrolment(
        name=found["name"],
        plan_id=found["plan"],
        language=found["language"],
        timezone=found["timezone"],
        credit_consultations=found["credit"],
    )


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def change(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Change what is agreed; open tickets keep the plan they came under."""
    partner = get_object_or_404(Partner, pk=partner_id)
    initial = {
        "name": partner.name,
        "code": partner.code,
        "plan": partner.plan_id,
        "language": partner.language,
        "timezone": partner.timezone,
        "credit": partner.credit_consultations,
    }
    form = PartnerForm(request.POST or None, plans=shown.plan_choices(), initial=initial)
    form.fields["code"].disabled = True
    status = None
    if request.method == "POST":
        cause = edge.cause(request, CHANNEL)
        status = attempt(form, lambda: actions.change_partner(cause, partner_id, enrolment(form)))
        if status is None:
            messages.success(request, _("Saved."))
            return redirect("setup:partner", partner_id)
    context = {"form": form, "guard": Guards(), "partner": partner}
    return render(request, "setup/partner_edit.html", context, status=status)


@require_GET
@staff_page(StaffRole.VENDOR)
def partner(request: HttpRequest, partner_id: int) -> HttpResponse:
    """One partner: what is agreed, projects with leads, people with invitations."""
    return _page(request, get_object_or_404(Partner, pk=partner_id))


def _page(
    request: HttpRequest, found: Partner, status: int | None = None, **forms: Any
) -> HttpResponse:
    initial = {"language": found.language, "role": PartnerRole.OWNER}
    context = {
        "partner": found,
        "projects": shown.projects(found.pk),
        "members": shown.members(found.pk),
        "invitations": shown.invitations(found.pk, edge.now()),
        "specialists": shown.specialists(),
        "roles": partner_roles(),
        "guard": Guards(),
        "project_form": ProjectForm(prefix="project"),
        "invite_form": PartnerInviteForm(initial=initial),
        "here": reverse("setup:partner", args=[found.pk]),
        **forms,
    }
    return render(request, "setup/partner.html", context, status=status)


@require_POST
@staff_page(StaffRole.VENDOR)
def add_project(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Add a project: the partner's own lead takes it where the cap allows, else it waits."""
    found = get_object_or_404(Partner, pk=partner_id)
    form = ProjectForm(request.POST, prefix="project")
    cause = edge.cause(request, CHANNEL)
    status = attempt(form, lambda: actions.add_project(cause, partner_id, **form.cleaned_data))
    if status is not None:
        return _page(request, found, status, project_form=form)
    messages.success(request, _("The project is added."))
    return redirect("setup:partner", partner_id)


@require_POST
@staff_page(StaffRole.VENDOR)
def invite(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Invite one of the partner's people."""
    found = get_object_or_404(Partner, pk=partner_id)
    form = PartnerInviteForm(request.POST)
    status = attempt(form, lambda: people.let_in(request, form, partner_id))
    if status is not None:
        return _page(request, found, status, invite_form=form)
    return redirect("setup:partner", partner_id)


@require_POST
@staff_page(StaffRole.VENDOR)
def member(request: HttpRequest, partner_id: int, person_id: int) -> HttpResponse:
    """Give one of the partner's people another role, or end it."""
    cause, role = edge.cause(request, CHANNEL), request.POST.get("role", "")

    def deed() -> None:
        if request.POST.get("end"):
            actions.end_membership(cause, partner_id, person_id)
        elif role in PartnerRole.values:
            actions.change_membership(cause, partner_id, person_id, PartnerRole(role))
        else:
            raise actions.Incomplete("role")

    attempt_button(request, lambda: once(cause, deed), _("Saved."))
    return redirect("setup:partner", partner_id)


@require_POST
@staff_page(StaffRole.VENDOR)
def assign(request: HttpRequest, project_id: int) -> HttpResponse:
    """Name the lead or the cover of a project, or end it."""
    project = get_object_or_404(Project, pk=project_id)
    role, person_id = _holder(request)
    cause = edge.cause(request, CHANNEL)

    def deed() -> None:
        if person_id is None:
            actions.unassign(cause, project_id, role)
        else:
            actions.assign(cause, project_id, person_id, role)

    said = _("Saved: %(project)s.") % {"project": project.name}
    attempt_button(request, lambda: once(cause, deed), said)
    return _back(request, project.partner_id)


@require_POST
@staff_page(StaffRole.VENDOR)
def assign_all(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Name the lead or the cover of all projects of a partner: all or none."""
    role, person_id = _holder(request)
    if person_id is None:
        raise actions.Incomplete("person")
    cause, holder = edge.cause(request, CHANNEL), person_id
    attempt_button(
        request,
        lambda: once(cause, lambda: actions.assign_partner(cause, partner_id, holder, role)),
        _("Saved for all projects of the partner."),
    )
    return _back(request, partner_id)


def _holder(request: HttpRequest) -> tuple[AssignmentRole, int | None]:
    form = AssignForm(request.POST, people=shown.specialist_choices())
    if not form.is_valid():
        raise actions.Incomplete("person")
    return AssignmentRole(form.cleaned_data["role"]), form.cleaned_data["person"]


def _back(request: HttpRequest, partner_id: int) -> HttpResponse:
    to = request.POST.get("next", "")
    if to.startswith("/setup/"):
        return redirect(to)
    return redirect("setup:partner", partner_id)


@require_POST
@staff_page(StaffRole.VENDOR)
def put_away(request: HttpRequest, project_id: int) -> HttpResponse:
    """Archive a project, or take it out of the archive."""
    project = get_object_or_404(Project, pk=project_id)
    cause = edge.cause(request, CHANNEL)
    deed = actions.restore_project if request.POST.get("restore") else actions.archive_project
    said = _("Saved: %(project)s.") % {"project": project.name}
    attempt_button(request, lambda: deed(cause, project_id), said)
    return redirect("setup:partner", project.partner_id)
