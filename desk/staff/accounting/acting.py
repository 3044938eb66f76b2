"""Issuing the acts of a month for all partners of a company, by a job of the queue.

Each act has a transaction of its own, so that a job that dies leaves whole acts, and the one that
takes over goes on: who has the act is not due any more. A press while it runs does nothing.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import TypedDict

from django.core.cache import cache
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from desk.deposits.actions import papering
from desk.deposits.queries import figures, papers
from desk.deposits.queries.papers import ActDue
from desk.journal import cause as causes
from desk.lib import clock
from desk.tickets import queries as tickets

CHANNEL = "accounting"
KEPT_SECONDS = 40 * 24 * 3600
FAILED_MAX = 50
log = logging.getLogger(__name__)


class Outcome(TypedDict):
    """How far a job came: partners it began with, acts it issued, who could not have one."""

    total: int
    issued: int
    failed: list[str]


def start(company_id: int, first_on: date, person_id: int, key: str) -> bool:
    """Put the job into the queue; False where it waits or runs already."""
    from desk.staff.accounting.tasks import issue_acts

    name = _name(company_id, first_on)
    job = issue_acts.configure(queueing_lock=name, lock=name)
    try:
        # A lock that is taken fails the statement: the savepoint keeps the transaction alive.
        with transaction.atomic():
            job.defer(
                company_id=company_id, month=first_on.isoformat(), person_id=person_id, key=key
            )
    except AlreadyEnqueued:
        return False
    return True


def runs(company_id: int, first_on: date) -> bool:
    """Whether a job of the month waits or runs."""
    waiting = ProcrastinateJob.objects.filter(
        queueing_lock=_name(company_id, first_on), status__in=["todo", "doing"]
    )
    return waiting.exists()


def outcome(company_id: int, first_on: date) -> Outcome | None:
    """How far the last job came, or comes; None when there was none."""
    found: Outcome | None = cache.get(_name(company_id, first_on))
    return found


def due(company_id: int, first_on: date) -> list[ActDue]:
    """Partners of the company with charges that an act may carry now."""
    own = set(figures.partners_of(company_id))
    out = {one.root for one in tickets.contested(own)}
    every = papers.act_due(first_on)
    return [one for one in every if one.partner_id in own and not set(one.roots) <= out]


def issue_all(company_id: int, first_on: date, person_id: int, key: str) -> Outcome:
    """Issue what is due, one partner after the other. A refusal stays with its partner."""
    waiting = due(company_id, first_on)
    came: Outcome = {"total": len(waiting), "issued": 0, "failed": []}
    for one in waiting:
        _keep(company_id, first_on, came)
        try:
            issue(one, first_on, person_id, f"{key}:{one.partner_id}")
        except papering.NothingToAct:
            continue
        except Exception:
            # Whatever is wrong with one partner must not keep the others from their acts.
            log.exception("No act of %s for partner %s.", first_on, one.partner_id)
            came["failed"] = [*came["failed"], one.partner_name][:FAILED_MAX]
        else:
            came["issued"] += 1
    _keep(company_id, first_on, came)
    return came


def issue(one: ActDue, first_on: date, person_id: int, key: str) -> papers.PaperRow:
    """The act of one partner, without what is contested at this moment."""
    cause = causes.person(person_id, clock.now(), CHANNEL, key)
    return papering.issue_act(
        cause,
        one.partner_id,
        first_on,
        tickets.contested_roots(one.partner_id),
        tickets.minutes_of(one.roots),
    )


def _keep(company_id: int, first_on: date, came: Outcome) -> None:
    cache.set(_name(company_id, first_on), came, KEPT_SECONDS)


def _name(company_id: int, first_on: date) -> str:
    return f"acts:{company_id}:{first_on:%Y-%m}"
