"""Whether machine control keeps up: when everybody was last looked at, and how late it finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Max, Min

from desk.oversight.models import Violation, Watch
from desk.oversight.queries import outages
from desk.oversight.queries.control import LOOK_EVERY, watched

# A violation is found so soon after its instant, as long as the worker runs.
FOUND_WITHIN = timedelta(seconds=5)
# A look is late when somebody has waited for theirs so long.
LATE_AFTER = 2 * LOOK_EVERY
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """`oldest_at` is the last look of whoever waits longest, None before the first; `lag_seconds`
    the latest finding of the last day, None without one."""

    people: int
    oldest_at: datetime | None
    is_late: bool
    lag_seconds: float | None
    lags: bool
    pages_are_out: bool


def of(at: datetime) -> Pace:
    """How control keeps up at `at`: three queries."""
    people = watched()
    rows = Watch.objects.filter(person__in=people)
    oldest_at = rows.aggregate(oldest=Min("looked_at"))["oldest"]
    lag = _lag(at)
    return Pace(
        people=len(people),
        oldest_at=oldest_at,
        is_late=bool(people) and (oldest_at is None or at - oldest_at > LATE_AFTER),
        lag_seconds=None if lag is None else round(lag.total_seconds(), 1),
        lags=lag is not None and lag > FOUND_WITHIN,
        pages_are_out=outages.pages_are_out(),
    )


def _lag(at: datetime) -> timedelta | None:
    span = ExpressionWrapper(F("found_at") - F("at"), output_field=DurationField())
    found = Violation.objects.filter(found_at__gt=at - DAY, found_at__lte=at)
    lag: timedelta | None = found.aggregate(lag=Max(span))["lag"]
    return lag
