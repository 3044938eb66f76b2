"""Many tickets in one call, each with its own outcome: a bad one never stops the others."""

from __future__ import annotations

import logging
from typing import Any, Literal

from django.db import OperationalError
from django.http import HttpRequest
from pydantic import BaseModel, Field, ValidationError

from desk.channels.api import calls, problems
from desk.channels.api.calls import Call
from desk.channels.api.problems import Problem
from desk.channels.api.routing import Area, Says
from desk.channels.api.scopes import Scope
from desk.channels.api.shapes import Given
from desk.channels.api.submitting import NewTicket, submit
from desk.tickets import queries

batch = Area("batch", "Many tickets in one call.")

BATCH_MAX = 500
log = logging.getLogger(__name__)


class Batch(Given):
    """New tickets, each as `POST /tickets` takes it."""

    tickets: list[Any] = Field(min_length=1, max_length=BATCH_MAX)


class Outcome(BaseModel):
    """What became of one of them; `problem` as the same call alone would have answered it."""

    index: int = Field(description="Its place in the call, from 0.")
    status: Literal["created", "existing", "refused"]
    external_id: str | None
    number: str | None
    problem: dict[str, Any] | None


class Outcomes(BaseModel):
    """What became of all of them, in their order."""

    created: int
    existing: int
    refused: int
    items: list[Outcome]


@batch.post("/tickets/batch", Scope.TICKETS_WRITE, Outcomes, Says(stepwise=True))
def submit_batch(request: HttpRequest, body: Batch) -> Outcomes:
    """Submit many tickets.

    At most 500. Each is done, or refused, by itself. With an `Idempotency-Key` a call that broke
    off goes on where it was when you repeat it.
    """
    call, made = calls.of(request), dict[int, str]()
    items = [_outcome(call, index, given, made) for index, given in enumerate(body.tickets)]
    count = [item.status for item in items].count
    return Outcomes(
        created=count("created"), existing=count("existing"), refused=count("refused"), items=items
    )


def _outcome(call: Call, index: int, given: object, made: dict[int, str]) -> Outcome:
    """Do one of them; `made` are the numbers of the tickets that this call has answered."""
    named = given.get("external_id") if isinstance(given, dict) else None
    external_id = named if isinstance(named, str) else None
    try:
        done = submit(call, NewTicket.model_validate(given), index)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001  whatever is wrong with one, the others go on
        problem = problems.body(_problem(error))
        return Outcome(
            index=index, status="refused", external_id=external_id, number=None, problem=problem
        )
    ticket = done.ticket
    if ticket.pk not in made:
        made[ticket.pk] = queries.number(ticket)
    return Outcome(
        index=index,
        status="created" if done.rows else "existing",
        external_id=external_id,
        number=made[ticket.pk],
        problem=None,
    )


def _problem(error: Exception) -> Problem:
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return problems.of_validation([{**one, "loc": ("", *one["loc"])} for one in found])
    known = problems.of(error)
    if known is None:
        # A fault of ours with one of them is told as such, and the others go on.
        log.error("A fault in a batch.", exc_info=error)
        known = Problem("fault")
    return known
