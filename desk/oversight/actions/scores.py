"""Counting what was kept, once a week is over."""

from __future__ import annotations

from datetime import date, datetime

from desk.oversight.models import WeekScore
from desk.oversight.queries import scores as queries

BATCH_MAX = 50
# So many weeks are made up for after a standstill.
WEEKS_MAX = 4


def count_week(at: datetime) -> int:
    """Count the kept obligations of every specialist for the weeks that are over and not counted;
    returns how many were counted. Done again it counts nothing.

    Violations and rulings are not copied: a score follows from their own rows.
    """
    latest = queries.monday(at)
    return sum(_count(latest - back * queries.WEEK, at) for back in range(WEEKS_MAX, 0, -1))


def _count(week_on: date, at: datetime) -> int:
    people = queries.uncounted(week_on)
    for start in range(0, len(people), BATCH_MAX):
        batch = people[start : start + BATCH_MAX]
        rows = [
            WeekScore(person_id=person_id, week_on=week_on, kept=dict(found), counted_at=at)
            for person_id, found in queries.kept(batch, week_on).items()
        ]
        # Another worker may count the same week: the row that was first stays.
        WeekScore.objects.bulk_create(rows, ignore_conflicts=True)
    return len(people)
