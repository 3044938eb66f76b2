"""Set-up's page of what comes in and goes out: what waits, what got stuck, and first aid."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from desk.channels import actions, queries, visible, words
from desk.channels.models import Arrival, ArrivalState, Channel, Delivery, Intake
from desk.channels.queries import Way
from desk.channels.troubles import words as troubled
from desk.journal.cause import Cause
from desk.partners.models import StaffRole
from desk.web import access, edge
from desk.web.forms import Guards

CHANNEL = "setup"
DIGITS_MAX = 18
STATES: dict[str, Promise] = {
    ArrivalState.WAITING: gettext_lazy("waits for its turn"),
    ArrivalState.FAILED: gettext_lazy("failed, is tried again"),
    ArrivalState.DONE: gettext_lazy("used"),
    ArrivalState.QUARANTINED: gettext_lazy("in quarantine"),
    ArrivalState.DISMISSED: gettext_lazy("put aside"),
}


@require_GET
@access.staff_page(StaffRole.VENDOR)
def index(request: HttpRequest) -> HttpResponse:
    """Every way in and out, what needs somebody, what is in quarantine, and what was given up
    beside mail; `?quarantine=` and `?dead=` lead to what is older than a number."""
    quarantine, quarantine_before = queries.page(
        queries.quarantine(), _number(request, "quarantine")
    )
    dead, dead_before = queries.page(queries.dead_beside_mail(), _number(request, "dead"))
    context = {
        "ways": [
            *(_way("inbox", way) for way in queries.ways_in()),
            *(_way("outbox", way) for way in queries.ways_out()),
        ],
        "troubles": queries.troubles(),
        "quarantine": [_arrival(row) for row in quarantine],
        "quarantine_before": quarantine_before,
        "dead": [_delivery(row) for row in dead],
        "dead_before": dead_before,
        "guard": Guards(),
    }
    return render(request, "channels/index.html", context)


@require_GET
@access.staff_page(StaffRole.VENDOR)
def arrival(request: HttpRequest, arrival_id: int) -> HttpResponse:
    """What is known around one arrival, and the beginning of its bytes as text."""
    try:
        found = queries.opened(arrival_id)
    except Arrival.DoesNotExist as error:
        raise Http404 from error
    facts = json.dumps(found.arrival.facts, ensure_ascii=False, indent=2)
    context = {
        "arrival": _arrival(found.arrival),
        "facts": visible.text(facts.encode("utf-8", "backslashreplace")),
        "excerpt": visible.text(found.head, cut=found.is_cut),
        "is_cut": found.is_cut,
        "size_bytes": found.size_bytes,
        "guard": Guards(),
    }
    return render(request, "channels/arrival.html", context)


@require_GET
@access.staff_page(StaffRole.VENDOR)
def raw(_request: HttpRequest, arrival_id: int) -> HttpResponse:
    """All bytes of an arrival as a download that no browser runs."""
    try:
        content = queries.raw(arrival_id)
    except Arrival.DoesNotExist as error:
        raise Http404 from error
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="arrival-{arrival_id}.bin"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@access.staff_page(StaffRole.VENDOR)
def replay(request: HttpRequest, arrival_id: int) -> HttpResponse:
    """Try an arrival again; a second click does nothing more."""
    return _done(request, actions.replay, arrival_id, _("It is tried again."))


@require_POST
@access.staff_page(StaffRole.VENDOR)
def dismiss(request: HttpRequest, arrival_id: int) -> HttpResponse:
    """Put an arrival aside; a second click does nothing more."""
    return _done(request, actions.dismiss, arrival_id, _("It is put aside."))


@require_POST
@access.staff_page(StaffRole.VENDOR)
def resend(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Send again what was given up; a second click does nothing more."""
    found = get_object_or_404(Delivery, pk=delivery_id)
    try:
        actions.resend(edge.cause(request, CHANNEL), found.pk)
    except actions.NotDead:
        messages.info(request, _("This is on its way already."))
    else:
        messages.success(request, _("It is sent again."))
    # Mails that were given up have their own page.
    by_mail = found.channel == Channel.EMAIL
    return redirect("email:index" if by_mail else "channels:index")


def _done(
    request: HttpRequest, deed: Callable[[Cause, int], Arrival], arrival_id: int, sentence: str
) -> HttpResponse:
    try:
        deed(edge.cause(request, CHANNEL), arrival_id)
    except Arrival.DoesNotExist as error:
        raise Http404 from error
    except actions.NotQuarantined:
        messages.info(request, _("This is not in quarantine any more."))
    else:
        messages.success(request, sentence)
    return redirect("channels:index")


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX else None


def _way(direction: str, way: Way) -> dict[str, object]:
    return {
        "label": troubled.where(f"{direction}:{way.channel}"),
        "waiting": way.waiting,
        "held": way.held,
        "failed": way.failed,
        "stuck": way.stuck,
        "oldest_at": way.oldest_at,
    }


def _arrival(row: Arrival) -> dict[str, object]:
    return {
        "id": row.pk,
        "channel": troubled.where(f"inbox:{row.channel}"),
        "is_mail": row.channel == Intake.EMAIL,
        "source": visible.line(row.source),
        "key": visible.line(row.key),
        "sha256": row.sha256,
        "state": STATES[row.state],
        "is_stuck": row.state == ArrivalState.QUARANTINED,
        "attempts": row.attempts,
        "at": row.received_at,
        "error": visible.line(row.error),
        "outcome": visible.line(row.outcome),
    }


def _delivery(row: Delivery) -> dict[str, object]:
    return {
        "id": row.pk,
        "channel": troubled.where(f"outbox:{row.channel}"),
        "address": visible.line(row.address),
        "about": words.headline(row.entry.verb),
        "at": row.ended_at,
        "attempts": row.attempts,
        "error": visible.line(row.error),
    }
