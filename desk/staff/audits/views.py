"""Audits: what is to be done, one with its ticket and questions, and a specialist's own."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from desk.oversight.actions import audits as actions
from desk.oversight.actions.audits import AnswersIncomplete
from desk.oversight.models import Audit
from desk.oversight.queries import audits as queries
from desk.oversight.queries.audits import Sheet, Show
from desk.partners import queries as partners
from desk.partners.models import StaffRole
from desk.staff.audits import forms, shown
from desk.tickets import queries as tickets
from desk.web import access, edge, formats
from desk.web.access import staff_page
from desk.web.forms import Guard

ID_DIGITS_MAX = 9
administrator = staff_page(StaffRole.ADMINISTRATOR)
overseer = staff_page(StaffRole.ADMINISTRATOR, StaffRole.VENDOR)
specialist = staff_page(StaffRole.SPECIALIST)


@require_safe
@overseer
def index(request: HttpRequest) -> HttpResponse:
    """What is to be audited, by its date; what the reader took; what is done."""
    reader_id = edge.person(request).pk
    chosen = request.GET.get("show", "")
    show = Show(chosen) if chosen in tuple(Show) else Show.TO_DO
    week_on, person_id = _date(request.GET.get("week", "")), _id(request.GET.get("person", ""))
    context = {
        "rows": shown.lines(queries.listed(reader_id, show, week_on, person_id), edge.now()),
        "tabs": shown.tabs(show, queries.counts(reader_id)),
        "show": show,
        "weeks": queries.weeks(),
        "week_on": week_on,
        "people": partners.staff_with(StaffRole.SPECIALIST),
        "person_id": person_id,
    }
    return render(request, "audits/index.html", context)


@require_safe
@overseer
def sheet(request: HttpRequest, audit_id: int) -> HttpResponse:
    """One audit: the ticket beside the questions, or beside the answers."""
    return _page(request, _found(request, audit_id), {})


@require_POST
@administrator
def take(request: HttpRequest, audit_id: int) -> HttpResponse:
    """Take an audit: from then on it is the reader's."""
    found = _found(request, audit_id)
    actions.take_audit(edge.cause(request, "control"), found.line.id)
    return _to(audit_id)


@require_POST
@administrator
def answer(request: HttpRequest, audit_id: int) -> HttpResponse:
    """Answer all questions at once; what is missing is said beside it, and nothing is lost."""
    found = _found(request, audit_id)
    answers = forms.answers(request, [one.name for one in found.questions])
    try:
        actions.answer_audit(edge.cause(request, "control"), audit_id, answers)
    except AnswersIncomplete as error:
        typed = {"answers": answers, "error": error}
        return _page(request, found, typed, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _to(audit_id)


@require_safe
@specialist
def own(request: HttpRequest) -> HttpResponse:
    """A specialist's audited tickets, with every answer and remark."""
    found = queries.own(edge.person(request).pk, formats.language())
    return render(request, "audits/own.html", {"audits": [shown.result(one) for one in found]})


def _found(request: HttpRequest, audit_id: int) -> Sheet:
    try:
        return queries.sheet(edge.person(request).pk, audit_id, formats.language())
    except Audit.DoesNotExist:
        raise Http404 from None


def _page(
    request: HttpRequest,
    found: Sheet,
    typed: dict[str, object],
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    person, known, at = edge.person(request), access.of(request), edge.now()
    visible = tickets.visible_to(person, known).select_related("partner", "project")
    view = tickets.staff_view(get_object_or_404(visible, pk=found.ticket_id), person, at, known)
    context = {
        **shown.ticket(view),
        **shown.sheet(found, at),
        **forms.fields(found, typed),
        "guard": Guard(),
        "may_take": StaffRole.ADMINISTRATOR in known.staff and not found.line.barred,
    }
    return render(request, "audits/sheet.html", context, status=status)


def _to(audit_id: int) -> HttpResponse:
    address = reverse("audits:sheet", args=[audit_id])
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _id(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX
    return int(text) if is_number else None
