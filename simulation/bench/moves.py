"""Moves per second through the actions, beside the same rows without them."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import connection

from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.partners.models import Person
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets.actions import Accepting, Submission
from desk.tickets.models import Ticket
from simulation.bench import figures, recording
from simulation.bench.figures import Cost
from simulation.bench.floors import BareOrm, BarePsycopg
from simulation.bench.recording import Written
from simulation.moves import RESULT, TAKEN, TEXT
from simulation.people import Company

VERBS = ("submit", "accept", "start", "deliver", "confirm")
_keys = itertools.count()


@dataclass(frozen=True, slots=True)
class Compared:
    """One verb: what it costs through the action and by the floors; rows and statements."""

    verb: str
    rows: int
    statements: int
    action: Cost
    psycopg: Cost
    orm: Cost


class Life:
    """A ticket of a company from submission to its end, by the real actions."""

    def __init__(self, company: Company, at: datetime) -> None:
        self.company, self.at = company, at
        self.ticket: Ticket | None = None

    def move(self, verb: str) -> None:
        getattr(self, verb)()

    def begin(self) -> None:
        """Another ticket."""
        self.ticket = None

    def submit(self) -> None:
        project, author = self.company.projects[0], self.company.member
        asked = Submission(
            self.company.partner.pk, project.pk, "Не друкується накладна", TEXT, author.pk
        )
        self.ticket = actions.submit(self._cause(author, "cabinet"), asked)

    def accept(self) -> None:
        accepting = Accepting(Type.SIMPLE, TAKEN)
        actions.accept(self._cause(self._executor, "workplace"), self._id, accepting)

    def start(self) -> None:
        actions.start(self._cause(self._executor, "workplace"), self._id)

    def deliver(self) -> None:
        actions.deliver(self._cause(self._executor, "workplace"), self._id, RESULT)

    def confirm(self) -> None:
        actions.confirm(self._cause(self.company.member, "cabinet"), self._id, 5, "")

    @property
    def _id(self) -> int:
        assert self.ticket is not None, "a life begins with submit"
        return self.ticket.pk

    @property
    def _executor(self) -> Person:
        assert self.ticket is not None, "a life begins with submit"
        assert self.ticket.executor is not None, "the bench takes a project whose lead is there"
        return self.ticket.executor

    def _cause(self, person: Person, channel: str) -> Cause:
        return causes.person(person.pk, self.at, channel, f"bench-{self.at:%H%M%S%f}-{next(_keys)}")


def record(company: Company, at: datetime) -> list[Written]:
    """One whole life, and which rows each of its moves wrote."""
    life = Life(company, at)
    life_before = Life(company, at)
    for verb in VERBS:
        life_before.move(verb)
    return [recording.record(verb, partial(life.move, verb)) for verb in VERBS]


def measure(company: Company, at: datetime, life: list[Written], tickets: int) -> list[Compared]:
    """Whole lives, in turn by the action and by each floor; medians of rounds for each verb."""
    psycopg = BarePsycopg(life, os.environ["DATABASE_URL"])
    here = figures.backend_of_django()
    doers: dict[str, tuple[Life | BarePsycopg | BareOrm, int]] = {
        "action": (Life(company, at), here),
        "psycopg": (psycopg, psycopg.connection.info.backend_pid),
        "orm": (BareOrm(life), here),
    }
    seen: dict[tuple[str, str], list[Cost]] = {}
    for _ in range(figures.ROUNDS):
        for name, (doer, backend) in doers.items():
            for verb, cost in _lives(doer, backend, tickets).items():
                seen.setdefault((name, verb), []).append(cost)
    psycopg.connection.close()
    return [
        Compared(
            written.verb,
            written.rows,
            written.statements,
            *(figures.median(seen[name, written.verb]) for name in doers),
        )
        for written in life
    ]


def _lives(doer: Life | BarePsycopg | BareOrm, backend: int, tickets: int) -> dict[str, Cost]:
    costs: dict[str, list[Cost]] = {verb: [] for verb in VERBS}
    for _ in range(tickets):
        doer.begin()
        for verb in VERBS:
            costs[verb].append(figures.spend(1, partial(doer.move, verb), backend))
    return {verb: figures.mean(of_verb) for verb, of_verb in costs.items()}


def at_once(make: Callable[[], Life | BarePsycopg], threads: int, tickets: int) -> float:
    """Moves per second by several threads, each with a connection of its own."""
    doers = [make() for _ in range(threads)]
    ready = threading.Barrier(threads + 1)

    def live(doer: Life | BarePsycopg) -> None:
        ready.wait()
        for _ in range(tickets):
            doer.begin()
            for verb in VERBS:
                doer.move(verb)
        if isinstance(doer, Life):
            connection.close()
        else:
            doer.connection.close()

    workers = [threading.Thread(target=live, args=[doer]) for doer in doers]
    for worker in workers:
        worker.start()
    ready.wait()
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    return threads * tickets * len(VERBS) / (time.perf_counter() - began)
