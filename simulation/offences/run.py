"""One run of the proof: a world, its offences, and what control made of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from desk.oversight.models import Violation
from simulation.offences import ground, watching
from simulation.offences.course import Course, Finding, Watcher
from simulation.offences.hours import moment
from simulation.offences.plan import Plan
from simulation.offences.town import Town

FIRST = date(2026, 10, 12)
DAYS_A_WEEK = 7
AFTERWARDS = timedelta(days=3)
SOON = timedelta(seconds=5)


@dataclass(slots=True)
class Result:
    """What was planned, what was found, and how the two differ."""

    seed: int
    weeks: int
    injected: list[Finding]
    found: list[Finding]
    excused: int
    late: list[str]
    acts: int

    @property
    def missed(self) -> list[Finding]:
        """Planned and not found, or found on other evidence."""
        return _less(self.injected, self.found)

    @property
    def invented(self) -> list[Finding]:
        return _less(self.found, self.injected)

    def to_dict(self) -> dict[str, object]:
        return {
            "seed": self.seed,
            "weeks": self.weeks,
            "injected": [one.to_dict() for one in self.injected],
            "found": [one.to_dict() for one in self.found],
            "missed": [one.to_dict() for one in self.missed],
            "invented": [one.to_dict() for one in self.invented],
        }


def _less(these: list[Finding], those: list[Finding]) -> list[Finding]:
    left = Counter(one.key for one in those)
    missing = []
    for one in these:
        if left[one.key]:
            left[one.key] -= 1
        else:
            missing.append(one)
    return missing


def prove(
    seed: int, days: int, watcher: Callable[[list[int], datetime], Watcher] | None = None
) -> Result:
    """Live through `days` calendar days from Monday 12 October 2026 and compare."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    start = moment(FIRST, 7)
    made = ground.settle(start - timedelta(minutes=10))
    people = [one.pk for one in (*made.specialists, *made.administrators)]
    driver = (watcher or watching.Live)(people, start)
    course = Course(made, random.Random(seed), start, driver)
    town = Town(course)
    plan = Plan(course, town, FIRST, days)
    plan.lay_out()
    town.live(plan.dates)
    end = moment(FIRST + timedelta(days=days), 0)
    course.run(end)
    return compared(seed, -(-days // DAYS_A_WEEK), course)


def compared(seed: int, weeks: int, course: Course) -> Result:
    """Hold what was planned until now against what stands on record."""
    rows = Violation.objects.select_related("person").order_by("at", "pk")
    found = [
        Finding(row.clause, row.person.email, row.at, tuple(row.evidence))
        for row in rows
        if not row.excuse
    ]
    injected = sorted(
        (one for one in course.injected if one.at < course.now), key=lambda one: one.at
    )
    late = [
        f"{row.clause} at {row.at} was found at {row.found_at}"
        for row in rows
        if not row.excuse and row.found_at - row.at > SOON
    ]
    excused = sum(bool(row.excuse) for row in rows)
    return Result(seed, weeks, injected, found, excused, late, course.acts)
