"""Working time: which seconds count, and arithmetic on them (R1, R3, R13, R15).

A calendar is a value: weekly intervals in a named zone, days off, and single dates with hours of
their own. Every computation happens on whole microseconds of UTC; a local time is turned into UTC
once per date, never added to. Windows are kept in chunks of a few weeks with running sums, so an
answer costs two binary searches, whatever the distance, and no walk over minutes or days.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from desk.rules import worktime_text
from desk.rules.worktime_text import CalendarError, Day

__all__ = ["Calendar", "CalendarError", "instant", "microseconds", "whole_seconds"]

SEARCH_DAYS_MAX = 3_660
"""How far the next working time is looked for: ten years without any is a mistake."""

HORIZON_DAYS_MAX = 36_600
"""How long one computation may span: a century."""

CALENDARS_KEPT_MAX = 32
CHUNKS_KEPT_MAX = 128

SECOND = 1_000_000
DAY = 86_400 * SECOND
CHUNK = 32 * DAY
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = EPOCH.toordinal()
MICROSECOND = timedelta(microseconds=1)

# Two days at each end of the era stay closed, so that no zone carries a window out of it.
FIRST_ORDINAL = date.min.toordinal() + 2
LAST_ORDINAL = date.max.toordinal() - 2

Window = tuple[datetime, datetime]
Chunk = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def microseconds(at: datetime) -> int:
    """The aware moment as whole microseconds since 1970 in UTC."""
    return (at - EPOCH) // MICROSECOND


def instant(at: int) -> datetime:
    """The UTC moment of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=at)


