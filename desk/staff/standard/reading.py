"""The Standard for those who work by it: read, see what changed, acknowledge."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from desk.oversight.actions import editions as actions
from desk.oversight.queries import editions as queries
from desk.oversight.queries import readers
from desk.oversight.queries.editions import Listed, Stage
from desk.partners.models import StaffRole
from desk.staff.standard import shown
from desk.web import access, edge
from desk.web.access import staff_page
from desk.web.attempts import attempt_button
from desk.web.forms import Guards

CHANNEL = "workplace"
Context = dict[str, Any]
# On these pages a specialist is asked to read what is not acknowledged yet.
WHERE = ("workplace", "standard", "capacity", "own_violations")


@require_GET
@staff_page()
def read(request: HttpRequest) -> HttpResponse:
    """The edition in force, and the ones to come with what they change."""
    at = edge.now()
    current = readers.current(at)
    asked = StaffRole.SPECIALIST in access.of(request).staff
    held = next((one for one in current if one.stage == Stage.IN_FORCE), None)
    context = {
        "held": _held(request, held, asked=asked) if held else None,
        "coming": [
            _held(request, one, asked=asked) for one in current if one.stage == Stage.COMING
        ],
        "guard": Guards(),
    }
    return render(request, "standard/read.html", context)


@require_POST
@staff_page(StaffRole.SPECIALIST)
def acknowledge(request: HttpRequest, edition_id: int) -> HttpResponse:
    """One click: I have read it."""

    def deed() -> object:
        return actions.acknowledge(edge.cause(request, CHANNEL), edition_id)

    attempt_button(request, deed, _("Thank you. The time is kept."))
    return redirect("standard:read")


def unread(request: HttpRequest) -> Context | None:
    """For the shell of every page: the edition that a specialist has still to read, the earliest
    first, shown on the pages of the workplace; None for everybody else."""
    match = request.resolver_match
    if match is None or match.namespace not in WHERE or match.view_name == "standard:read":
        return None
    if StaffRole.SPECIALIST not in access.of(request).staff:
        return None
    waiting = readers.to_acknowledge(edge.person(request).pk, edge.now())
    if not waiting:
        return None
    return {
        "template": "standard/unread.html",
        "edition": shown.edition(waiting[0]),
        "url": reverse("standard:read"),
    }


def _held(request: HttpRequest, one: Listed, *, asked: bool) -> Context:
    row, rules = one.row, queries.parsed(one.row)
    before = queries.before(row)
    changes = shown.changes(queries.parsed(before), rules) if before else []
    person_id = edge.person(request).pk
    return {
        "edition": shown.edition(one),
        "clauses": shown.clauses(rules),
        "questions": shown.questions(row),
        "changes": changes,
        "before": before,
        "asked": asked,
        "acknowledged_at": readers.acknowledged_at(person_id, row.pk) if asked else None,
    }
