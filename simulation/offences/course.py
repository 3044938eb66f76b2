"""The course of the proof: simulated time, who acts in it, and what was planned to be found."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from desk.journal import cause as causes
from desk.knowledge import actions as knowledge
from desk.oversight.actions import outages
from desk.partners.models import Person
from desk.tickets import actions as tickets
from desk.tickets.actions import watch
from desk.workdays.models import Activity
from simulation.offences.ground import Ground
from simulation.offences.hours import SERVICE_HOURS as SERVICE
from simulation.offences.hours import Window

# What may be a violation as soon as it is done, or opens the shortest limit.
SHARP = (tickets.accept, tickets.deliver, knowledge.deliver)
Steps = Generator[datetime, None, None]


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation: planned or found. `evidence` names what it must rest on, or does."""

    clause: str
    specialist: str
    at: datetime
    evidence: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, datetime]:
        return self.clause, self.specialist, self.at

    def rests_on(self, planned: Finding) -> bool:
        """Whether it names all evidence that was planned."""
        return set(planned.evidence) <= set(self.evidence)

    def to_dict(self) -> dict[str, str]:
        return {
            "clause": self.clause,
            "specialist": self.specialist,
            "at": self.at.isoformat(),
        }


class Watcher(Protocol):
    """The machine's control, driven through simulated time."""

    def up_to(self, at: datetime) -> None:
        """Look at whatever falls due before `at`."""

    def happened(self, people: set[int], at: datetime, *, sharp: bool) -> None:
        """Something happened to these people at `at`; `sharp`: it may be a violation at once."""


@dataclass(slots=True)
class Course:
    """Simulated time. What falls into an outage happens when it is over; nobody acts in one."""

    ground: Ground
    random: random.Random
    now: datetime
    watcher: Watcher
    outages: list[Window] = field(default_factory=list)
    planned: tuple[Window, ...] = ()
    injected: list[Finding] = field(default_factory=list)
    acts: int = 0
    touched: set[int] = field(default_factory=set)
    sharp: bool = False
    queue: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    numbers: int = 0

    def call(self, at: datetime, act: Callable[[], None]) -> None:
        """Let something happen at `at`, never before now."""
        self.numbers += 1
        heapq.heappush(self.queue, (max(at, self.now), self.numbers, act))

    def run(self, until: datetime) -> None:
        """Let everything happen up to a moment."""
        while self.queue and self.queue[0][0] <= until:
            at, _, act = heapq.heappop(self.queue)
            self._forward(self._usable(at))
            act()
            self._tell()
        self._forward(until)

    def _usable(self, at: datetime) -> datetime:
        return next((end for start, end in self.outages if start <= at < end), at)

    def _forward(self, at: datetime) -> None:
        while self.outages and self.outages[0][1] <= at:
            start, end = self.outages.pop(0)
            self.watcher.up_to(start)
            self.now = max(self.now, end)
            watch.tick(end)
            cause = causes.person(self.ground.vendor.pk, end, "control")
            outages.note_outage(cause, start, end, "Зупинка сервера")
        self.watcher.up_to(at)
        self.now = max(self.now, at)

    def _tell(self) -> None:
        if self.touched:
            people, self.touched = self.touched, set()
            sharp, self.sharp = self.sharp, False
            self.watcher.happened(people, self.now, sharp=sharp)

    def do(self, person: Person, verb: Callable[..., Any], *what: Any) -> Any:
        """A person acts now."""
        channel = "cabinet" if person.email.startswith("owner-") else "workplace"
        done = verb(causes.person(person.pk, self.now, channel), *what)
        self.acts += 1
        self.touched.add(person.pk)
        self.sharp |= verb in SHARP or Activity.BREAK in what
        return done

    def lengthened(self, since_at: datetime, due_at: datetime) -> datetime:
        """The limit of what our own outages kept anybody from doing, in service time."""
        for start, end in self.planned:
            if since_at <= start < due_at:
                due_at = SERVICE.add(due_at, (end - start) / timedelta(minutes=1))
        return due_at

    def expect(
        self, clause: str, person: Person, at: datetime, evidence: tuple[str, ...] = ()
    ) -> None:
        """Control must find this; `at` is when the limit passes."""
        self.injected.append(Finding(clause, person.email, at, evidence))


class Walker:
    """Somebody who goes through the days: a generator that yields when it goes on. Who sleeps can
    be woken before that."""

    def __init__(self, course: Course, steps: Steps) -> None:
        self.course, self.steps = course, steps
        self.turn = 0

    def start(self) -> None:
        self._go_on(self.course.now)

    def wake(self) -> None:
        """Go on now instead of later."""
        self._go_on(self.course.now)

    def _go_on(self, at: datetime) -> None:
        self.turn += 1
        turn = self.turn
        self.course.call(at, lambda: self._step(turn))

    def _step(self, turn: int) -> None:
        if turn != self.turn:
            return
        at = next(self.steps, None)
        if at is not None:
            self._go_on(at)
