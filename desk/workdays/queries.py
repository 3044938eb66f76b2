"""Reading schedules, absences, and what is on record of a day. Each sum is one query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.db.models import (
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Least

from desk.partners import queries as partners
from desk.partners.models import AssignmentRole, Person
from desk.rules.worktime import Calendar, Window, instant, microseconds
from desk.workdays.models import Absence, Interval, Schedule

HOUR = 3_600_000_000
SHIFT_MAX = 24 * HOUR
SHIFT_PAUSE_MAX = 3 * HOUR
"""Microseconds: working windows further apart than this are two shifts."""
# Raw, because every new ticket asks: building the query costs more than running it.
_AWAY = """
    SELECT person_id FROM workdays_absence
    WHERE person_id = ANY(%(people)s) AND withdrawn_at IS NULL
        AND since_at <= %(at)s AND until_at > %(at)s
"""


NEXT_SHIFT_DAYS_MAX = 31


class NoHours(Exception):
    """Neither the person nor the organisation has working hours."""


@dataclass(frozen=True, slots=True)
class Shift:
    """The working windows of one local date without absences, lunch left out, and when the person
    begins on a later day; None when not within `NEXT_SHIFT_DAYS_MAX`."""

    windows: tuple[Window, ...]
    next_at: datetime | None

    @property
    def since_at(self) -> datetime:
        return self.windows[0][0]

    @property
    def until_at(self) -> datetime:
        return self.windows[-1][1]


# Who is there


def absence_at(person_id: int, at: datetime) -> Absence | None:
    """The absence that holds `at`, or None."""
    rows = Absence.objects.filter(person_id=person_id, withdrawn_at=None)
    return rows.filter(since_at__lte=at, until_at__gt=at).first()


def away(person_id: int, at: datetime) -> bool:
    """Whether the person is noted as absent at `at`; the hours of the day do not matter."""
    return absence_at(person_id, at) is not None


def away_among(person_ids: Collection[int], at: datetime) -> frozenset[int]:
    """Which of these people are absent at `at`: one query for a list."""
    with connection.cursor() as cursor:
        cursor.execute(_AWAY, {"people": list(person_ids), "at": at})
        return frozenset(person_id for (person_id,) in cursor.fetchall())


def available(person_id: int, at: datetime) -> bool:
    """Whether the person is at work: inside their own hours, and not absent."""
    return schedule(person_id, at).is_open(at) and not away(person_id, at)


@dataclass(frozen=True, slots=True)
class Duty:
    """Who leads and covers a project at an instant, and who of them is noted as absent."""

    lead: Person | None
    cover: Person | None
    gone: frozenset[int]

    @property
    def executor(self) -> Person | None:
        """Who gets a new ticket (T9): the lead; when away, the cover; both away, None, which
        means the administrators' pool. A day's end or lunch is no absence."""
        candidates = [person for person in (self.lead, self.cover) if person is not None]
        return next((person for person in candidates if person.pk not in self.gone), None)


def duty(project_id: int, at: datetime) -> Duty:
    """Who is on duty for the project at `at`: two queries."""
    held = partners.assigned([project_id], at)
    lead = held.get((project_id, AssignmentRole.LEAD))
    cover = held.get((project_id, AssignmentRole.COVER))
    gone = away_among([person.pk for person in held.values()], at) if held else frozenset()
    return Duty(lead, cover, gone)


def executor_for(project_id: int, at: datetime) -> Person | None:
    """Who gets a new ticket of the project at `at` (T9)."""
    return duty(project_id, at).executor


def absences_of(person_id: int) -> QuerySet[Absence]:
    """The person's absences, the newest first; withdrawn ones are among them."""
    return Absence.objects.filter(person_id=person_id).order_by("-since_at", "-id")


def absences_between(since_at: datetime, until_at: datetime) -> QuerySet[Absence]:
    """Everybody's absences that touch the span, with their people, by beginning."""
    rows = Absence.objects.filter(withdrawn_at=None, since_at__lt=until_at, until_at__gt=since_at)
    return rows.select_related("person").order_by("since_at", "id")


def absences_begun(at: datetime) -> QuerySet[Absence]:
    """Absences that last at `at` and whose tickets were not handed over yet (T9)."""
    rows = Absence.objects.filter(withdrawn_at=None, handed_over_at=None)
    return rows.filter(since_at__lte=at, until_at__gt=at).order_by("since_at", "id")


# Hours