def whole_seconds(worked: int) -> int:
    """Microseconds of a duration as seconds, to the nearest, a half counting as one."""
    return (worked + SECOND // 2) // SECOND


@dataclass(frozen=True)
class Calendar:
    """When the service works (R1).

    `week` holds seven days from Monday, each a tuple of half-open intervals in seconds from
    midnight, 86 400 being the end of the day. `extra_days` replaces single dates, also with no
    hours at all, and wins over `days_off`. Raises CalendarError for what cannot be a calendar:
    overlapping or reversed intervals, an unknown zone, no working time at all.
    """

    timezone: str
    week: tuple[Day, ...]
    days_off: frozenset[date] = frozenset()
    extra_days: Mapping[date, Day] = field(default_factory=dict, hash=False)
    zone: ZoneInfo = field(init=False, repr=False, compare=False)
    _chunks: dict[int, Chunk] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "zone", worktime_text.zone(self.timezone))
        week, extra_days = worktime_text.checked(self.week, self.extra_days)
        object.__setattr__(self, "week", week)
        object.__setattr__(self, "extra_days", MappingProxyType(extra_days))
        object.__setattr__(self, "_chunks", {})

    def __reduce__(self) -> tuple[object, ...]:
        """Pickled and copied by its fields: the kept windows are found again."""
        fields = (self.timezone, self.week, self.days_off, dict(self.extra_days))
        return type(self), fields

    @staticmethod
    def parse(document: object) -> "Calendar":
        """The calendar of a JSON object; equal documents share one value and what it has kept.

        `{"timezone": "Europe/Kyiv", "week": {"mon": [["09:00", "13:00"]]}, "days_off":
        ["2026-12-25"], "extra_days": {"2026-12-26": [["09:00", "15:00"]]}}`. A missing weekday is
        a day off. Raises CalendarError with a sentence that names the place.
        """
        timezone, week, days_off, extra_days = worktime_text.read(document)
        return _shared(timezone, week, days_off, tuple(sorted(extra_days.items())))

    def to_dict(self) -> dict[str, object]:
        """The JSON object that `parse` reads, in one canonical spelling."""
        return worktime_text.write(self.timezone, self.week, self.days_off, self.extra_days)

    def is_open(self, at: datetime) -> bool:
        """Whether the instant is working time; the end of an interval is not."""
        moment = microseconds(at)
        starts, ends, _ = self._chunk(moment // CHUNK)
        place = bisect_right(starts, moment)
        return place > 0 and moment < ends[place - 1]

    def next_open(self, at: datetime) -> datetime:
        """The smallest working instant not before `at`, in UTC (R3).

        Raises CalendarError when there is none within SEARCH_DAYS_MAX.
        """
        return instant(self._opening(microseconds(at))[0])

    def next_close(self, at: datetime) -> datetime | None:
        """The end of the working time that holds `at`, or of the next one.

        None when it does not end within SEARCH_DAYS_MAX, as around the clock.
        """
        moment = microseconds(at)
        limit = moment + SEARCH_DAYS_MAX * DAY
        _, end = self._opening(moment)
        # A chunk may cut a window that goes on; the next chunk then starts with the rest of it.
        while end % CHUNK == 0 and end < limit:
            starts, ends, _ = self._chunk(end // CHUNK)
            if not starts or starts[0] != end:
                break
            end = ends[0]
        return instant(end) if end < limit else None

    def elapsed(self, start: datetime, end: datetime) -> int:
        """Working seconds in [start, end), to the nearest second.

        Raises CalendarError when the end lies before the start or over a century after it.
        """
        return whole_seconds(self.elapsed_microseconds(microseconds(start), microseconds(end)))

    def last_working(self, start: datetime, end: datetime) -> datetime:
        """The instant at which all working time in [start, end) has passed, to the microsecond:
        of an `end` at night the closing before it."""
        first = microseconds(start)
        return instant(
            self.add_microseconds(first, self.elapsed_microseconds(first, microseconds(end)))
        )

    def add(self, start: datetime, seconds: int) -> datetime:
        """The smallest instant, in UTC, at which that many working seconds have elapsed (R3).

        At the end of an interval it is due there, not at the next opening; zero is due at the
        start itself. Raises CalendarError below zero, without working time, or over a century.
        """
        return instant(self.add_microseconds(microseconds(start), seconds * SECOND))

    def elapsed_microseconds(self, start: int, end: int) -> int:
        """`elapsed` without rounding, on microseconds since 1970."""
        first, last = start // CHUNK, end // CHUNK
        if end < start:
            raise CalendarError("The end lies before the start.")
        if end - start > HORIZON_DAYS_MAX * DAY:
            raise CalendarError("A span of more than a century is not computed.")
        worked = _before(self._chunk(last), end) - _before(self._chunk(first), start)
        for index in range(first, last):
            sums = self._chunk(index)[2]
            worked += sums[-1] if sums else 0
        return worked

    def add_microseconds(self, start: int, worked: int) -> int:
        """`add` without rounding, on microseconds since 1970."""
        if worked <= 0:
            if worked < 0:
                raise CalendarError("Working time below zero cannot be added.")
            return start
        index = start // CHUNK
        _, ends, sums = chunk = self._chunk(index)
        goal = worked + _before(chunk, start)
        worked_until = start
        while not sums or sums[-1] < goal:
            if sums:
                goal -= sums[-1]
                worked_until = max(start, ends[-1])
            index += 1
            self._refuse_beyond(start, worked, index * CHUNK, worked_until)
            _, ends, sums = self._chunk(index)
        place = bisect_left(sums, goal)
        return ends[place] - (sums[place] - goal)

    def windows_between(self, start: int, end: int) -> list[tuple[int, int]]:
        """The working windows inside [start, end), on microseconds since 1970, joined."""
        if end - start > HORIZON_DAYS_MAX * DAY:
            raise CalendarError("A span of more than a century is not computed.")
        if start >= end:
            return []
        chunks = (self._chunk(index) for index in range(start // CHUNK, end // CHUNK + 1))
        return _joined(
            [
                (max(opened, start), min(closed, end))
                for starts, ends, _ in chunks
                for opened, closed in zip(starts, ends, strict=True)
                if opened < end and closed > start
            ]
        )

    def date_of(self, at: datetime) -> date:
        """The local date of an instant."""
        return at.astimezone(self.zone).date()

    def moment(self, local: datetime) -> datetime:
        """The UTC moment of a naive local time.

        Of a repeated hour it is the first occurrence, of a missing one the end of the gap (R1).
        """
        first, second = self._occurrences(local.replace(microsecond=0))
        if second < first:
            return instant(self._change(second, first))
        return instant(first + local.microsecond)

    def windows(self, day: date) -> tuple[Window, ...]:
        """The working windows of one local date as UTC moments, touching ones joined (R1, R13)."""
        return tuple((instant(a), instant(b)) for a, b in _joined(self._spans(day.toordinal())))

    def is_working_date(self, day: date) -> bool:
        """Whether the local date has any working time."""
        return bool(self._spans(day.toordinal()))

    def working_dates(self, first: date, last: date) -> tuple[date, ...]:
        """The dates with working time from `first` to `last`, both included."""
        ordinals = range(first.toordinal(), last.toordinal() + 1)
        if len(ordinals) > HORIZON_DAYS_MAX:
            raise CalendarError("A span of more than a century is not computed.")
        return tuple(date.fromordinal(day) for day in ordinals if self._spans(day))

    def working_date_after(self, day: date, days: int) -> date:
        """The `days`-th working date after `day`, which itself does not count (R15)."""
        if not 1 <= days <= SEARCH_DAYS_MAX:
            raise CalendarError(f"Working days are counted from 1 to {SEARCH_DAYS_MAX}.")
        found, ordinal, limit = 0, day.toordinal(), day.toordinal() + SEARCH_DAYS_MAX
        while found < days:
            ordinal += 1
            if ordinal > limit:
                raise _no_working_time(day)
            if self._spans(ordinal):
                found, limit = found + 1, ordinal + SEARCH_DAYS_MAX
        return date.fromordinal(ordinal)

    def end_of_working_day(self, start: datetime, days: int) -> datetime:
        """The end, in UTC, of the `days`-th working date after the date of `start` (R15)."""
        day = self.working_date_after(self.date_of(start), days)
        return self.windows(day)[-1][1]

    def _opening(self, at: int) -> tuple[int, int]:
        """The first working instant not before `at`, and where its window ends in its chunk."""
        index = at // CHUNK
        while index * CHUNK <= at + SEARCH_DAYS_MAX * DAY:
            starts, ends, _ = self._chunk(index)
            place = bisect_right(ends, at)
            if place < len(ends):
                return max(at, starts[place]), ends[place]
            index += 1
        raise _no_working_time(instant(at).date())

    def _refuse_beyond(self, start: int, worked: int, reached: int, worked_until: int) -> None:
        """Stop a search that has no end in sight, before it is walked where that can be seen."""
        if reached - worked_until > SEARCH_DAYS_MAX * DAY:
            raise _no_working_time(instant(worked_until).date())
        if max(worked, reached - start) > HORIZON_DAYS_MAX * DAY:
            raise CalendarError("The working time asked for takes more than a century.")

    def _chunk(self, index: int) -> Chunk:
        """Starts, ends and running sums of the windows in one stretch of UTC, kept once found."""
        chunk = self._chunks.get(index)
        if chunk is None:
            chunk = self._found(index)
            # Emptying is one step, so that threads need no lock; what is lost is found again.
            if len(self._chunks) >= CHUNKS_KEPT_MAX:
                self._chunks.clear()
            self._chunks[index] = chunk
        return chunk

    def _found(self, index: int) -> Chunk:
        low, high = index * CHUNK, (index + 1) * CHUNK
        first_ordinal = EPOCH_ORDINAL + low // DAY
        # An offset is less than a day, so one more date on either side reaches in.
        spans = [
            (max(start, low), min(end, high))
            for ordinal in range(first_ordinal - 1, first_ordinal + CHUNK // DAY + 1)
            for start, end in self._spans(ordinal)
            if start < high and end > low
        ]
        joined = _joined(spans)
        sums, total = [], 0
        for start, end in joined:
            total += end - start
            sums.append(total)
        return tuple(start for start, _ in joined), tuple(end for _, end in joined), tuple(sums)

    def _spans(self, ordinal: int) -> list[tuple[int, int]]:
        """The windows of one local date in UTC microseconds, as written, empty ones left out."""
        if not FIRST_ORDINAL <= ordinal <= LAST_ORDINAL:
            return []
        intervals = self._intervals(date.fromordinal(ordinal))
        if not intervals:
            return []
        midnight = datetime.fromordinal(ordinal)
        before = self._offset(midnight, fold=0)
        # No zone changes its offset twice within three days: equal here means none in between.
        if before == self._offset(midnight + timedelta(days=1), fold=1):
            base = (ordinal - EPOCH_ORDINAL) * DAY - before
            return [(base + start * SECOND, base + end * SECOND) for start, end in intervals]
        edges = ((self._edge(midnight, a), self._edge(midnight, b)) for a, b in intervals)
        return [(start[0], end[1]) for start, end in edges if start[0] < end[1]]

    def _intervals(self, day: date) -> Day:
        extra = self.extra_days.get(day)
        if extra is not None:
            return extra
        return () if day in self.days_off else self.week[day.weekday()]

    def _edge(self, midnight: datetime, seconds: int) -> tuple[int, int]:
        """What a local time means as a start and as an end, in UTC microseconds (R1).

        In a repeated hour the first and the second occurrence, in a missing one both times the
        end of the gap. The end of a day is that of its date, also when the hour after midnight
        is repeated: that hour belongs to the next date.
        """
        first, second = self._occurrences(midnight + timedelta(seconds=seconds))
        if second < first:
            changed = self._change(second, first)
            return changed, changed
        last_of_day = instant(second - 1).astimezone(self.zone).date()
        if seconds == worktime_text.DAY_SECONDS and last_of_day != midnight.date():
            return first, first
        return first, second

    def _occurrences(self, local: datetime) -> tuple[int, int]:
        """The local time by the offset before and after a change; the second is less in a gap."""
        wall = (local - datetime.fromordinal(EPOCH_ORDINAL)) // MICROSECOND
        return wall - self._offset(local, fold=0), wall - self._offset(local, fold=1)

    def _change(self, low: int, high: int) -> int:
        """The instant in (low, high] from which on the zone has the offset that it has at high."""
        after = instant(high).astimezone(self.zone).utcoffset()
        while high - low > SECOND:
            middle = (low + high) // 2 // SECOND * SECOND
            if instant(middle).astimezone(self.zone).utcoffset() == after:
                high = middle
            else:
                low = middle
        return high

    def _offset(self, local: datetime, fold: int) -> int:
        offset = local.replace(fold=fold, tzinfo=self.zone).utcoffset()
        assert offset is not None, "a zone always knows its offset"
        return offset // MICROSECOND


@lru_cache(maxsize=CALENDARS_KEPT_MAX)
def _shared(
    timezone: str,
    week: tuple[Day, ...],
    days_off: frozenset[date],
    extra_days: tuple[tuple[date, Day], ...],
) -> Calendar:
    return Calendar(timezone, week, days_off, dict(extra_days))


def _before(chunk: Chunk, at: int) -> int:
    """Working microseconds of the chunk that lie before the instant."""
    starts, ends, sums = chunk
    place = bisect_right(starts, at)
    if place == 0:
        return 0
    end = ends[place - 1]
    return sums[place - 1] - (end - at if at < end else 0)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The union: touching and overlapping spans become one (a night shift, a repeated hour)."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _no_working_time(day: date) -> CalendarError:
    return CalendarError(
        f"The calendar has no working time within {SEARCH_DAYS_MAX} days after {day.isoformat()}."
    )
