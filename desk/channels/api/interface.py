"""The framework's object: endpoints of all areas, errors as problems."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from desk.channels.api import problems
from desk.channels.api.problems import Problem
from desk.channels.api.routers import AREAS

VERSION = "1.0"
ABOUT = """Everything that the pages of the desk can do, for programs: a partner submits tickets and
follows them, our people work on them. The same rules hold, the same rights, the same words.

Moments are ISO 8601 in UTC, durations are seconds of working time, money is in kopecks."""


def _answered(_request: HttpRequest, error: Exception) -> HttpResponse:
    """A refusal as a problem; a fault of ours goes on to the gate, which logs it."""
    match error:
        case ValidationError():
            return problems.answer(problems.of_validation(error.errors))
        case HttpError():
            return problems.answer(Problem("malformed"))
    known = problems.of(error)
    if known is None:
        raise error
    return problems.answer(known)


def _made() -> NinjaAPI:
    made = NinjaAPI(
        title="Partner Desk",
        version=VERSION,
        description=ABOUT,
        openapi_url=None,
        docs_url=None,
        urls_namespace="api",
    )
    for kind in (Exception, Http404, HttpError, ValidationError):
        made.add_exception_handler(kind, _answered)  # type: ignore[arg-type]  # never a class
    for area in AREAS:
        made.add_router("", area.router)
    return made


api = _made()
