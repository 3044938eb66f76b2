"""The accountant's home: a queue of work; and the list of all deposits."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from desk.deposits.queries import duties
from desk.partners.models import StaffRole
from desk.staff.accounting import queue, shown
from desk.web import edge
from desk.web.access import staff_page
from desk.web.forms import Guards

SEES = (StaffRole.ACCOUNTANT, StaffRole.VENDOR)
SEARCH_MAX = 100


@require_GET
@staff_page(*SEES)
def home(request: HttpRequest) -> HttpResponse:
    """What to match, approve, issue, send, have signed and chase, the oldest first."""
    work, calm = queue.sections(edge.person(request), edge.now())
    context = {"work": work, "calm": calm, "guard": Guards()}
    return render(request, "accounting/home.html", context)


@require_GET
@staff_page(*SEES)
def deposits(request: HttpRequest) -> HttpResponse:
    """Every partner's deposit, the lowest first; searched by name or code."""
    text = request.GET.get("text", "").strip()[:SEARCH_MAX]
    page = duties.deposits(text, request.GET.get("cursor", ""))
    context = {
        "text": text,
        "partners": [shown.deposit(row) for row in page.rows],
        "cursor": page.cursor,
    }
    return render(request, "accounting/deposits.html", context)
