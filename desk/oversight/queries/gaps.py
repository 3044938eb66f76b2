"""When the service is open and nobody of a project's lead and cover is there: what planning has to
mend, by other hours or another cover."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.partners.models import Assignment
from desk.rules import gaps as rules
from desk.rules.worktime import Window
from desk.workdays import queries as workdays

DAYS_AHEAD = 14
WEEK_DAYS = 7
STRETCHES_MAX = 40
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """The people who should cover each other, by id, how many projects they have together, and
    the working times of the coming days in which none of them is there."""

    person_ids: tuple[int, ...]
    people: tuple[str, ...]
    projects: int
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One time in which none of these people is there."""

    people: tuple[str, ...]
    since_at: datetime
    until_at: datetime


def of_the_week(at: datetime) -> tuple[Stretch, ...]:
    """The gaps of the coming week one by one, in the order of time. Raises `workdays.NoHours`."""
    found = [
        Stretch(gap.people, since_at, until_at)
        for gap in gaps(at, WEEK_DAYS)
        for since_at, until_at in gap.windows
    ]
    found.sort(key=lambda one: (one.since_at, one.people))
    return tuple(found[:STRETCHES_MAX])


def gaps(at: datetime, days: int = DAYS_AHEAD) -> list[Gap]:
    """The gaps from `at` on, those with the most projects first. A lead without a cover is a group
    of one. Absences count. Raises `workdays.NoHours`."""
    groups = _groups()
    people = {person_id for group in groups for person_id in group}
    if not people:
        return []
    hours = workdays.hours_ahead(people, at, days)
    found = []
    for group, projects in groups.items():
        present = [window for person_id in group for window in hours.people[person_id]]
        open_windows = rules.uncovered(hours.service, present)
        windows = tuple((max(start, at), end) for start, end in open_windows if end > at)
        if windows:
            names = tuple(hours.names.get(person_id, "") for person_id in group)
            found.append(Gap(group, names, projects, windows))
    return sorted(found, key=lambda gap: (-gap.projects, gap.person_ids))


def _groups() -> dict[tuple[int, ...], int]:
    """Lead and cover of each project, and how many projects they share."""
    rows = Assignment.objects.filter(until_at=None)
    people: dict[int, set[int]] = defaultdict(set)
    for project_id, person_id in rows.values_list("project_id", "specialist__person_id"):
        people[project_id].add(person_id)
    found: dict[tuple[int, ...], int] = defaultdict(int)
    for group in people.values():
        found[tuple(sorted(group))] += 1
    return found
