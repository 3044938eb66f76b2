"""What the command palette finds, and the same as a page for who has no scripts.

Tickets that the reader may see, by number or words, and the pages of their navigation.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from desk.config import pages
from desk.tickets import queries
from desk.tickets.queries import TicketLine
from desk.web import access, edge, labels

TEXT_MAX = 100
TICKETS_MAX = 8
Found = list[dict[str, str]]


@require_safe
@login_required
def search(request: HttpRequest) -> HttpResponse:
    """`?q=`: JSON [{label, hint, url}] for the palette, else a page with the same."""
    text = request.GET.get("q", "").strip()[:TEXT_MAX]
    found = (_tickets(request, text) + _pages(request, text)) if text else []
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(found, safe=False)
    return render(request, "web/search.html", {"found": found, "text": text})


def _tickets(request: HttpRequest, text: str) -> Found:
    known = access.of(request)
    lines = queries.search(edge.person(request), text, edge.now(), known)[:TICKETS_MAX]
    return [_ticket(line, staff=known.is_staff) for line in lines]


def _ticket(line: TicketLine, *, staff: bool) -> dict[str, str]:
    place = line.partner_name if staff else line.project_name
    state = labels.state_label(line.state, "staff" if staff else "partner")
    return {
        "label": f"{line.number} {line.subject}",
        "hint": f"{place} · {state}",
        "url": reverse("workplace:ticket" if staff else "cabinet:ticket", args=[line.number]),
    }


def _pages(request: HttpRequest, text: str) -> Found:
    wanted = text.casefold()
    return [
        {"label": link["label"], "hint": group["label"], "url": link["url"]}
        for group in pages.navigation(request)
        for link in group["links"]
        if wanted in link["label"].casefold()
    ]
