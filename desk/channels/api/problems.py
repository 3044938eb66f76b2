"""What the API answers when it does not do what was asked: problem details (RFC 9457).

Each kind has a name that never changes; `type` is that name as an address, where the reference
explains it. `detail` is a sentence for people, in the language of the request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.channels.api.paging import BadCursor
from desk.journal.actions import KeyReused
from desk.lib.files import FileRefused
from desk.rules.ledger import DepositExhausted
from desk.rules.lifecycle import NotAllowed
from desk.tickets import queries
from desk.tickets.actions import Incomplete, Stale
from desk.web import inputs, refusals

MEDIA_TYPE = "application/problem+json"
REFERENCE = "/api/v1/docs"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status, its title, and what to do about it."""

    status: HTTPStatus
    title: str | Promise
    cure: str | Promise


# fmt: off
KINDS: dict[str, Kind] = {
    "malformed": Kind(HTTPStatus.BAD_REQUEST, gettext_lazy("The request cannot be read"),
        gettext_lazy("Send a JSON body in UTF-8, and no NUL character anywhere.")),
    "token-missing": Kind(HTTPStatus.UNAUTHORIZED, gettext_lazy("A token is needed"),
        gettext_lazy("Send the header “Authorization: Bearer …” with every call.")),
    "token-invalid": Kind(HTTPStatus.UNAUTHORIZED, gettext_lazy("The token is not valid"),
        gettext_lazy("It is unknown, revoked, out of date, or its person may no longer sign in.")),
    "scope-missing": Kind(HTTPStatus.FORBIDDEN, gettext_lazy("The token is not for this"),
        gettext_lazy("Make a token with the scope that “scope” names.")),
    "not-permitted": Kind(HTTPStatus.FORBIDDEN, gettext_lazy("This person may not do this"),
        gettext_lazy("The rights of the token's person decide, as on the pages of the desk.")),
    "not-found": Kind(HTTPStatus.NOT_FOUND, gettext_lazy("There is no such thing"),
        gettext_lazy("It does not exist, or the token's person may not know of it.")),
    "method-not-allowed": Kind(HTTPStatus.METHOD_NOT_ALLOWED, gettext_lazy("Not by this method"),
        gettext_lazy("The header “Allow” names the methods of this address.")),
    "timeout": Kind(HTTPStatus.REQUEST_TIMEOUT, gettext_lazy("The request stopped on its way"),
        gettext_lazy("Check the connection and send it again.")),
    "not-allowed": Kind(HTTPStatus.CONFLICT, gettext_lazy("Not in this state"),
        gettext_lazy("“state” is the ticket's state, “allowed” what you may do in it.")),
    "stale": Kind(HTTPStatus.CONFLICT, gettext_lazy("The ticket has changed meanwhile"),
        gettext_lazy("Read the ticket again, decide again, send the new ETag as “If-Match”.")),
    "in-flight": Kind(HTTPStatus.CONFLICT, gettext_lazy("The same call is being carried out"),
        gettext_lazy("Wait a second and repeat the call with the same key.")),
    "deposit-exhausted": Kind(HTTPStatus.CONFLICT, gettext_lazy("The deposit does not suffice"),
        gettext_lazy("Top the deposit up, then repeat the call.")),
    "conflict": Kind(HTTPStatus.CONFLICT, gettext_lazy("It does not fit what there is"),
        gettext_lazy("“detail” says what stands in the way.")),
    "too-large": Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, gettext_lazy("Too large"),
        gettext_lazy("Send less at once: smaller files, fewer tickets.")),
    "wrong-media-type": Kind(HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        gettext_lazy("Not in this format"),
        gettext_lazy("Send “application/json”; files as “multipart/form-data”.")),
    "invalid": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, gettext_lazy("The input is not complete"),
        gettext_lazy("“errors” names each field and what is wrong with it.")),
    "key-reused": Kind(HTTPStatus.UNPROCESSABLE_ENTITY,
        gettext_lazy("The key belongs to another call"),
        gettext_lazy("Use a new Idempotency-Key for each new deed.")),
    "too-many-requests": Kind(HTTPStatus.TOO_MANY_REQUESTS, gettext_lazy("Too many calls"),
        gettext_lazy("Wait as many seconds as “Retry-After” says.")),
    "fault": Kind(HTTPStatus.INTERNAL_SERVER_ERROR, gettext_lazy("A fault of the desk"),
        gettext_lazy("It is in the desk's log. Repeat with the same Idempotency-Key.")),
    "busy": Kind(HTTPStatus.SERVICE_UNAVAILABLE, gettext_lazy("The desk is busy"),
        gettext_lazy("Wait as many seconds as “Retry-After” says, then repeat the call.")),
}
# fmt: on
BY_STATUS = {
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.BAD_REQUEST: "malformed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-large",
}


