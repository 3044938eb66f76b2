"""One run of the proof: a world, its offences, and what control made of them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db import connection

from desk.oversight.actions import control
from desk.oversight.models import Violation
from simulation.offences import ground, watching
from simulation.offences.course import Course, Finding, Watcher
from simulation.offences.hours import moment
from simulation.offences.killing import Killed
from simulation.offences.plan import Plan
from simulation.offences.town import Town

FIRST = date(2026, 10, 12)
DAYS_A_WEEK = 7
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
        return _less(self.injected, self.found, rests=False)

    @property
    def invented(self) -> list[Finding]:
        return _less(self.found, self.injected, rests=True)

    @property
    def wrong(self) -> bool:
        return bool(self.missed or self.invented or self.late)

    def to_dict(self) -> dict[str, object]:
        return {
            "seed": self.seed,
            "weeks": self.weeks,
            "injected": [one.to_dict() for one in self.injected],
            "found": [one.to_dict() for one in self.found],
            "missed": [one.to_dict() for one in self.missed],
            "invented": [one.to_dict() for one in self.invented],
        }


def _less(these: list[Finding], those: list[Finding], *, rests: bool) -> list[Finding]:
    """Those of `these` that have no counterpart: clause, specialist and instant are equal, and the
    one that was found rests on all that the planned one names. Each is taken once."""
    left = list(those)
    missing = []
    for one in these:
        same = (
            other
            for other in left
            if other.key == one.key and (one.rests_on(other) if rests else other.rests_on(one))
        )
        match = next(same, None)
        if match is None:
            missing.append(one)
        else:
            left.remove(match)
    return missing


class Rhythm(StrEnum):
    """When control looks: as the real loop, rarely, or in a process that is killed again and
    again. What it finds is the same."""

    LIVE = "live"
    RARE = "rare"
    KILLED = "killed"


def prove(seed: int, days: int, rhythm: Rhythm = Rhythm.LIVE) -> Result:
    """Live through `days` calendar days from Monday 12 October 2026 and compare."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    start = moment(FIRST, 7)
    made = ground.settle(start - timedelta(minutes=10))
    people = [one.pk for one in (*made.specialists, *made.administrators)]
    driver = _watcher(rhythm, people, start, seed)
    course = Course(made, random.Random(seed), start, driver)
    town = Town(course)
    plan = Plan(course, town, FIRST, days)
    plan.lay_out()
    town.live(plan.dates)
    end = moment(FIRST + timedelta(days=days), 0)
    course.run(end)
    control.look(people, end)
    if isinstance(driver, Killed):
        driver.end()
    return compared(seed, -(-days // DAYS_A_WEEK), course, rhythm)


def _watcher(rhythm: Rhythm, people: list[int], start: datetime, seed: int) -> Watcher:
    if rhythm == Rhythm.LIVE:
        return watching.Live(people, start)
    return Killed(start, seed) if rhythm == Rhythm.KILLED else watching.Rare(start, seed)


def told(result: Result) -> list[str]:
    """What came of it, in lines for people to read."""
    each = Counter(one.clause for one in result.injected)
    by_clause = ", ".join(f"{clause} × {count}" for clause, count in sorted(each.items()))
    lines = [
        f"seed {result.seed}, {result.weeks} weeks: {len(result.injected)} injected ({by_clause})",
        f"{len(result.found)} found, {result.excused} excused by rule",
    ]
    for name, rows in (("missed", result.missed), ("invented", result.invented)):
        lines += [f"{name}: {one.clause} {one.specialist} {one.at:%d.%m %H:%M:%S}" for one in rows]
    return [*lines, *result.late]


def compared(seed: int, weeks: int, course: Course, rhythm: Rhythm) -> Result:
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
        if rhythm == Rhythm.LIVE and not row.excuse and row.found_at - row.at > SOON
    ]
    excused = sum(bool(row.excuse) for row in rows)
    return Result(seed, weeks, injected, found, excused, late, course.acts)
