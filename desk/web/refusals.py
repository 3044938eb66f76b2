"""What a refused move answers: the right status and a sentence a person understands.

Domain errors carry no user text; here they get it. A view that can show the sentence beside its
form catches the error itself; everything else ends here, with what was typed given back.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from desk.journal.actions import KeyReused
from desk.lib.files import FILE_BYTES_MAX, FILES_PER_MESSAGE_MAX, FileRefused
from desk.rules.ledger import DepositExhausted
from desk.rules.lifecycle import NotAllowed
from desk.tickets.actions import Incomplete, Stale
from desk.web import inputs, labels, sentences, views
from desk.web.forms import GuardMissing

MEGABYTE = 1024 * 1024


def sentence(error: Exception) -> tuple[HTTPStatus, str] | None:
    """Status and sentence of a domain error, or None for what is none."""
    match error:
        case NotAllowed():
            return HTTPStatus.CONFLICT, not_allowed(error)
        case Stale():
            return HTTPStatus.CONFLICT, _(
                "Somebody changed this ticket while you were looking at it. Nothing was done: "
                "look at it again, then decide."
            )
        case Incomplete():
            return HTTPStatus.UNPROCESSABLE_ENTITY, inputs.shortcoming(error.field, error.why)
        case FileRefused():
            return _file(error)
        case DepositExhausted():
            return HTTPStatus.CONFLICT, _("The deposit does not suffice for this.")
        case KeyReused():
            return HTTPStatus.UNPROCESSABLE_ENTITY, _(
                "This form was sent before with another content. Reload the page and send it anew."
            )
        case GuardMissing():
            return HTTPStatus.BAD_REQUEST, _(
                "The form was damaged on its way. Reload the page and send it again."
            )
    return sentences.of(error)


def not_allowed(error: NotAllowed) -> str:
    """Names the move, the state, and what is allowed instead (T1)."""
    return labels.refusal_sentence(error.state, error.verb, error.allowed, by_state=error.by_state)


def _file(error: FileRefused) -> tuple[HTTPStatus, str]:
    match error.why:
        case "too_large":
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _(
                "“%(name)s” is larger than %(limit)s MB. Send it in pieces or as a link."
            ) % {"name": error.name, "limit": FILE_BYTES_MAX // MEGABYTE}
        case "empty":
            return HTTPStatus.UNPROCESSABLE_ENTITY, _(
                "“%(name)s” is empty. Choose the file again."
            ) % {"name": error.name}
    return HTTPStatus.UNPROCESSABLE_ENTITY, _("At most %(limit)s files fit into one message.") % {
        "limit": FILES_PER_MESSAGE_MAX
    }


class NulMiddleware:
    """Answers an address or a cookie with the character NUL by 400: no text of the database can
    hold one, so that no query has to expect it. In forms it is the fields' business."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info
        if asked or any("\0" in value for value in request.COOKIES.values()):
            return views.malformed(request)
        return self.get_response(request)


class RefusalMiddleware:
    """Turns domain errors that a view let through into pages, or fragments for HTMX."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, ObjectDoesNotExist):
            raise Http404 from exception
        found = sentence(exception)
        if found is None:
            return None
        status, said = found
        if request.headers.get("HX-Request"):
            response = render(
                request, "web/components/banner.html", {"tone": "late", "text": said, "alert": True}
            )
            response.status_code = status
            response["HX-Retarget"] = "#refusal"
            response["HX-Reswap"] = "innerHTML"
            return response
        texts = views.typed(request)
        kind = str(status.value)
        if status == HTTPStatus.UNPROCESSABLE_ENTITY:
            kind = "422"
        return views.problem(request, status, said, kind=kind, texts=texts)
