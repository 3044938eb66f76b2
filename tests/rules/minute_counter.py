"""A second opinion on working time: it counts minutes, one by one, and shares no code with desk.

It reads the calendar's JSON itself, asks the zone what the wall clock shows at each minute of UTC,
and marks the minutes between the first at which an interval's start is reached and the last at
which its end is shown. Slow, without any arithmetic on local time, and good for whole minutes only.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Stop = tuple[datetime, datetime | None]


class MinuteCounter:
    """The open minutes of a calendar in [first, first + minutes)."""

    def __init__(self, document: dict[str, Any], first: datetime, minutes: int) -> None:
        self.first = first.astimezone(UTC)
        self.minutes = minutes
        self.open = [False] * minutes
        # A day before and after, since a local date must be seen whole to know its occurrences.
        margin = 2 * 1440
        zone = ZoneInfo(document["timezone"])
        shown: dict[date, list[tuple[int, int]]] = defaultdict(list)
        for minute in range(-margin, minutes + margin):
            wall = (self.first + minute * MINUTE).astimezone(zone)
            shown[wall.date()].append((minute, wall.hour * 60 + wall.minute))
        for day, clock in shown.items():
            for start, end in self._hours(document, day):
                self._mark(clock, _minute_of_day(start), _minute_of_day(end))

    def _hours(self, document: dict[str, Any], day: date) -> list[list[str]]:
        extra = document.get("extra_days", {})
        if day.isoformat() in extra:
            hours = extra[day.isoformat()]
        elif day.isoformat() in document.get("days_off", []):
            hours = []
        else:
            hours = document["week"].get(WEEKDAYS[day.weekday()], [])
        return list(hours)

    def _mark(self, clock: list[tuple[int, int]], start: int, end: int) -> None:
        reached = [minute for minute, wall in clock if wall >= start]
        ends = [minute for minute, wall in clock if wall == end]
        before = [minute + 1 for minute, wall in clock if wall < end]
        if not reached or not before:
            return
        for minute in range(reached[0], max(ends) if ends else max(before)):
            if 0 <= minute < self.minutes:
                self.open[minute] = True

    def is_open(self, at: datetime) -> bool:
        """Whether the minute that starts at `at` is working time."""
        return self.open[self._index(at)]

    def elapsed(self, start: datetime, end: datetime, stops: Sequence[Stop] = ()) -> int:
        """Open minutes in [start, end) that no pause covers."""
        return sum(
            self._counts(minute, stops) for minute in range(self._index(start), self._index(end))
        )

    def due(self, start: datetime, target: int, stops: Sequence[Stop] = ()) -> datetime | None:
        """The end of the minute that completes the target; None when not within reach."""
        counted = 0
        if target == 0:
            return start.astimezone(UTC)
        for minute in range(self._index(start), self.minutes):
            counted += self._counts(minute, stops)
            if counted == target:
                return self.first + (minute + 1) * MINUTE
        return None

    def _counts(self, minute: int, stops: Sequence[Stop]) -> bool:
        at = self.first + minute * MINUTE
        paused = any(opened <= at and (closed is None or at < closed) for opened, closed in stops)
        return self.open[minute] and not paused

    def _index(self, at: datetime) -> int:
        return int((at.astimezone(UTC) - self.first) / MINUTE)


def _minute_of_day(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
