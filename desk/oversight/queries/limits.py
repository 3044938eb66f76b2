"""Until when a violation is ruled on, by the edition in force when it was found (clause 8.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from desk.oversight.queries import editions
from desk.oversight.queries.editions import InForce
from desk.rules.standard.parameters import Rulings
from desk.rules.worktime import Calendar
from desk.workdays import queries as workdays

RULE = "ruled_in_time"
# An edition that leaves rulings to people shows this limit all the same.
DAYS = Rulings().violation_days
EVER = datetime.min.replace(tzinfo=UTC)
WEEK_DAYS = 7
# No holidays last longer: what was found before them is due by so long after its working days.
HOLIDAYS_MAX = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of rulings under each edition, counted once for all that was found in a day."""

    calendar: Calendar
    held: tuple[InForce, ...]
    known: dict[tuple[date, int], datetime] = field(default_factory=dict)

    def due_at(self, found_at: datetime) -> datetime:
        """Until when a violation that was found then is ruled on."""
        return self._end(found_at, self._days(found_at))

    def earliest(self, since_at: datetime) -> datetime:
        """What was found before this was due before `since_at`, under every edition."""
        longest = max((days(one) for one in self.held), default=DAYS)
        furthest_at = since_at - HOLIDAYS_MAX - timedelta(days=longest * WEEK_DAYS)
        found_at = since_at
        while found_at > furthest_at and self._end(found_at, longest) >= since_at:
            found_at -= timedelta(days=1)
        return found_at

    def _days(self, found_at: datetime) -> int:
        return next((days(one) for one in self.held if one.holds(found_at)), DAYS)

    def _end(self, found_at: datetime, count: int) -> datetime:
        key = self.calendar.date_of(found_at), count
        if key not in self.known:
            self.known[key] = self.calendar.end_of_working_day(found_at, count)
        return self.known[key]


def at(moment: datetime) -> Limits:
    """The limits as they are known at a moment. Raises `workdays.NoHours`."""
    calendar = workdays.service_calendar(moment)
    return Limits(calendar, tuple(editions.in_force(EVER, moment)))


def days(edition: InForce) -> int:
    """The working days to a ruling under an edition; the fewest where two clauses ask for it."""
    given = [
        rule.parameters.violation_days
        for clause in edition.rules.clauses
        for rule in clause.rules
        if rule.kind == RULE and isinstance(rule.parameters, Rulings)
    ]
    return min(given, default=DAYS)
