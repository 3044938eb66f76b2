"""Who looks at a ticket, and who is writing: a collision is shown before it happens.

Kept for seconds in the shared cache, never in the journal. A partner's people are told which of
our people is writing to them, not who merely looks.
"""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from desk.partners.models import StaffRole
from desk.tickets import queries
from desk.web import access, edge

KEEP_SECONDS = 40
PEOPLE_MAX = 20


class Here(NamedTuple):
    """Somebody who has the ticket open, at a second of the epoch; `named`: also to partners,
    towards whom production's people stay unnamed."""

    person_id: int
    name: str
    is_staff: bool
    named: bool
    typing: bool
    at: float


@login_required
@require_POST
def presence(request: HttpRequest, number: str) -> HttpResponse:
    """Note that this person looks at the ticket, or writes; answer who else does."""
    person = edge.person(request)
    ticket = queries.by_number(person, number, access.of(request))
    known = access.of(request)
    key, now = f"presence:{ticket.pk}", edge.now().timestamp()
    rows: list[Here] = [row for row in cache.get(key) or [] if now - row.at < KEEP_SECONDS]
    others = [row for row in rows if row.person_id != person.pk]
    if len(others) < PEOPLE_MAX:
        typing = request.POST.get("typing") == "1"
        named = known.staff != {StaffRole.PRODUCTION}
        mine = Here(person.pk, person.name, known.is_staff, named, typing, now)
        cache.set(key, [*others, mine], KEEP_SECONDS)
    seen = [row for row in others if known.is_staff or not row.is_staff or _told(row)]
    return JsonResponse(
        {
            "answering": [row.name for row in seen if row.typing],
            "viewing": [row.name for row in seen if not row.typing],
        }
    )


def _told(row: Here) -> bool:
    """Whether a partner's person is told of one of ours."""
    return row.typing and row.named
