"""The control room: where is it going wrong, live; rulings and excuses."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from desk.oversight.queries import board as oversight
from desk.oversight.queries import duties, offers
from desk.partners import queries as partners
from desk.partners.models import StaffRole
from desk.staff.control import redress, shown
from desk.staff.control.shown import Known
from desk.tickets import actions, queries
from desk.tickets.actions import Ruling
from desk.tickets.models import Dispute
from desk.web import access, edge
from desk.web.access import staff_page
from desk.web.forms import Guard

administrator = staff_page(StaffRole.ADMINISTRATOR)
DIGITS_MAX = 18


@require_safe
@administrator
def home(request: HttpRequest) -> HttpResponse:
    """Each specialist now, acceptances running out, promises at risk, who is away."""
    return render(request, "control/home.html", _board(request))


@require_safe
@administrator
def wall(request: HttpRequest) -> HttpResponse:
    """The same for a screen on the wall: dark, readable from afar, live, and without what partners
    wrote."""
    return render(
        request, "control/wall.html", {**_board(request), "navigation": [], "theme": "dark"}
    )


@require_safe
@administrator
def morning(request: HttpRequest) -> HttpResponse:
    """What waits for an administrator's word today, by its time; what was found since yesterday,
    what does not fit, and where nobody will be there."""
    at = edge.now()
    return render(request, "control/morning.html", shown.morning(_known(request, at), at))


@require_safe
@administrator
def disputes(request: HttpRequest) -> HttpResponse:
    """Contests and doubts that wait for a ruling, with their clock."""
    found = shown.board(queries.board(edge.now()))
    found["disputes"] = redress.with_charges(found["disputes"])
    return render(request, "control/disputes.html", {**found, "guard": Guard()})


@require_POST
@administrator
def rule(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Rule on a dispute, in text; never on a ticket one took part in."""
    get_object_or_404(Dispute, pk=dispute_id)
    sent = request.POST
    ruling = Ruling(
        sent.get("upheld") == "1",
        sent.get("text", ""),
        sent.get("clause", ""),
        redress.wanted(sent, dispute_id),
    )
    actions.rule(edge.cause(request, "control"), dispute_id, ruling)
    return HttpResponseRedirect(reverse("control:disputes"))


@require_safe
@administrator
def breaches(request: HttpRequest) -> HttpResponse:
    """The promises broken lately; an excused one stays visible as excused."""
    found = queries.breaches(edge.now(), request.GET.get("cursor", ""))
    context = {
        "breaches": [shown.breach(one) for one in found.lines],
        "older": f"?cursor={found.cursor}" if found.cursor else "",
        "guard": Guard(),
    }
    return render(request, "control/breaches.html", context)


@require_POST
@administrator
def excuse(request: HttpRequest, clock_id: int) -> HttpResponse:
    """Excuse a breach, with the reason; it stays on record."""
    actions.excuse(edge.cause(request, "control"), clock_id, request.POST.get("text", ""))
    return HttpResponseRedirect(reverse("control:breaches"))


@require_POST
@administrator
def give(request: HttpRequest, number: str) -> HttpResponse:
    """Give a ticket of the pool to a specialist."""
    ticket = queries.by_number(edge.person(request), number, access.of(request))
    chosen = request.POST.get("executor", "")
    is_number = chosen.isascii() and chosen.isdigit() and len(chosen) <= DIGITS_MAX
    executor_id = int(chosen) if is_number else 0
    cause, why = edge.cause(request, "control"), request.POST.get("text", "")
    actions.hand_over(cause, ticket.pk, executor_id, why)
    return HttpResponseRedirect(reverse("control:home"))


def _board(request: HttpRequest) -> dict[str, object]:
    at = edge.now()
    known = _known(request, at)
    specialists = [load.person for load in partners.specialists()]
    return {
        **shown.board(known.board),
        **shown.standing(known),
        "specialists": specialists,
        "give_guard": Guard(),
    }


def _known(request: HttpRequest, at: datetime) -> Known:
    """All of it at one instant."""
    reader_id = edge.person(request).pk
    owed = duties.waiting(reader_id, at)
    return Known(queries.board(at), oversight.standing(at), owed, offers.open_offers())
