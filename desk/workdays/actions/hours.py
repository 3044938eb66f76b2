"""Absences, and the hours that somebody works."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners import queries as partners
from desk.rules.worktime import Calendar
from desk.workdays.actions import rows
from desk.workdays.actions.rows import WORDS_MAX, Backwards, InForce, TooLong
from desk.workdays.models import Absence, AbsenceKind, Schedule

ABSENCE_DAYS_MAX = 400
# An absence of years ago or years ahead is a slip of the pen: no page could show its times.
FAR = timedelta(days=3 * 366)


def note_absence(
    cause: Cause,
    person_id: int,
    kind: AbsenceKind,
    since_at: datetime,
    until_at: datetime,
    note: str = "",
) -> Absence:
    """Note that a person is away from one moment to another.

    It may be noted afterwards, too. Raises `Overlaps`, `Backwards`, `TooLong`, `KeyReused`.
    """
    if until_at <= since_at:
        raise Backwards
    if until_at - since_at > timedelta(days=ABSENCE_DAYS_MAX):
        raise TooLong(ABSENCE_DAYS_MAX * 24)
    if abs(since_at - cause.at) > FAR:
        raise TooLong(ABSENCE_DAYS_MAX * 24)
    with transaction.atomic():
        rows.lock(person_id)
        content = _content(person_id, kind, since_at, until_at, note)
        if entry := journal.repeated(cause, content):
            return Absence.objects.get(pk=int(entry.subject.partition(":")[2]))
        known = Absence.objects.filter(person_id=person_id, withdrawn_at=None)
        rows.refuse_overlap(known, since_at, until_at)
        row = Absence.objects.create(
            person_id=person_id,
            kind=kind,
            since_at=since_at,
            until_at=until_at,
            note=rows.words(note)[:WORDS_MAX],
            noted_by=cause.by,
            noted_at=cause.at,
        )
        _record_absence(cause, "note_absence", row, content)
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
        rows.lock(person_id)
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


def _content(
    person_id: int, kind: AbsenceKind, since_at: datetime, until_at: datetime, note: str
) -> dict[str, object]:
    """What the key of an absence stands for. The journal keeps only its digest: not the kind."""
    return {
        "verb": "note_absence",
        "person": person_id,
        "kind": str(kind),
        "since_at": since_at.isoformat(),
        "until_at": until_at.isoformat(),
        "note": note,
    }


def _record_absence(
    cause: Cause, verb: str, row: Absence, content: Mapping[str, object] | None = None
) -> None:
    facts = {
        "person": row.person_id,
        "since_at": row.since_at.isoformat(),
        "until_at": row.until_at.isoformat(),
    }
    journal.record(cause, verb, f"absence:{row.pk}", facts, content=content)
