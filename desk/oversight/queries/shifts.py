"""Shifts by schedule, without absences: the first of a person after an instant, and how many."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.partners import queries as partners
from desk.rules.worktime import Calendar, Window
from desk.workdays import queries as workdays
from desk.workdays.models import Absence

DAY = timedelta(days=1)
AHEAD_DAYS_MAX = 60
"""Whoever has no shift for so long is absent for longer than we look."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a person works, None without any hours, and when not."""

    calendar: Calendar | None
    gone: tuple[Window, ...]

    def first(self, begin: datetime) -> datetime | None:
        """The beginning of the first working window at or after an instant that is not spent in
        an absence; one that had begun counts from then."""
        if self.calendar is None:
            return None
        on = self.calendar.date_of(begin)
        for _day in range(AHEAD_DAYS_MAX):
            for start, end in self.calendar.windows(on):
                start_at = max(start, begin)
                if start_at < end and not self._away(start_at):
                    return start_at
            on += DAY
        return None

    def count(self, since_at: datetime, until_at: datetime) -> int:
        """How many shifts begin in a span. A day off for its whole is none."""
        if self.calendar is None or since_at >= until_at:
            return 0
        on, found = self.calendar.date_of(since_at), 0
        while on <= self.calendar.date_of(until_at):
            starts = [start for start, _end in self.calendar.windows(on)]
            at_work = any(not self._away(start) for start in starts)
            found += bool(starts) and at_work and since_at <= starts[0] < until_at
            on += DAY
        return found

    def _away(self, at: datetime) -> bool:
        return any(gone_at <= at < back_at for gone_at, back_at in self.gone)


def of(person_ids: Collection[int], at: datetime) -> Mapping[int, Hours]:
    """The hours of these people as they are known at an instant: three queries."""
    own = workdays.own_schedules(person_ids, at)
    try:
        service = partners.service_calendar(at)
    except partners.NoVersion:
        service = None
    gone = _gone(person_ids)
    return {
        person_id: Hours(own.get(person_id, service), tuple(gone.get(person_id, ())))
        for person_id in person_ids
    }


def _gone(person_ids: Iterable[int]) -> dict[int, list[Window]]:
    rows = Absence.objects.filter(person_id__in=person_ids, withdrawn_at=None)
    found: dict[int, list[Window]] = {}
    for person_id, since_at, until_at in rows.values_list("person_id", "since_at", "until_at"):
        found.setdefault(person_id, []).append((since_at, until_at))
    return found
