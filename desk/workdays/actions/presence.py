"""Presence from what people do anyway: a click that says what was looked at or planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from desk.journal.cause import Cause
from desk.workdays import queries
from desk.workdays.actions import rows
from desk.workdays.models import Activity, Interval

# So far back at most a click says what somebody has done until now.
BEFORE_MAX = timedelta(minutes=15)
# A look at what came in interrupts these; whoever was away has come back.
GOES_ON = frozenset({Activity.WORK, Activity.MEETING, Activity.TRAINING, Activity.PLANNING})


def look(cause: Cause, person_id: int, since_at: datetime | None = None) -> Interval:
    """An intake check by one click, from `since_at`, when the looking began, or for a moment;
    what ran before goes on after it.

    `since_at` is never before what is on record, nor longer ago than `BEFORE_MAX`.
    """
    with transaction.atomic():
        rows.lock(person_id)
        before = queries.running(person_id)
        if before is not None and before.activity == Activity.INTAKE:
            rows.stop(cause, before)
            rows.record(replace(cause, key=None), "check_intake", before)
            return before
        began_at = _began(cause, person_id, since_at or cause.at, before)
        if before is not None:
            rows.stop(replace(cause, at=began_at), before)
        row = _spent(cause, person_id, Activity.INTAKE, began_at)
        if before is not None and before.activity in GOES_ON:
            _go_on(cause, before, row)
        rows.record(replace(cause, key=None), "check_intake", row, ended=before)
        return row


def account(
    cause: Cause, person_id: int, activity: Activity, since_at: datetime
) -> Interval | None:
    """Put on record what a deed of now shows to have been done since `since_at`, where nothing is
    on record: a plan that is confirmed was made before. None when something runs."""
    with transaction.atomic():
        rows.lock(person_id)
        if queries.running(person_id) is not None:
            return None
        began_at = _began(cause, person_id, since_at, None)
        if began_at >= cause.at:
            return None
        row = _spent(cause, person_id, activity, began_at)
        rows.record(replace(cause, key=None), "account_interval", row)
        return row


def _began(cause: Cause, person_id: int, since_at: datetime, running: Interval | None) -> datetime:
    """When something began that ends now: after what is on record, and not too long ago."""
    last = running.since_at if running is not None else _last_end(person_id, cause.at)
    earliest = max(cause.at - BEFORE_MAX, last or cause.at - BEFORE_MAX)
    return max(min(since_at, cause.at), earliest)


def _last_end(person_id: int, at: datetime) -> datetime | None:
    rows = Interval.objects.filter(person_id=person_id, struck_at=None, until_at__isnull=False)
    last = rows.filter(until_at__gt=at - BEFORE_MAX).order_by("-until_at").first()
    return last.until_at if last is not None else None


def _spent(cause: Cause, person_id: int, activity: Activity, since_at: datetime) -> Interval:
    return Interval.objects.create(
        person_id=person_id,
        activity=activity,
        since_at=since_at,
        until_at=max(cause.at, since_at),
        entered_by=cause.by,
    )


def _go_on(cause: Cause, before: Interval, after: Interval) -> None:
    Interval.objects.create(
        person_id=before.person_id,
        activity=before.activity,
        subject=before.subject,
        partner_id=before.partner_id,
        cycle=before.cycle,
        since_at=after.until_at or cause.at,
        entered_by=cause.by,
    )
