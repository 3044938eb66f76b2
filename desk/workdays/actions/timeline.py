"""The timeline of what somebody does: begun, ended, entered late, corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.workdays import queries
from desk.workdays.actions import rows
from desk.workdays.actions.rows import (
    WORDS_MAX,
    AlreadyStruck,
    Backwards,
    InFuture,
    ReasonMissing,
    Span,
    Started,
    TooLong,
)
from desk.workdays.models import Activity, Interval

ENTRY_HOURS_MAX = 12
# What is said to have been done years ago is a slip of the pen.
FAR = timedelta(days=3 * 366)


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
        rows.lock(person_id)
        before = queries.running(person_id)
        wanted = (activity, subject, cycle)
        if before and (before.activity, before.subject, before.cycle) == wanted:
            return Started(before, None)
        if before:
            rows.stop(cause, before)
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
        rows.record(replace(cause, key=None), "start_interval", row, ended=before)
        return Started(row, before)


def stop(cause: Cause, person_id: int) -> Interval | None:
    """End what runs at `cause.at`; None when nothing does."""
    with transaction.atomic():
        rows.lock(person_id)
        row = queries.running(person_id)
        if row:
            rows.stop(cause, row)
            rows.record(replace(cause, key=None), "stop_interval", row)
        return row


def enter(cause: Cause, person_id: int, span: Span, reason: str = "") -> Interval:
    """Put on record by hand what was not recorded as it happened; it is marked late.

    Raises `Overlaps`, `InFuture`, `TooLong`, `Backwards`.
    """
    with transaction.atomic():
        rows.lock(person_id)
        content = _content(person_id, span)
        if entry := journal.repeated(cause, content):
            return Interval.objects.get(pk=int(entry.subject.partition(":")[2]))
        row = _entered(cause, person_id, span, reason)
        rows.record(cause, "enter_interval", row, content)
        return row


def strike(cause: Cause, interval_id: int, reason: str) -> Interval:
    """Take a row out of every sum; it stays on record with who struck it and why.

    Raises `ReasonMissing`, `AlreadyStruck`.
    """
    with transaction.atomic():
        row = _struck(cause, interval_id, reason)
        rows.record(cause, "strike_interval", row)
        return row


def correct(cause: Cause, interval_id: int, span: Span, reason: str) -> Interval:
    """Strike a row and enter what was the case instead; both stay, with author and reason.

    Raises what `strike` and `enter` raise; then nothing has changed.
    """
    with transaction.atomic():
        original = _struck(cause, interval_id, reason)
        row = _entered(cause, original.person_id, span, reason, corrects=original)
        rows.record(cause, "correct_interval", row)
        return row


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
    if cause.at - span.since_at > FAR:
        raise TooLong(ENTRY_HOURS_MAX)
    known = Interval.objects.filter(person_id=person_id, struck_at=None)
    rows.refuse_overlap(known, span.since_at, span.until_at)
    return Interval.objects.create(
        person_id=person_id,
        activity=span.activity,
        subject=span.subject,
        partner_id=span.partner_id,
        cycle=span.cycle,
        since_at=span.since_at,
        until_at=span.until_at,
        late=True,
        reason=rows.words(reason)[:WORDS_MAX],
        entered_by=cause.by,
        corrects=corrects,
    )


def _struck(cause: Cause, interval_id: int, reason: str) -> Interval:
    words = rows.words(reason)
    if not words or len(words) > WORDS_MAX:
        raise ReasonMissing
    rows.lock(Interval.objects.values_list("person_id", flat=True).get(pk=interval_id))
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