def schedule(person_id: int, at: datetime) -> Calendar:
    """The person's working hours in force at `at`; without own ones, the service calendar.

    Raises `NoHours` where there is neither.
    """
    rows = Schedule.objects.filter(person_id=person_id, effective_on__lte=partners.today(at))
    own = rows.order_by("-effective_on").first()
    if own is not None:
        return Calendar.parse(own.content)
    return service_calendar(at)


def service_calendar(at: datetime) -> Calendar:
    """The service's working hours in force at `at`. Raises `NoHours` before there are any."""
    found = partners.service_calendar(at)
    if found is None:
        raise NoHours
    return found


def own_schedules(person_ids: Collection[int], at: datetime) -> dict[int, Calendar]:
    """The hours in force of those who have their own, by person: one query for a list."""
    rows = Schedule.objects.filter(person_id__in=person_ids, effective_on__lte=partners.today(at))
    # The latest comes last and wins.
    found = rows.order_by("effective_on").values_list("person_id", "content")
    return {person_id: Calendar.parse(content) for person_id, content in found}


def working_hours(person_id: int, on: date) -> tuple[Window, ...]:
    """The person's working windows of one local date as UTC moments."""
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    return schedule(person_id, noon).windows(on)


def shifts(person_ids: Collection[int], at: datetime) -> dict[int, Shift]:
    """The shift of the local date of `at` of whoever has one: four queries for a list.

    Raises `NoHours` where somebody has no hours at all.
    """
    own = own_schedules(person_ids, at)
    service = service_calendar(at) if set(person_ids) - own.keys() else None
    last = at + timedelta(days=NEXT_SHIFT_DAYS_MAX)
    gone = _gone(person_ids, at - timedelta(days=1), last)
    found = {}
    for person_id in person_ids:
        hours = own.get(person_id, service)
        assert hours is not None, "whoever has no own hours has the service's"
        away, on = gone.get(person_id, ()), hours.date_of(at)
        windows = present(hours.windows(on), away)
        if windows:
            found[person_id] = Shift(windows, _next_shift(hours, away, on))
    return found


@dataclass(frozen=True, slots=True)
class Ahead:
    """Working windows of coming dates: the service's, and each person's without absences."""

    service: tuple[Window, ...]
    people: dict[int, tuple[Window, ...]]
    names: dict[int, str]


def hours_ahead(person_ids: Collection[int], at: datetime, days: int) -> Ahead:
    """The hours of `days` dates from that of `at` on, as they are in force now. Raises
    `NoHours`."""
    service, own = service_calendar(at), own_schedules(person_ids, at)
    gone = _gone(person_ids, at - timedelta(days=1), at + timedelta(days=days + 1))
    first = service.date_of(at)
    dates = [first + timedelta(days=day) for day in range(days)]
    found = {}
    for person_id in person_ids:
        calendar = own.get(person_id, service)
        windows = [window for on in dates for window in calendar.windows(on)]
        found[person_id] = present(windows, gone.get(person_id, ()))
    names = Person.objects.filter(pk__in=person_ids).values_list("pk", "name")
    return Ahead(tuple(w for on in dates for w in service.windows(on)), found, dict(names))


def present(windows: Collection[Window], away: Collection[Window]) -> tuple[Window, ...]:
    """The windows less the times of absence."""
    left = list(windows)
    for gone_at, back_at in away:
        pieces = []
        for start, end in left:
            pieces += [(start, min(end, gone_at)), (max(start, back_at), end)]
        left = [(start, end) for start, end in pieces if start < end]
    return tuple(left)


def _gone(
    person_ids: Collection[int], since_at: datetime, until_at: datetime
) -> dict[int, list[Window]]:
    rows = Absence.objects.filter(person_id__in=person_ids, withdrawn_at=None)
    rows = rows.filter(until_at__gt=since_at, since_at__lt=until_at)
    found: dict[int, list[Window]] = {}
    for person_id, gone_at, back_at in rows.values_list("person_id", "since_at", "until_at"):
        found.setdefault(person_id, []).append((gone_at, back_at))
    return found


def _next_shift(hours: Calendar, away: Collection[Window], on: date) -> datetime | None:
    for days in range(1, NEXT_SHIFT_DAYS_MAX):
        windows = present(hours.windows(on + timedelta(days=days)), away)
        if windows:
            return windows[0][0]
    return None


def shift_end(person_id: int, at: datetime) -> datetime | None:
    """When the shift ends that holds `at`, lunch included, also past midnight (T11).

    None outside any shift, and for hours without an end within a day.
    """
    calendar, moment = schedule(person_id, at), microseconds(at)
    horizon = moment + SHIFT_MAX
    shifts: list[tuple[int, int]] = []
    for start, end in calendar.windows_between(moment - SHIFT_MAX, horizon):
        goes_on = bool(shifts) and start - shifts[-1][1] <= SHIFT_PAUSE_MAX
        shifts.append((shifts.pop()[0] if goes_on else start, end))
    ends = [end for start, end in shifts if start <= moment < end < horizon]
    return instant(ends[0]) if ends else None


