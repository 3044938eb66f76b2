"""The course of the simulated world: a clock, a queue of what happens next, and what came of it.

Stories (stories.py) are generators that act through the real actions and yield the moment at
which they go on. Between them the watcher runs as the worker would. The same seed makes the same
world.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.config import reactions
from desk.journal import actions as journal
from desk.journal.models import Pending
from desk.partners.models import Person
from desk.rules.ledger import DepositExhausted
from desk.rules.lifecycle import NotAllowed, State
from desk.rules.worktime import Calendar
from desk.tickets import actions
from desk.tickets.actions import watch
from desk.tickets.models import Ticket
from simulation import people
from simulation.people import Cast

Story = Generator[datetime, None, None]
REFUSALS = (NotAllowed, actions.Stale, actions.Incomplete, DepositExhausted)
LATER = datetime.max.replace(tzinfo=UTC)
WATCH_EVERY = timedelta(minutes=10)
DRAIN_MAX = 1000


@dataclass(slots=True)
class World:
    """A world from `start` on. `refused` counts moves that were refused, as stories meant them
    to be; `findings` holds what must not happen. `end` is when it will end, where that is known."""

    seed: int
    start: datetime
    cast: Cast
    calendar: Calendar
    random: random.Random
    now: datetime
    queue: list[tuple[datetime, int, Story]] = field(default_factory=list)
    numbers: int = 0
    refused: int = 0
    lost_races: int = 0
    moves: int = 0
    told: Counter[str] = field(default_factory=Counter)
    busy: dict[int, datetime] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    end: datetime = LATER

    @classmethod
    def make(cls, seed: int, start: datetime, terms: dict[str, object] | None = None) -> World:
        """Settle the cast a few minutes before `start`."""
        cast = people.settle(start - timedelta(minutes=5), terms)
        calendar = Calendar.parse(people.CALENDAR)
        return cls(seed, start, cast, calendar, random.Random(seed), start)

    # Time

    def after(self, minutes: float) -> datetime:
        """The moment when so many working minutes have passed."""
        return self.calendar.add(self.calendar.next_open(self.now), int(minutes * 60))

    def soon(self, low: float, high: float) -> datetime:
        """A working moment between `low` and `high` working minutes from now."""
        return self.after(self.random.uniform(low, high))

    def days(self, count: int, minutes: float = 60) -> datetime:
        """A moment in the `count`-th working day after today."""
        evening = self.calendar.end_of_working_day(self.now, count)
        return evening - timedelta(minutes=minutes)

    # What happens

    def tell(self, at: datetime, story: Story) -> None:
        """Let a story go on at `at`, never before now."""
        self.numbers += 1
        heapq.heappush(self.queue, (max(at, self.now), self.numbers, story))

    def run(self, until: datetime) -> None:
        """Let the world live until a moment, the watcher with it."""
        next_watch = self.now
        while self.queue and self.queue[0][0] <= until:
            at, _, story = heapq.heappop(self.queue)
            while next_watch < at:
                self.watch(next_watch)
                next_watch += WATCH_EVERY
            self.now = max(self.now, at)
            try:
                again = next(story)
            except (StopIteration, Unexpected):
                continue
            self.tell(again, story)
        self.watch(until)
        self.now = until

    def watch(self, at: datetime) -> None:
        """What the worker does: reactions, breaches, warnings, alarms."""
        self.react(at)
        while watch.tick(at):
            self.react(at)

    def react(self, at: datetime) -> None:
        """Run the reactions of what was written since; live pages and mails are not simulated."""
        waiting = list(
            Pending.objects.filter(entry__verb__in=reactions.REACTIONS)
            .select_related("entry")
            .order_by("entry")[:DRAIN_MAX]
        )
        for pending in waiting:
            reactions.react(pending.entry, at)
        journal.relayed([pending.entry_id for pending in waiting])

    # Acting

    def do(self, person: Person | None, channel: str, verb: Callable[..., Any], *what: Any) -> Any:
        """Act now. A refusal that no story expected is a finding."""
        cause = people.cause_of(person, self.now, channel)
        try:
            done = verb(cause, *what)
        except REFUSALS as error:
            self.findings.append(f"{self.now:%d.%m %H:%M} {verb.__name__}: {error!r}")
            raise Unexpected from error
        self.moves += 1
        return done

    def tries(
        self, person: Person | None, channel: str, verb: Callable[..., Any], *what: Any
    ) -> bool:
        """Act where a refusal is what should come; whether it was done all the same."""
        cause = people.cause_of(person, self.now, channel)
        try:
            verb(cause, *what)
        except REFUSALS:
            self.refused += 1
            return False
        self.moves += 1
        return True


class Unexpected(Exception):
    """A story met a refusal that it did not expect; it ends, and the finding is kept."""


def ticket(ticket_id: int) -> Ticket:
    """The ticket as it stands."""
    return Ticket.objects.select_related("partner", "executor", "project").get(pk=ticket_id)


def is_open(ticket_id: int, *states: State) -> bool:
    """Whether the ticket is in one of the states."""
    return Ticket.objects.filter(pk=ticket_id, state__in=states).exists()
