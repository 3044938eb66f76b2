"""Pages through the real WSGI application, each beside a floor of equal queries and bytes.

The floor is a view behind the same middleware that sends the statements which the page sent, by
bare psycopg over the same connection, reads their rows, and answers with the page's own bytes.
What the page costs above it is the desk's: objects, rules, templates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

from django.db import connection
from django.http import HttpRequest, HttpResponse

from desk.partners.models import Person
from simulation.bench import figures
from simulation.bench.figures import Cost

Statement = tuple[str, Any]


@dataclass(slots=True)
class Replay:
    """What the floor does: the statements it sends and the bytes it answers with."""

    statements: list[Statement] = field(default_factory=list)
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Page:
    """A page to measure: its address, who reads it, and whether as a fragment."""

    name: str
    address: str
    reader: Person
    fragment: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """What a page costs, and its floor. `queries` counts all, `of_view` those of the page itself:
    without session and user, which the middleware reads for every page."""

    queries: int
    of_view: int
    size: int
    page: Cost
    floor: Cost

    @property
    def ratio(self) -> float:
        """The floor's cost by the page's: 1 would be a page that costs nothing itself."""
        return self.floor.cpu / self.page.cpu


replay = Replay()


def floor(request: HttpRequest) -> HttpResponse:
    """The same statements and the same bytes, without any desk in between."""
    del request
    connection.ensure_connection()
    for statement, values in replay.statements:
        with connection.connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.fetchall()
    return HttpResponse(replay.body, content_type=replay.kind)


def empty(request: HttpRequest) -> HttpResponse:
    """Nothing but the middleware."""
    del request
    return HttpResponse(b"")


class Browser:
    """A signed-in reader who talks to the WSGI application without a network."""

    def __init__(self, person: Person, *, fragment: bool) -> None:
        from desk.config.asgi import pages

        self._application = pages
        self._headers = {"HTTP_COOKIE": f"sessionid={_signed_in(person)}"}
        if fragment:
            self._headers["HTTP_HX_REQUEST"] = "true"

    def get(self, address: str) -> bytes:
        """The body of a page; anything but 200 is a mistake of the benchmark."""
        path, _, query = address.partition("?")
        environ: dict[str, Any] = {
            "PATH_INFO": path,
            "QUERY_STRING": quote(query, safe="=&-"),
            "HTTP_HOST": "127.0.0.1",
        }
        setup_testing_defaults(environ)
        environ.update(self._headers)
        status: list[str] = []

        def start(code: str, _headers: Any, _error: Any = None) -> Callable[[bytes], object]:
            status.append(code)
            return lambda _body: None

        answer = self._application(environ, start)
        try:
            body = b"".join(answer)
        finally:
            answer.close()
        if not status[0].startswith(str(HTTPStatus.OK.value)):
            raise RuntimeError(f"{address} answers {status[0]}")
        return body


def measure(page: Page, times: int) -> Measured:
    """The page and its floor, side by side."""
    browser = Browser(page.reader, fragment=page.fragment)
    browser.get(page.address)
    with _listening() as sent:
        replay.body = browser.get(page.address)
    with _listening() as by_middleware:
        browser.get("/bench/empty")
    replay.statements = [(sql, values) for sql, values in sent[len(by_middleware) :]]
    works: dict[str, Callable[[], object]] = {
        "page": lambda: browser.get(page.address),
        "floor": lambda: browser.get("/bench/floor"),
    }
    backend = figures.backend_of_django()
    costs = figures.side_by_side(works, times, backend)
    return Measured(
        queries=len(sent),
        of_view=len(replay.statements),
        size=len(replay.body),
        page=costs["page"],
        floor=costs["floor"],
    )


def statements(page: Page) -> list[Statement]:
    """What a page sends to the database."""
    browser = Browser(page.reader, fragment=page.fragment)
    browser.get(page.address)
    with _listening() as sent:
        browser.get(page.address)
    return sent


def _signed_in(person: Person) -> str:
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)


@contextmanager
def _listening() -> Iterator[list[Statement]]:
    """Hear every statement that Django sends while the block runs."""
    sent: list[Statement] = []

    def hear(execute: Any, sql: Any, values: Any, many: bool, context: Any) -> Any:
        sent.append((str(sql), values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(hear):
        yield sent
