"""One's own record under the Standard: all of it, and what one says to it. Never others'."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.oversight.actions import rulings
from desk.oversight.models import Violation
from desk.oversight.queries import complaints, scores, violations
from desk.partners.models import StaffRole
from desk.staff.rulings import scored, shown
from desk.tickets.actions import Incomplete
from desk.web import edge, inputs
from desk.web.access import staff_page
from desk.web.forms import Guard

own_page = staff_page(StaffRole.SPECIALIST, StaffRole.ADMINISTRATOR)
PAGE = 50
NUMBER_DIGITS_MAX = 18


@require_safe
@own_page
def index(request: HttpRequest) -> HttpResponse:
    """Scores with their formula, violations, reminders, outcomes of complaints."""
    person, at = edge.person(request), edge.now()
    weeks = scores.weeks(person.pk, at)
    before = request.GET.get("before", "")
    rows = _page(person.pk, before)
    explained = violations.explained([row.pk for row in rows])
    context = {
        "weeks": [scored.week(one, at) for one in weeks if one == weeks[0] or not one.is_empty],
        "chart": scored.history(weeks),
        "weights": scored.weights(),
        "lines": [shown.own_line(row, row.pk in explained) for row in rows[:PAGE]],
        "older": f"?before={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "newest": reverse("own_record:index") if before else "",
        "reminders": violations.reminders_of(person.pk),
        "outcomes": [shown.outcome(row) for row in complaints.upheld_against(person.pk)],
    }
    return render(request, "rulings/own.html", context)


@require_safe
@own_page
def detail(request: HttpRequest, violation_id: int) -> HttpResponse:
    """One violation of one's own, with the evidence, and what one has to say."""
    return _detail(request, _own(request, violation_id))


@require_POST
@own_page
def explain(request: HttpRequest, violation_id: int) -> HttpResponse:
    """Say what happened; more may be added until the ruling, nothing is rewritten."""
    row, text = _own(request, violation_id), request.POST.get("text", "")
    try:
        rulings.explain(edge.cause(request, "workplace"), row.pk, text)
    except Incomplete as error:
        return _detail(request, row, text, inputs.shortcoming(error.field, error.why))
    messages.success(request, _("Your explanation is on record. Who rules reads it."))
    return HttpResponseRedirect(reverse("own_record:detail", args=[row.pk]))


def _own(request: HttpRequest, violation_id: int) -> Violation:
    return get_object_or_404(violations.of_person(edge.person(request).pk), pk=violation_id)


def _detail(request: HttpRequest, row: Violation, sent: str = "", error: str = "") -> HttpResponse:
    context = {
        **shown.detail(row, edge.now()),
        "due_at": violations.due_of(row, edge.now()),
        "may_explain": not row.excuse and violations.ruling_of(row) is None,
        "sent": {"text": sent},
        "error": error,
        "guard": Guard(),
    }
    return render(request, "rulings/own_detail.html", context, status=422 if error else 200)


def _page(person_id: int, before: str) -> list[Violation]:
    rows = violations.of_person(person_id)
    is_number = before.isascii() and before.isdigit() and len(before) <= NUMBER_DIGITS_MAX
    last = rows.filter(pk=int(before)).first() if is_number else None
    return list((violations.earlier(rows, last) if last else rows)[: PAGE + 1])
