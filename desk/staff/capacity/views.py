"""Capacity for administrators: who has room, what waits, who is absent, what would be missing."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.oversight.actions import manager_requests as deciding
from desk.oversight.queries import absences, capacity, gaps, manager_requests, offers
from desk.partners import actions as partners
from desk.partners import queries as held
from desk.partners.models import Partner, Project, StaffRole
from desk.staff.capacity import shown
from desk.tickets.actions import Incomplete
from desk.web import edge, inputs
from desk.web.access import staff_page
from desk.web.forms import Guards

administrator = staff_page(StaffRole.ADMINISTRATOR, StaffRole.VENDOR)
DECIDED_SHOWN = 30
DIGITS_MAX = 18


@require_safe
@administrator
def index(request: HttpRequest) -> HttpResponse:
    """Where it lacks first: what waits, what would be missing, what is offered; then everybody."""
    at = edge.now()
    coming = absences.coming(at)
    context = {
        "waiting": [shown.waiting(one) for one in capacity.waiting()],
        "uncovered": absences.uncovered(),
        "coming": [shown.coming(one, at) for one in coming],
        "offers": [shown.offer(one) for one in offers.open_offers()],
        "seats": [shown.seat(one, _("the service's hours")) for one in capacity.seats(at)],
        "gaps": [shown.gap(one) for one in gaps.of_the_week(at)],
        "large": capacity.larger_than_a_cap(),
        "requests": manager_requests.waiting().count(),
        "loads": held.specialists(),
        "guard": Guards(),
    }
    return render(request, "capacity/index.html", context)


@require_POST
@administrator
def serve(request: HttpRequest, project_id: int) -> HttpResponse:
    """Give a project that waits its lead, and a cover where it has none."""
    get_object_or_404(Project, pk=project_id)
    sent = request.POST
    lead, cover = number(sent.get("lead", "")), sent.get("cover", "")
    cause = edge.cause(request, "control")
    partners.serve_waiting(cause, project_id, lead, number(cover) if cover else None)
    messages.success(request, _("The project has its manager, and the partner is told."))
    return HttpResponseRedirect(reverse("capacity:index"))


@require_safe
@administrator
def division(request: HttpRequest, partner_id: int) -> HttpResponse:
    """A partner larger than a cap, divided by project: a proposal to be changed or taken."""
    partner = get_object_or_404(Partner, pk=partner_id)
    context = {
        "partner": partner,
        "shares": capacity.division(partner),
        "loads": held.specialists(),
        "guard": Guards(),
    }
    return render(request, "capacity/division.html", context)


@require_POST
@administrator
def divide(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Name the leads as chosen, all or none; what has nobody goes on waiting."""
    partner = get_object_or_404(Partner, pk=partner_id)
    chosen = {}
    for project in held.projects_open(partner.pk):
        person = request.POST.get(f"lead-{project.pk}", "")
        if person:
            chosen[project.pk] = number(person)
    if not chosen:
        raise Incomplete("executor", "missing")
    partners.divide_partner(edge.cause(request, "control"), partner.pk, chosen)
    messages.success(request, _("The leads are named, and the partner is told."))
    return HttpResponseRedirect(reverse("capacity:division", args=[partner.pk]))


@require_safe
@administrator
def requests(request: HttpRequest) -> HttpResponse:
    """Partners who ask for another manager, the oldest first, and what was decided."""
    return _requests(request)


@require_POST
@administrator
def answer(request: HttpRequest, request_id: int) -> HttpResponse:
    """Agree, or say why not; the partner reads the answer, the specialist never the question."""
    sent = request.POST
    try:
        if sent.get("agreed") not in ("0", "1"):
            raise Incomplete("verdict", "missing")
        agreed, text = sent.get("agreed") == "1", sent.get("answer", "")
        cause = edge.cause(request, "control")
        deciding.answer_manager(cause, request_id, agreed=agreed, answer=text)
    except Incomplete as error:
        said = inputs.shortcoming(error.field, error.why)
        return _requests(request, {"id": request_id, "error": said, **sent.dict()})
    messages.success(request, _("The partner has your answer."))
    return HttpResponseRedirect(reverse("capacity:requests"))


def _requests(request: HttpRequest, typed: dict[str, object] | None = None) -> HttpResponse:
    context = {
        "waiting": manager_requests.waiting()[: manager_requests.LIST_MAX],
        "decided": manager_requests.decided()[:DECIDED_SHOWN],
        "typed": typed or {},
        "guard": Guards(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if typed else HTTPStatus.OK
    return render(request, "capacity/requests.html", context, status=status)


def number(text: str) -> int:
    """A person's number from a form."""
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX):
        raise Incomplete("executor", "missing")
    return int(text)
