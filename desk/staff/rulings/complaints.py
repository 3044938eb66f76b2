"""Complaints of partners for administrators: by when, of what, and the answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.oversight.actions import complaints as actions
from desk.oversight.actions.complaints import Answering
from desk.oversight.models import Complaint
from desk.oversight.queries import complaints, editions
from desk.partners.models import StaffRole
from desk.staff.rulings import shown
from desk.tickets.actions import Incomplete
from desk.web import edge, inputs
from desk.web.access import staff_page
from desk.web.forms import Guards

ANSWERED_SHOWN = 30


@require_safe
@staff_page(StaffRole.ADMINISTRATOR, StaffRole.VENDOR)
def index(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, the first due at the top, and what was answered lately."""
    return _index(request)


@require_POST
@staff_page(StaffRole.ADMINISTRATOR)
def answer(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Answer with the clause that was followed; bad work is redone free."""
    get_object_or_404(Complaint, pk=complaint_id)
    sent = request.POST
    answering = Answering(
        upheld=sent.get("upheld") == "1",
        answer=sent.get("answer", ""),
        clause=sent.get("clause", ""),
        redone=sent.get("redone") == "1",
    )
    try:
        if sent.get("upheld") not in ("0", "1"):
            raise Incomplete("verdict", "missing")
        actions.answer_complaint(edge.cause(request, "control"), complaint_id, answering)
    except Incomplete as error:
        said = inputs.shortcoming(error.field, error.why)
        typed = {"id": complaint_id, "error": said, **sent.dict()}
        return _index(request, typed)
    messages.success(request, _("The partner has your answer."))
    return HttpResponseRedirect(reverse("complaints:index"))


def _index(request: HttpRequest, typed: dict[str, object] | None = None) -> HttpResponse:
    at, person = edge.now(), edge.person(request)
    edition = editions.at(at)
    context = {
        "waiting": [
            shown.complaint(one.complaint, at, one.barred) for one in complaints.waiting(person)
        ],
        "answered": [shown.complaint(row, at) for row in complaints.answered()[:ANSWERED_SHOWN]],
        "clauses": shown.clauses(edition.rules.clauses) if edition else [],
        "typed": typed or {},
        "guard": Guards(),
    }
    return render(request, "rulings/complaints.html", context, status=422 if typed else 200)
