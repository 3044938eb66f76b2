"""Leads, covers and caps; who is away."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from desk.partners import actions as partners
from desk.partners import queries as held
from desk.partners.models import AssignmentRole, StaffRole
from desk.tickets.actions import Incomplete
from desk.web import edge
from desk.web.access import staff_page
from desk.web.forms import Guard
from desk.workdays import actions as workdays
from desk.workdays import queries as absent
from desk.workdays.models import AbsenceKind

administrator = staff_page(StaffRole.ADMINISTRATOR, StaffRole.VENDOR)
DIGITS_MAX = 18
AHEAD = timedelta(days=120)
BEHIND = timedelta(days=14)


@require_safe
@administrator
def index(request: HttpRequest) -> HttpResponse:
    """Every partner's projects with lead and cover; each specialist's load against the cap."""
    context = {
        "loads": held.specialists(),
        "waiting": held.waiting_projects(),
        "partners": held.partners_with_projects(),
        "guard": Guard(),
    }
    return render(request, "control/assignments.html", context)


@require_POST
@administrator
def assign(request: HttpRequest, project_id: int) -> HttpResponse:
    """Name the lead or the cover of one project."""
    role, person_id = _chosen(request)
    partners.assign(edge.cause(request, "control"), project_id, person_id, role)
    return _back()


@require_POST
@administrator
def assign_partner(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Name the lead or the cover of all active projects of a partner, all or none."""
    role, person_id = _chosen(request)
    partners.assign_partner(edge.cause(request, "control"), partner_id, person_id, role)
    return _back()


@require_safe
@administrator
def absences(request: HttpRequest) -> HttpResponse:
    """Who is away, lately, now and soon."""
    at = edge.now()
    context = {
        "absences": absent.absences_between(at - BEHIND, at + AHEAD),
        "specialists": [load.person for load in held.specialists()],
        "kinds": AbsenceKind.values,
        "guard": Guard(),
    }
    return render(request, "control/absences.html", context)


@require_POST
@administrator
def note_absence(request: HttpRequest) -> HttpResponse:
    """Note an absence; open tickets are handed over when it begins (T9)."""
    sent = request.POST
    kind = sent.get("kind", "")
    if kind not in AbsenceKind.values:
        raise Incomplete("type", "missing")
    workdays.note_absence(
        edge.cause(request, "control"),
        _number(sent.get("person", "")),
        AbsenceKind(kind),
        _moment(sent.get("since", "")),
        _moment(sent.get("until", "")),
        sent.get("note", ""),
    )
    return HttpResponseRedirect(reverse("control:absences"))


@require_POST
@administrator
def withdraw(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Take an absence back; it stays on record."""
    workdays.withdraw_absence(edge.cause(request, "control"), absence_id)
    return HttpResponseRedirect(reverse("control:absences"))


def _chosen(request: HttpRequest) -> tuple[AssignmentRole, int]:
    role = request.POST.get("role", "")
    if role not in AssignmentRole.values:
        raise Incomplete("type", "missing")
    return AssignmentRole(role), _number(request.POST.get("person", ""))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX):
        raise Incomplete("executor", "missing")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        return timezone.make_aware(datetime.fromisoformat(text))
    except ValueError:
        raise Incomplete("due_at", "missing") from None


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("control:assignments"))
