"""What accepting would promise and charge, shown before it is sent."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.rules import promises
from desk.rules.lifecycle import State, Type
from desk.staff.workplace.forms import AcceptForm
from desk.tickets import queries
from desk.tickets.queries.lines import AcceptancePreview
from desk.web import moves
from desk.web.moves import Area, Asked, MoveForm

DEFAULT_PARTS = 2


def context(asked: Asked, form: MoveForm) -> dict[str, Any]:
    """The preview for what the form holds, and where it is fetched anew."""
    sent = form.data
    return {
        "preview": shown(asked, sent.get("type", ""), sent.get("parts", "")),
        "preview_url": reverse("workplace:preview", args=[asked.number]),
        "claim": asked.ticket.critical_claim,
        "wanted_by_on": asked.ticket.wanted_by_on,
        "text": asked.ticket.subject,
    }


def shown(asked: Asked, kind: str, lines: str) -> dict[str, Any] | None:
    """Deadline, charge and what comes next, in words; None before a type is chosen."""
    if kind not in Type.__members__.values():
        return None
    count = len([line for line in lines.splitlines() if line.strip()])
    counted = min(max(count, DEFAULT_PARTS), promises.PARTS_MAX) if kind == Type.COMPLEX else 1
    found = queries.preview_acceptance(asked.ticket, Type(kind), counted, asked.at)
    return {
        "found": found,
        "parts": counted if kind == Type.COMPLEX else 0,
        "missing": max(0, -found.available_after),
        "outcome": outcome(found),
        "tone": "calm" if found.outcome == State.ACCEPTED and not found.uncovered else "money",
    }


def outcome(found: AcceptancePreview) -> str:
    """What happens to the ticket on acceptance."""
    if found.needs_estimate:
        return _("Production estimates first; the partner's clock stands meanwhile.")
    if found.needs_approval:
        return _("The partner must approve the number of parts first; the clock stands meanwhile.")
    if found.deposit_low:
        return _("The deposit does not suffice: the ticket waits for a top-up, the clock stands.")
    if found.uncovered:
        return _("The deposit does not cover it. A bug is worked on all the same.")
    if found.on_credit:
        return _("A part of the charge is taken on credit.")
    return _("The promise is made at once and the consultations are held.")


def answer(request: HttpRequest, asked: Asked, area: Area) -> HttpResponse:
    """The fragment for htmx; without JavaScript the whole form again, as it was typed."""
    sent = request.POST
    if request.headers.get("HX-Request"):
        found = shown(asked, sent.get("type", ""), sent.get("parts", ""))
        return render(request, "workplace/preview.html", {"preview": found})
    typed = {name: sent.get(name, "") for name in AcceptForm.base_fields}
    form = AcceptForm(asked, initial=typed)
    found = shown(asked, typed["type"], typed["parts"])
    return moves.shown(request, asked, replace(area, context=_with(found, area)), form)


def _with(found: dict[str, Any] | None, area: Area) -> Any:
    def added(request: HttpRequest, asked: Asked, form: MoveForm) -> dict[str, Any]:
        return {**area.context(request, asked, form), "preview": found}

    return added


def back_to(area: Area, number: str) -> HttpResponse:
    """Back to the ticket after a move."""
    return HttpResponseRedirect(area.back(number), status=HTTPStatus.SEE_OTHER)
