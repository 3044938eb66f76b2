"""What waits for production, by the promise behind it; and the page of one ticket."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.knowledge import queries as knowledge
from desk.partners.models import StaffRole
from desk.staff.production import shown
from desk.tickets import queries
from desk.web import access, edge
from desk.web.access import staff_page

READS = (StaffRole.PRODUCTION, StaffRole.ADMINISTRATOR)


@require_safe
@staff_page(*READS)
def home(request: HttpRequest) -> HttpResponse:
    """Consultations and estimates with their age and both deadlines; what is being built."""
    fragment = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    template = "production/queue.html" if fragment else "production/home.html"
    return render(request, template, shown.queue(queries.production_queue(edge.now())))


@require_safe
@staff_page(*READS)
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """The question, the promise behind it, what was said, and the moves of production."""
    person, known = edge.person(request), access.of(request)
    found = queries.by_number(person, number, known)
    view = queries.staff_view(found, person, edge.now(), known)
    context = shown.ticket(view, knowledge.dossier(found.project_id))
    if StaffRole.PRODUCTION not in known.staff:
        context |= {"primary": None, "actions": []}
    fragment = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    template = "production/ticket_body.html" if fragment else "production/ticket.html"
    return render(request, template, context)
