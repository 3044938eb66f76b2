"""How an endpoint is written: an area of the API, and functions that answer with values.

    projects = Area("projects", "Installations of end clients.")

    @projects.get("/projects", Scope.PROJECTS_READ, ProjectPage)
    def list_projects(request: HttpRequest, wanted: Query[Paging]) -> ProjectPage: ...

The first argument is always called `request`; `calls.of(request)` is who calls, when, under which
key. What comes back is a pydantic value (or an `Answer` with headers). Refusals are raised: errors
of the domain as they are, or a `Problem`. Then add the area to `routers.AREAS`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, get_type_hints

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import BaseModel

from desk.channels.api import calls, idempotency, problems
from desk.channels.api.admission import JSON, Needs
from desk.channels.api.scopes import Scope

OK, CREATED, GONE = int(HTTPStatus.OK), int(HTTPStatus.CREATED), int(HTTPStatus.NO_CONTENT)


@dataclass(frozen=True, slots=True)
class Answer:
    """A value with headers of its own; `status` where it is not the endpoint's usual one."""

    value: BaseModel | None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Says:
    """What is not usual about an endpoint: other statuses, another kind of body, other words than
    the function's; `stepwise` as in `idempotency.once`. An answer that is not `kept` holds a
    secret: repeated, it is made again from the deed, without the secret."""

    status: int = OK
    media: str = JSON
    name: str = ""
    summary: str = ""
    about: str = ""
    also: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    stepwise: bool = False
    kept: bool = True


USUAL, MADE, ENDED = Says(), Says(status=CREATED), Says(status=GONE)

Result = BaseModel | Answer | HttpResponseBase | None
Endpoint = TypeVar("Endpoint", bound=Callable[..., Result])


class Area:
    """A chapter of the API; its router knows its endpoints."""

    def __init__(self, tag: str, about: str) -> None:
        self.tag, self.about = tag, about
        self.router = Router(tags=[tag])

    def get(
        self, path: str, scope: Scope | None, returns: Any, says: Says = USUAL
    ) -> Callable[[Endpoint], Endpoint]:
        """An endpoint that reads."""
        return self._endpoint("GET", path, (scope, returns), says)

    def post(
        self, path: str, scope: Scope | None, returns: Any, says: Says = USUAL
    ) -> Callable[[Endpoint], Endpoint]:
        """An endpoint that does something, once per Idempotency-Key."""
        return self._endpoint("POST", path, (scope, returns), says)

    def put(
        self, path: str, scope: Scope | None, returns: Any, says: Says = USUAL
    ) -> Callable[[Endpoint], Endpoint]:
        """An endpoint that makes something be so; done twice it is the same."""
        return self._endpoint("PUT", path, (scope, returns), says)

    def patch(
        self, path: str, scope: Scope | None, returns: Any, says: Says = USUAL
    ) -> Callable[[Endpoint], Endpoint]:
        """An endpoint that changes what is named and leaves the rest."""
        return self._endpoint("PATCH", path, (scope, returns), says)

    def delete(
        self, path: str, scope: Scope | None, says: Says = ENDED
    ) -> Callable[[Endpoint], Endpoint]:
        """An endpoint that ends something; done twice it is the same."""
        return self._endpoint("DELETE", path, (scope, None), says)

    def _endpoint(
        self, method: str, path: str, what: tuple[Scope | None, Any], says: Says
    ) -> Callable[[Endpoint], Endpoint]:
        scope, returns = what

        def decorate(view: Endpoint) -> Endpoint:
            words = inspect.getdoc(view) or ""
            first, _, rest = words.partition("\n\n")
            answering = _answering(view, says)
            self.router.api_operation(
                [method],
                path,
                auth=Needs(scope, says.media),
                response={says.status: returns, **says.also},
                operation_id=says.name or view.__name__,
                summary=says.summary or " ".join(first.split()).rstrip("."),
                description=says.about or rest or None,
                openapi_extra={"x-scope": scope.value} if scope else None,
            )(answering)
            return view

        return decorate


def _answering(view: Callable[..., Result], says: Says) -> Callable[..., HttpResponseBase]:
    """The view as the framework calls it. It reads types from the signature, so that they must
    be types there, not their names in another module."""

    @wraps(view)
    def answering(request: HttpRequest, **given: Any) -> HttpResponseBase:
        _refuse_unknown(request, answering)

        def run() -> HttpResponse:
            return _written(view(request, **given), says.status)

        if request.method != "POST" or not says.kept:
            return run()
        return idempotency.once(request, calls.of(request), run, stepwise=says.stepwise)

    signature = getattr(view, "__signature__", None) or _typed(view)
    answering.__signature__ = signature  # type: ignore[attr-defined]  # Python's own convention
    return answering


def _refuse_unknown(request: HttpRequest, answering: Any) -> None:
    """Raises `Problem` for a parameter that the endpoint does not know: a filter with a slip of
    the pen would else find everything. The framework only looks at those it knows."""
    if not request.GET:
        return
    known: set[str] = set()
    for model in answering._ninja_operation.models:  # noqa: SLF001  the framework's own mark on a view
        if model.__ninja_param_source__ == "query":
            known |= set(model.__ninja_flatten_map__)
    unknown = sorted(set(request.GET) - known)
    if unknown:
        said = _("There is no such parameter.")
        raise problems.invalid([(name, "extra_forbidden", said) for name in unknown])


def _written(result: Result, status: int) -> HttpResponse:
    """A value as JSON."""
    if isinstance(result, HttpResponseBase):
        return result  # type: ignore[return-value]  # a file is read as it is sent
    answer = result if isinstance(result, Answer) else Answer(result)
    body = answer.value.model_dump_json() if answer.value is not None else ""
    response = HttpResponse(
        body, content_type=f"{JSON}; charset=utf-8", status=answer.status or status
    )
    for name, value in answer.headers.items():
        response[name] = value
    return response


def _typed(view: Callable[..., Result]) -> inspect.Signature:
    hints = get_type_hints(view, include_extras=True)
    found = inspect.signature(view)
    return found.replace(
        parameters=[
            each.replace(annotation=hints.get(name, each.annotation))
            for name, each in found.parameters.items()
        ]
    )
