"""Submitting through the API, over HTTP, beside a bare endpoint of the same stack.

The server is a web process as bin/run starts them. Each connection has a token of its own, of
another partner's person in turn. The API and the bare endpoints take turns, so that a busy moment
of the machine meets all alike.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from functools import partial

from django.db import connection
from django.test import Client

from desk.channels.api import actions as tokens
from desk.channels.api.actions import Wanted
from desk.channels.api.scopes import Scope
from desk.lib import clock
from simulation.bench import bare, load, recording
from simulation.bench.bare import Recorded
from simulation.bench.load import Load, Request, Server
from simulation.people import Company, cause_of

CONNECTIONS = 8
ROUNDS = 5
SETTINGS = "simulation.bench.settings"
SUBMIT, KEYED, LIST = "submit", "submit with a key", "list"
ORM, PSYCOPG = "bare ORM", "bare psycopg"
TICKETS = "/api/v1/tickets"
OK, CREATED = 200, 201
JSON = "application/json"
_keys = itertools.count()


def measure(companies: list[Company], times: int) -> dict[str, Load]:
    """What each kind of request costs, `times` on each connection in each of the rounds."""
    secrets = [_token(company) for company in companies]
    bare.keep(_recorded(companies[0], secrets[0]))
    kinds = _kinds(companies, secrets)
    database = _postmaster()
    with load.server(SETTINGS) as server:
        for requests in kinds.values():
            _press(server, requests, 2, database)
        found: dict[str, Load] = {name: Load() for name in kinds}
        for _ in range(ROUNDS):
            for name, requests in kinds.items():
                found[name] = found[name].plus(_press(server, requests, times, database))
    return found


def _press(server: Server, requests: list[Request], times: int, database: int) -> Load:
    return load.press(server, requests, times, partial(load.of_database, database))


def _kinds(companies: list[Company], secrets: list[str]) -> dict[str, list[Request]]:
    """A request of each kind for each connection."""
    found: dict[str, list[Request]] = {}
    for number in range(CONNECTIONS):
        company, secret = companies[number % len(companies)], secrets[number % len(secrets)]
        body = partial(_submission, company)
        plain: Callable[[], Mapping[str, str]] = partial(_headers, secret, keyed=False)
        keyed: Callable[[], Mapping[str, str]] = partial(_headers, secret, keyed=True)
        partner = company.partner.pk
        for name, request in (
            (SUBMIT, Request("POST", TICKETS, CREATED, body, plain)),
            (KEYED, Request("POST", TICKETS, CREATED, body, keyed)),
            (ORM, Request("POST", f"{bare.ADDRESS}/orm/{partner}", CREATED, body, plain)),
            (PSYCOPG, Request("POST", f"{bare.ADDRESS}/psycopg/{partner}", CREATED, body, plain)),
            (LIST, Request("GET", TICKETS, OK, bytes, plain)),
        ):
            found.setdefault(name, []).append(request)
    return found


def _token(company: Company) -> str:
    wanted = Wanted("bench", (Scope.TICKETS_READ.value, Scope.TICKETS_WRITE.value))
    cause = cause_of(company.owner, clock.now(), "setup")
    _made, secret = tokens.issue(cause, company.member.pk, wanted)
    assert secret is not None, "a cause without a key makes a new one"
    return secret


def _recorded(company: Company, secret: str) -> Recorded:
    """One submission through the API, in this process: the rows that it writes."""
    client = Client(SERVER_NAME="127.0.0.1")
    answers: list[bytes] = []

    def submit() -> None:
        body = _submission(company)
        answer = client.post(
            TICKETS, body, content_type=JSON, headers=_headers(secret, keyed=False)
        )
        assert answer.status_code == CREATED, answer.content
        answers.append(answer.content)

    submit()
    return Recorded(recording.record("submit", submit), company.partner.pk, answers[-1])


def _submission(company: Company) -> bytes:
    asked = {
        "project_id": company.projects[0].pk,
        "subject": "Не друкується накладна",
        "text": "Друк зупиняється на другій сторінці, а замовлення чекає.",
    }
    return json.dumps(asked).encode()


def _headers(secret: str, *, keyed: bool) -> dict[str, str]:
    found = {"Authorization": f"Bearer {secret}", "Content-Type": JSON, "Accept": JSON}
    if keyed:
        found["Idempotency-Key"] = f"bench-{next(_keys)}"
    return found


def _postmaster() -> int:
    """The process of the database server: the parent of our own connection's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return load.parent(cursor.fetchone()[0])