class Problem(Exception):
    """A problem that is raised where it is found. `more` are further members of the answer."""

    def __init__(
        self,
        name: str,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(name)
        self.name, self.detail = name, detail
        self.headers, self.more = dict(headers or {}), dict(more or {})

    @property
    def status(self) -> HTTPStatus:
        return KINDS[self.name].status


def body(problem: Problem) -> dict[str, object]:
    """The members of the answer."""
    kind = KINDS[problem.name]
    return {
        "type": f"{settings.BASE_URL}{REFERENCE}#problem-{problem.name}",
        "title": str(kind.title),
        "status": int(kind.status),
        "code": problem.name,
        "detail": problem.detail or str(kind.cure),
        **problem.more,
    }


def answer(problem: Problem) -> HttpResponse:
    """The answer that a problem is."""
    text = json.dumps(body(problem), ensure_ascii=False, default=str)
    response = HttpResponse(
        text.encode("utf-8", "replace"), content_type=MEDIA_TYPE, status=problem.status
    )
    response["Cache-Control"] = "no-store"
    for name, value in problem.headers.items():
        response[name] = value
    return response


def of(error: Exception) -> Problem | None:
    """The problem that an error of the domain is; None for a fault of ours."""
    if isinstance(error, Problem):
        return error
    for kinds, made in MAKERS:
        if isinstance(error, kinds):
            return made(error)
    return _other(error)


def invalid(errors: Sequence[tuple[str, str, str]]) -> Problem:
    """Input that is missing or wrong: of each field, a word of a closed list and a sentence."""
    listed = [{"field": field, "code": code, "detail": detail} for field, code, detail in errors]
    first = errors[0][2] if errors else ""
    return Problem("invalid", first, more={"errors": listed})


def _other(error: Exception) -> Problem | None:
    """Refusals that the pages have a sentence for (desk.web.sentences)."""
    found = refusals.sentence(error)
    if found is None:
        return None
    status, said = found
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return invalid([(getattr(error, "field", ""), word(error), said)])
    return Problem(BY_STATUS.get(status, "conflict"), said, more={"reason": word(error)})


def word(error: Exception) -> str:
    """The name of an error as programs read it: CapExceeded is "cap_exceeded"."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


def _not_allowed(error: Any) -> Problem:
    return Problem(
        "not-allowed" if error.by_state else "not-permitted",
        _sentence(error),
        more={
            "verb": error.verb.value,
            "state": error.state.value,
            "allowed": [verb.value for verb in error.allowed],
        },
    )


def _stale(error: Any) -> Problem:
    return Problem("stale", _sentence(error), more={"current_version": error.current})


def _incomplete(error: Any) -> Problem:
    return invalid([(error.field, error.why, _sentence(error))])


def _bad_cursor(_error: Any) -> Problem:
    return invalid([("cursor", "unknown", _("No page of this list begins there."))])


def _file(error: Any) -> Problem:
    if error.why == "too_large":
        return Problem("too-large", _sentence(error))
    return invalid([("file", error.why, _sentence(error))])


def _too_big(_error: Any) -> Problem:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // refusals.MEGABYTE
    return Problem("too-large", _("A body may have at most %(limit)s MB.") % {"limit": limit})


def _sentence(error: Exception) -> str:
    found = refusals.sentence(error)
    return found[1] if found else ""


def of_validation(errors: Sequence[Mapping[str, object]]) -> Problem:
    """Input that its types refuse, as the framework tells it."""
    return invalid([_of_field(one) for one in errors])


def _of_field(one: Mapping[str, object]) -> tuple[str, str, str]:
    place = one.get("loc")
    names = [str(step) for step in place] if isinstance(place, tuple | list) else []
    field = ".".join(names[2:] if names[:1] == ["body"] else names[1:])
    kind = str(one.get("type", ""))
    if kind == "missing":
        return field, "missing", inputs.shortcoming(field, "missing")
    if kind == "string_too_long":
        return field, "too_long", inputs.shortcoming(field, "too_long")
    if translation.get_language() != "en":
        # The types' own sentences are in English only.
        return field, kind, inputs.shortcoming(field, kind)
    return field, kind, str(one.get("msg", ""))


# What the framework raises of bodies and headers that no client sends by mistake alone.
UNREADABLE = (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError)
MAKERS: tuple[tuple[tuple[type[Exception], ...], Callable[[Any], Problem]], ...] = (
    ((NotAllowed,), _not_allowed),
    ((Stale,), _stale),
    ((Incomplete,), _incomplete),
    ((BadCursor, queries.BadCursor), _bad_cursor),
    ((FileRefused,), _file),
    ((DepositExhausted,), lambda error: Problem("deposit-exhausted", _sentence(error))),
    ((KeyReused,), lambda _error: Problem("key-reused")),
    ((RequestDataTooBig,), _too_big),
    ((TooManyFilesSent, TooManyFieldsSent), lambda _error: Problem("too-large")),
    (UNREADABLE, lambda _error: Problem("malformed")),
    ((ObjectDoesNotExist, Http404), lambda _error: Problem("not-found")),
    ((PermissionDenied,), lambda _error: Problem("not-permitted")),
)
