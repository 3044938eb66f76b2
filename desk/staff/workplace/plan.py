"""The plan of the day: proposed, put in order, confirmed; planned anew; intake looked at."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from desk.oversight.actions import days
from desk.oversight.models import DayPlan
from desk.oversight.queries import days as queries
from desk.partners.models import StaffRole
from desk.staff.workplace import drafts, plan_shown
from desk.staff.workplace.drafts import AppointmentForm
from desk.web import edge
from desk.web.access import staff_page
from desk.web.forms import Guards
from desk.workdays import actions as workdays


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(StaffRole.SPECIALIST)
def plan(request: HttpRequest) -> HttpResponse:
    """The plan as the address has it: buttons lead to another address, sending it confirms it."""
    person, at = edge.person(request), edge.now()
    known = queries.ready(person.pk, at)
    confirmed = queries.plan_within(person.pk, known.shift) if known.shift is not None else None
    planned = queries.stands(confirmed) if confirmed is not None else ()
    base = drafts.base(queries.planned(known), planned)
    if request.method == "POST":
        draft = drafts.read(request.POST, known.tasks) or base
        return _confirm(request, queries.planned(known, draft.wanted()), confirmed)
    draft = drafts.read(request.GET, known.tasks) or base
    path, deed = reverse("workplace:plan"), request.GET.get("do", "")
    if deed and deed != "appoint":
        moved = drafts.done(draft, deed)
        return HttpResponseRedirect(moved.address(path, deed.partition(":")[2]))
    form = AppointmentForm(request.GET if deed else None)
    if deed and form.is_valid():
        fuller = drafts.with_appointment(draft, form.slot(at))
        if fuller is not None:
            return HttpResponseRedirect(fuller.address(path))
        form.add_error("begins", _("Something else stands there already."))
    found = queries.planned(known, draft.wanted())
    shown = plan_shown.Editing(found, draft, confirmed, request.GET.get("focus", ""))
    context = {**plan_shown.editing(shown), "form": form, "guard": Guards()}
    return render(request, "workplace/plan.html", context, status=_status(form))


def _confirm(
    request: HttpRequest, found: queries.Proposal, confirmed: DayPlan | None
) -> HttpResponse:
    cause = edge.cause(request, "workplace")
    if confirmed is None:
        days.confirm_day(cause, found.slots)
    else:
        days.change_day(cause, confirmed.pk, found.slots)
    return _home()


@require_POST
@staff_page(StaffRole.SPECIALIST)
def again(request: HttpRequest) -> HttpResponse:
    """The rest of the day anew, from now on."""
    days.replan_day(edge.cause(request, "workplace"), edge.person(request).pk)
    return _home()


@require_POST
@staff_page(StaffRole.SPECIALIST)
def checked(request: HttpRequest) -> HttpResponse:
    """What came in was looked at: one click, and the work goes on."""
    workdays.look(edge.cause(request, "workplace"), edge.person(request).pk)
    return _home()


def _status(form: AppointmentForm) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _home() -> HttpResponse:
    return HttpResponseRedirect(reverse("workplace:home"), status=HTTPStatus.SEE_OTHER)
