"""The moves a partner makes on a ticket: each form is one call of the action of its name."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from desk.channels.cabinet import redirects, shown
from desk.journal.cause import Cause
from desk.tickets import actions, queries
from desk.tickets.actions import Incomplete, Objection
from desk.tickets.models import DisputeAbout
from desk.web import access, edge
from desk.web.access import partner_page

Do = Callable[[HttpRequest, Cause, int], object]


def _text(request: HttpRequest, field: str = "text") -> str:
    return request.POST.get(field, "")


def _rating(request: HttpRequest) -> int | None:
    sent = request.POST.get("rating", "")
    if not sent:
        return None
    if sent not in ("1", "2", "3", "4", "5"):
        raise Incomplete("rating", "out_of_range")
    return int(sent)


def _objection(request: HttpRequest) -> Objection:
    about, pause = request.POST.get("about", ""), request.POST.get("pause", "")
    if about not in DisputeAbout.values:
        raise Incomplete("about", "missing")
    pause_id = shown.number(pause) if about == DisputeAbout.PAUSE else None
    return Objection(DisputeAbout(about), _text(request), pause_id)


MOVES: dict[str, Do] = {
    "message": lambda r, cause, pk: actions.message(cause, pk, _text(r), edge.stored_files(r)),
    "approve": lambda _, cause, pk: actions.approve(cause, pk),
    "refuse": lambda r, cause, pk: actions.refuse(cause, pk, _text(r)),
    "expire": lambda _, cause, pk: actions.expire(cause, pk),
    "confirm": lambda r, cause, pk: actions.confirm(cause, pk, _rating(r), _text(r, "comment")),
    "return": lambda r, cause, pk: actions.return_(cause, pk, _text(r)),
    "reopen": lambda r, cause, pk: actions.reopen(cause, pk, _text(r)),
    "cancel": lambda r, cause, pk: actions.cancel(cause, pk, _text(r)),
    "agree": lambda _, cause, pk: actions.agree(cause, pk),
    "disagree": lambda _, cause, pk: actions.disagree(cause, pk),
    "contest": lambda r, cause, pk: actions.contest(cause, pk, _objection(r)),
    "doubt": lambda r, cause, pk: actions.doubt(cause, pk, _text(r)),
}


@require_POST
@partner_page()
def move(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Make a move; a refused one is answered by the refusals' middleware."""
    do = MOVES.get(verb)
    if do is None:
        raise Http404
    ticket = queries.by_number(edge.person(request), number, access.of(request))
    do(request, edge.cause(request, "cabinet"), ticket.pk)
    return redirects.to("cabinet:ticket", queries.number(ticket))


@require_POST
@partner_page()
def follow(request: HttpRequest, number: str) -> HttpResponse:
    """Be told of what happens on a ticket, or no longer."""
    person = edge.person(request)
    ticket = queries.by_number(person, number, access.of(request))
    follows = request.POST.get("follows") == "1"
    actions.follow(edge.cause(request, "cabinet"), ticket.pk, person.pk, follows=follows)
    return redirects.to("cabinet:ticket", queries.number(ticket))
