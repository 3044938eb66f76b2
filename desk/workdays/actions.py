"""Writing schedules, absences and the timeline of a day. One person's rows are written one after
the other, under that person's lock; the database excludes overlaps besides (T11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners import queries as partners
from desk.partners.models import Person
from desk.rules.worktime import Calendar
from desk.workdays import queries
from desk.workdays.models import Absence, AbsenceKind, Activity, Interval, Schedule

ENTRY_HOURS_MAX = 12
ABSENCE_DAYS_MAX = 400
WORDS_MAX = 300


class Overlaps(Exception):
    """Something is on record in that span already; `since_at` and `until_at` tell when."""

    def __init__(self, since_at: datetime, until_at: datetime | None) -> None:
        super().__init__(f"{since_at} to {until_at}")
        self.since_at, self.until_at = since_at, until_at


class InFuture(Exception):
    """What has not happened yet cannot be on record."""


class TooLong(Exception):
    """A span longer than the limit is a mistake; `hours_max` tells the limit."""

    def __init__(self, hours_max: int) -> None:
        super().__init__(f"over {hours_max} h")
        self.hours_max = hours_max


class Backwards(Exception):
    """A span ends before it begins, or where it begins."""


class ReasonMissing(Exception):
    """A correction is kept with its reason, of at most WORDS_MAX characters."""


class AlreadyStruck(Exception):
    """The row was taken out of the sums before."""


class InForce(Exception):
    """Hours that are in force, or were, stay; `earliest_on` is the first date to change."""

    def __init__(self, earliest_on: date) -> None:
        super().__init__(f"not before {earliest_on}")
        self.earliest_on = earliest_on


@dataclass(frozen=True, slots=True)
class Started:
    """What runs now, and what ended for it."""

    interval: Interval
    ended: Interval | None


@dataclass(frozen=True, slots=True)
class Span:
    """What somebody did from one moment to another. `subject` "ticket:42/part:3" or "ticket:42"
    for work, empty for the rest."""

    activity: Activity
    since_at: datetime
    until_at: datetime
    subject: str = ""
    partner_id: int | None = None
    cycle: int = 1


# The timeline


def start(
    cause: Cause,
    person_id: int,
    activity: Activity,
    subject: str = "",
    partner_id: int | None = None,
    cycle: int = 1,
) -> Started:
    """Begin something at `cause.at`; what ran before ends there. What runs already goes on.

    `start` and `stop` change nothing when repeated, so they leave the cause's key to the deed
    that they are part of.
    """
    with transaction.atomic():
        _lock(person_id)
        before = queries.running(person_id)
        wanted = (activity, subject, cycle)
        if before and (before.activity, before.subject, before.cycle) == wanted:
            return Started(before, None)
        if before:
            _stop(cause, before)
        since_at = _after_record(cause, person_id)
        row = Interval.objects.create(
            person_id=person_id,
            activity=activity,
            subject=subject,
            partner_id=partner_id,
            cycle=cycle,
            since_at=since_at,
            entered_by=cause.by,
        )
        _record(replace(cause, key=None), "start_interval", row, ended=before)
        return Started(row, before)


def stop(cause: Cause, person_id: int) -> Interval | None:
    """End what runs at `cause.at`; None when nothing does."""
    with transaction.atomic():
        _lock(person_id)
        row = queries.running(person_id)
        if row:
            _stop(cause, row)
            _record(replace(cause, key=None), "stop_interval", row)
        return row


def enter(cause: Cause, person_id: int, span: Span, reason: str = "") -> Interval:
    """Put on record by hand what was not recorded as it happened; it is marked late.

    Raises `Overlaps`, `InFuture`, `TooLong`, `Backwards`.
    """
    with transaction.atomic():
        _lock(person_id)
        content = _content(person_id, span)
        if entry := journal.repeated(cause, content):
            return Interval.objects.get(pk=int(entry.subject.partition(":")[2]))
        row = _entered(cause, person_id, span, reason)
        _record(cause, "enter_interval", row, content)
        return row


def strike(cause: Cause, interval_id: int, reason: str) -> Interval:
    """Take a row out of every sum; it stays on record with who struck it and why.

    Raises `ReasonMissing`, `AlreadyStruck`.
    """
    with transaction.atomic():
        row = _struck(cause, interval_id, reason)
        _record(cause, "strike_interval", row)
        return row


def correct(cause: Cause, interval_id: int, span: Span, reason: str) -> Interval:
    """Strike a row and enter what was the case instead; both stay, with author and reason.

    Raises what `strike` and `enter` raise; then nothing has changed.
    """
    with transaction.atomic():
        original = _struck(cause, interval_id, reason)
        row = _entered(cause, original.person_id, span, reason, corrects=original)
        _record(cause, "correct_interval", row)
        return row


# Absences and hours


def note_absence(
    cause: Cause,
    person_id: int,
    kind: AbsenceKind,
    since_at: datetime,
    until_at: datetime,
    note: str = "",
) -> Absence:
    """Note that a person is away from one moment to another.

    It may be noted afterwards, too. Raises `Overlaps`, `Backwards`, `TooLong`.
    """
    if until_at <= since_at:
        raise Backwards
    if until_at - since_at > timedelta(days=ABSENCE_DAYS_MAX):
        raise TooLong(ABSENCE_DAYS_MAX * 24)
    with transaction.atomic():
        _lock(person_id)
        known = Absence.objects.filter(person_id=person_id, withdrawn_at=None)
        _refuse_overlap(known, since_at, until_at)
        row = Absence.objects.create(
            person_id=person_id,
            kind=kind,
            since_at=since_at,
            until_at=until_at,
            note=note.strip()[:WORDS_MAX],
            noted_by=cause.by,
            noted_at=cause.at,
        )
        _record_absence(cause, "note_absence", row)
        return row


def withdraw_absence(cause: Cause, absence_id: int) -> Absence:
    """Take an absence back; it stays on record as withdrawn."""
    with transaction.atomic():
        row = Absence.objects.select_for_update().get(pk=absence_id)
        if row.withdrawn_at is None:
            row.withdrawn_at = cause.at
            row.save(update_fields=["withdrawn_at"])
            _record_absence(cause, "withdraw_absence", row)
        return row


def hand_over_absence(cause: Cause, absence_id: int) -> Absence:
    """Note that the tickets of an absent person were handed over, so that it happens once."""
    with transaction.atomic():
        row = Absence.objects.select_for_update().get(pk=absence_id)
        if row.handed_over_at is None:
            row.handed_over_at = cause.at
            row.save(update_fields=["handed_over_at"])
            _record_absence(cause, "hand_over_absence", row)
        return row


def set_schedule(
    cause: Cause, person_id: int, effective_on: date, content: Mapping[str, object]
) -> Schedule:
    """Give a person hours of their own from a date on, today or later, in the calendar's form.

    Raises `InForce` for the past, and `CalendarError` with a sentence for hours that cannot be.
    """
    value = Calendar.parse(content)
    with transaction.atomic():
        _lock(person_id)
        today = partners.today(cause.at)
        known = Schedule.objects.filter(person_id=person_id, effective_on=effective_on)
        if effective_on < today:
            raise InForce(today)
        if effective_on == today and known.exists():
            raise InForce(today + timedelta(days=1))
        row, _ = Schedule.objects.update_or_create(
            person_id=person_id, effective_on=effective_on, defaults={"content": value.to_dict()}
        )
        facts = {"effective_on": effective_on.isoformat(), "content": value.to_dict()}
        journal.record(cause, "set_schedule", f"person:{person_id}", facts)
        return row


def _lock(person_id: int) -> None:
    Person.objects.select_for_update(no_key=True).get(pk=person_id)


def _stop(cause: Cause, row: Interval) -> None:
    # Clocks of two machines may differ a little: a row never ends before it began.
    row.until_at = max(cause.at, row.since_at)
    row.save(update_fields=["until_at"])


def _after_record(cause: Cause, person_id: int) -> datetime:
    """`cause.at`, or the end of what is on record later than that by such a difference."""
    rows = Interval.objects.filter(person_id=person_id, struck_at=None, until_at__gt=cause.at)
    last = rows.order_by("-until_at").values_list("until_at", flat=True).first()
    return last or cause.at


def _entered(
    cause: Cause, person_id: int, span: Span, reason: str, corrects: Interval | None = None
) -> Interval:
    if span.until_at <= span.since_at:
        raise Backwards
    if span.until_at > cause.at:
        raise InFuture
    if span.until_at - span.since_at > timedelta(hours=ENTRY_HOURS_MAX):
        raise TooLong(ENTRY_HOURS_MAX)
    known = Interval.objects.filter(person_id=person_id, struck_at=None)
    _refuse_overlap(known, span.since_at, span.until_at)
    return Interval.objects.create(
        person_id=person_id,
        activity=span.activity,
        subject=span.subject,
        partner_id=span.partner_id,
        cycle=span.cycle,
        since_at=span.since_at,
        until_at=span.until_at,
        late=True,
        reason=reason.strip()[:WORDS_MAX],
        entered_by=cause.by,
        corrects=corrects,
    )


def _refuse_overlap(
    known: QuerySet[Interval] | QuerySet[Absence], since_at: datetime, until_at: datetime
) -> None:
    later = Q(until_at=None) | Q(until_at__gt=since_at)
    other = known.filter(later, since_at__lt=until_at).order_by("since_at").first()
    if other is not None:
        raise Overlaps(other.since_at, other.until_at)


def _struck(cause: Cause, interval_id: int, reason: str) -> Interval:
    words = reason.strip()
    if not words or len(words) > WORDS_MAX:
        raise ReasonMissing
    _lock(Interval.objects.values_list("person_id", flat=True).get(pk=interval_id))
    row = Interval.objects.get(pk=interval_id)
    if row.struck_at:
        raise AlreadyStruck
    row.struck_at, row.struck_by, row.struck_reason = cause.at, cause.by, words
    row.save(update_fields=["struck_at", "struck_by", "struck_reason"])
    return row


def _content(person_id: int, span: Span) -> dict[str, object]:
    return {
        "verb": "enter_interval",
        "person": person_id,
        "activity": str(span.activity),
        "subject": span.subject,
        "since_at": span.since_at.isoformat(),
        "until_at": span.until_at.isoformat(),
    }


def _record(
    cause: Cause,
    verb: str,
    row: Interval,
    content: Mapping[str, object] | None = None,
    ended: Interval | None = None,
) -> None:
    facts = {
        "person": row.person_id,
        "activity": str(row.activity),
        "subject": row.subject,
        "cycle": row.cycle,
        "since_at": row.since_at.isoformat(),
        "until_at": row.until_at.isoformat() if row.until_at else None,
        "corrects": row.corrects_id,
        "ended": ended.pk if ended else None,
    }
    journal.record(cause, verb, f"interval:{row.pk}", facts, row.partner_id, content)


def _record_absence(cause: Cause, verb: str, row: Absence) -> None:
    facts = {
        "person": row.person_id,
        "since_at": row.since_at.isoformat(),
        "until_at": row.until_at.isoformat(),
    }
    journal.record(cause, verb, f"absence:{row.pk}", facts)