# The timeline


def running(person_id: int) -> Interval | None:
    """What the person does now, or None."""
    return Interval.objects.filter(person_id=person_id, until_at=None, struck_at=None).first()


def running_among(person_ids: Collection[int]) -> dict[int, Interval]:
    """What each of these people does now: one query for a list."""
    rows = Interval.objects.filter(person_id__in=person_ids, until_at=None, struck_at=None)
    return {row.person_id: row for row in rows}


def running_on(subject: str) -> list[Interval]:
    """Whoever works on the subject, or on anything below it, right now."""
    return list(Interval.objects.filter(_on(subject), until_at=None, struck_at=None))


def timeline(person_id: int, since_at: datetime, until_at: datetime) -> QuerySet[Interval]:
    """All that is on record of a person in a span, struck rows too, by beginning."""
    rows = Interval.objects.filter(person_id=person_id, since_at__lt=until_at)
    return rows.filter(Q(until_at=None) | Q(until_at__gt=since_at)).order_by("since_at", "id")


def timelines(
    person_ids: Collection[int], since_at: datetime, until_at: datetime
) -> dict[int, list[Interval]]:
    """`timeline` of several people: one query for a list."""
    rows = Interval.objects.filter(person__in=person_ids, since_at__lt=until_at)
    rows = rows.filter(Q(until_at=None) | Q(until_at__gt=since_at)).order_by("since_at", "id")
    found: dict[int, list[Interval]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def worked_seconds(subject: str, at: datetime, cycle: int | None = None) -> int:
    """Seconds worked on a subject and its parts up to `at`, what runs included (T3).

    Summed over sessions and people; `cycle` None counts all cycles. The clock, not working time:
    an hour at night is an hour.
    """
    rows = _counted(at).filter(_on(subject))
    if cycle is not None:
        rows = rows.filter(cycle=cycle)
    return _seconds(rows.aggregate(total=Sum(_length(at)))["total"])


def worked_by_subjects(subjects: Collection[str], at: datetime) -> dict[str, int]:
    """Seconds per subject as written ("ticket:42/part:3"), every asked one present: one query."""
    rows = _counted(at).filter(subject__in=subjects).values("subject")
    sums = {row["subject"]: _seconds(row["total"]) for row in rows.annotate(total=Sum(_length(at)))}
    return {subject: sums.get(subject, 0) for subject in subjects}


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What one person worked on one subject: seconds, first and last moment."""

    subject: str
    person_id: int
    person: str
    seconds: int
    first_at: datetime
    last_at: datetime


def on_record(partner_id: int, since_at: datetime, until_at: datetime) -> list[OnRecord]:
    """Work for a partner in a span, per subject and person, the latest first: what the cabinet
    shows of the time worked on each ticket. What runs counts up to `until_at`."""
    rows = _counted(until_at).filter(partner_id=partner_id)
    rows = rows.filter(Q(until_at=None) | Q(until_at__gt=since_at)).order_by()
    grouped = rows.values("subject", "person_id", "person__name").annotate(
        total=Sum(_length(until_at, since_at)),
        first_at=Min(Greatest("since_at", Value(since_at, DateTimeField()))),
        last_at=Max(_end(until_at)),
    )
    return [
        OnRecord(
            row["subject"],
            row["person_id"],
            row["person__name"],
            _seconds(row["total"]),
            row["first_at"],
            row["last_at"],
        )
        for row in grouped.order_by("-last_at", "subject")
    ]


def _on(subject: str) -> Q:
    return Q(subject=subject) | Q(subject__startswith=f"{subject}/")


def _counted(at: datetime) -> QuerySet[Interval]:
    return Interval.objects.filter(struck_at=None, since_at__lt=at).exclude(subject="")


def _end(at: datetime) -> Combinable:
    moment = Value(at, DateTimeField())
    return Least(Coalesce("until_at", moment), moment)


def _length(at: datetime, since_at: datetime | None = None) -> Combinable:
    start: Combinable = F("since_at")
    if since_at is not None:
        start = Greatest(start, Value(since_at, DateTimeField()))
    return ExpressionWrapper(_end(at) - start, DurationField())


def _seconds(total: timedelta | None) -> int:
    return round(total.total_seconds()) if total else 0
