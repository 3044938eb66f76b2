"""Bare endpoints beside the API: behind the same server and middleware, writing the same rows.

They parse the JSON, write in one transaction what a submission through the API writes (ticket,
clocks, message, follower, journal, the partner's count, the count of the token's calls), each row
once, and answer with as many bytes. They look up no token, validate no field, decide, check and
read nothing: whatever the API does besides writing counts against it.
"""

from __future__ import annotations

import json
import os
import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse

from desk.channels.api import admission
from simulation.bench.floors import BareOrm, BarePsycopg, Floor
from simulation.bench.recording import Written

KEPT = "bench-submission.pickle"
ADDRESS = "/bench/submit"
CREATED = 201
NO_LIMIT = 10**9


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a submission through the API wrote, for which partner, and what it answered."""

    written: Written
    partner_id: int
    answer: bytes


Make = Callable[[list[Written]], Floor]
FLOORS: dict[str, Make] = {
    "orm": BareOrm,
    "psycopg": lambda life: BarePsycopg(life, os.environ["DATABASE_URL"]),
}
_floors = threading.local()


def keep(recorded: Recorded) -> None:
    """Leave the recording where the server's process finds it."""
    _file().write_bytes(pickle.dumps(recorded))


class BareMiddleware:
    """Answers the bare endpoints in the place of the API's gate, which answers its own addresses
    there: what comes before is the same for both, what comes after meets neither."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        # A benchmark that runs into the limit of a token would measure refusals.
        setattr(admission, "RATE_MAX", NO_LIMIT)  # noqa: B010  # it is imported there by name

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(ADDRESS):
            return self.get_response(request)
        kind, _, partner = request.path.removeprefix(f"{ADDRESS}/").partition("/")
        return _submit(request, int(partner), FLOORS[kind])


def _submit(request: HttpRequest, partner_id: int, make: Make) -> HttpResponse:
    json.loads(request.body)
    recorded = _recorded()
    floor = _floor(request.path, recorded, partner_id, make)
    floor.begin()
    floor.ids["partners_partner", recorded.partner_id] = partner_id
    floor.move(recorded.written.verb)
    return HttpResponse(recorded.answer, content_type="application/json", status=CREATED)


def _floor(address: str, recorded: Recorded, partner_id: int, make: Make) -> Floor:
    """The floor of this thread for this address, made once."""
    known: dict[str, Floor] = _floors.__dict__.setdefault("known", {})
    if address not in known:
        known[address] = make([recorded.written])
        known[address].partner_id = partner_id
    return known[address]


def _recorded() -> Recorded:
    found: Any = _floors.__dict__.get("recorded")
    if found is None:
        # The benchmark itself wrote this file a moment ago, into a folder of its own.
        found = _floors.recorded = pickle.loads(_file().read_bytes())  # noqa: S301
    assert isinstance(found, Recorded)
    return found


def _file() -> Path:
    return Path(os.environ["DESK_DATA"]) / KEPT
