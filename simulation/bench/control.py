"""Machine control of a thousand specialists on one core: does it keep up in real time?

A week that real actions have made is copied, people and tickets alike, until there are enough
specialists with open tickets and full days. Each is looked at once a minute at least, and at once
when a limit comes or something happens: the cost of a minute must stay far below a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from django.db import connection

from desk.oversight.actions import control
from desk.oversight.models import Violation, Watch
from desk.oversight.queries import control as queries
from desk.partners.models import StaffMembership, StaffRole
from desk.tickets.models import Ticket
from desk.workdays.models import Interval
from simulation import charter
from simulation.bench import base, figures, growth
from simulation.bench.figures import Cost
from simulation.world import World

SPECIALISTS = 1_000
QUICK_SPECIALISTS = 100
MINUTE_SECONDS = 60
# Of all specialists, how many a minute something happens to, besides the look of each minute.
TOUCHED_PERCENT = 50
_OTHERS = """
    UPDATE journal_entry SET facts = facts || jsonb_build_object(%(name)s::text,
        (facts->>%(name)s)::bigint + (id / %(step)s) * %(step)s)
    WHERE id > %(step)s AND jsonb_typeof(facts->%(name)s) = 'number'
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """`first` is the look that finds what a week has brought, `sweep` the one of each later
    minute, both for everybody; `touched` the looks at those to whom something happened."""

    people: int
    open_tickets: int
    intervals: int
    violations: int
    first: Cost
    sweep: Cost
    touched: Cost

    @property
    def minute_cpu(self) -> float:
        """Processor seconds that control takes in a minute, its database's among them."""
        return self.sweep.cpu + self.touched.cpu


def measure(url: str, now: datetime, *, quick: bool) -> Kept:
    """Make the world and look; `url` is a superuser's."""
    world = base.make(now)
    _live_by_the_standard(world, now)
    _many(url, QUICK_SPECIALISTS if quick else SPECIALISTS)
    backend = figures.backend_of_django()
    people = queries.watched()
    first = figures.spend(1, lambda: _everybody(now), backend)
    sweep = figures.spend(1, lambda: _everybody(now + timedelta(minutes=1)), backend)
    some = people[: len(people) * TOUCHED_PERCENT // 100]
    touched = figures.spend(1, lambda: _look(some, now + timedelta(minutes=1, seconds=30)), backend)
    return Kept(
        people=len(people),
        open_tickets=Ticket.objects.exclude(clock="ended").count(),
        intervals=Interval.objects.count(),
        violations=Violation.objects.count(),
        first=first,
        sweep=sweep,
        touched=touched,
    )


def _live_by_the_standard(world: World, now: datetime) -> None:
    """An edition, and days on record."""
    charter.publish(world)
    for number in range(base.DAYS, -1, -1):
        charter.evening(world, (now - timedelta(days=number)).date())
    Watch.objects.all().delete()


def _many(url: str, specialists: int) -> None:
    """Copy the world until it has so many specialists."""
    known = StaffMembership.objects.filter(role=StaffRole.SPECIALIST, until_at=None).count()
    with psycopg.connect(url, autocommit=True) as raw:
        growth.copies(raw, specialists // known)
        # In force since the world began: a published edition is not changed otherwise.
        raw.execute(
            "UPDATE oversight_edition SET effective_at = effective_at - before.days,"
            " published_at = published_at - before.days, drafted_at = drafted_at - before.days"
            " FROM (SELECT make_interval(days => %s)) before (days)",
            [base.DAYS],
        )
        for name in ("executor", "executor_from", "person"):
            raw.execute(_OTHERS, {"name": name, "step": growth.STEP})
        raw.execute("VACUUM ANALYZE")
    connection.close()


def _everybody(at: datetime) -> None:
    """Tick until nobody waits any more: what the worker does in a minute."""
    while control.tick(at):
        pass


def _look(people: list[int], at: datetime) -> None:
    for start in range(0, len(people), control.BATCH_MAX):
        control.look(people[start : start + control.BATCH_MAX], at)
