"""Outages of ours: they note themselves when the pages were not usable, and administrators note
or correct them. An outage excuses what could not be done, never a breach.

Only what keeps people from working is an outage. While the worker alone stands still the pages
can be used: accepting, answering and delivering go on, and what fell due meanwhile is found when
it runs again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.oversight.models import Heartbeat, Outage
from desk.oversight.queries.outages import OUTAGE_AFTER, PAGES

NOTE_MAX = 300
OUTAGE_MAX = timedelta(days=31)


class NoOutage(Exception):
    """It cannot be noted like this: `why` is "backwards", "ahead", "too_long" or "reason"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@transaction.atomic
def beat(at: datetime) -> Outage | None:
    """The pages are usable at `at`. Where nobody served them for longer than `OUTAGE_AFTER`, that
    was an outage, which is noted and returned; of several who serve, the first notes it."""
    rows = Heartbeat.objects.select_for_update()
    known = rows.filter(name=PAGES).annotate(now=Now()).first()
    if known is None:
        row = Heartbeat(name=PAGES, at=at, real_at=Now())
        Heartbeat.objects.bulk_create([row], ignore_conflicts=True)
        return None
    silent = known.now - known.real_at
    Heartbeat.objects.filter(name=PAGES).update(at=max(at, known.at), real_at=Now())
    if silent <= OUTAGE_AFTER or at <= known.at:
        return None
    # A demo's clock may have jumped meanwhile: the pages were out for as long as they really were.
    since_at = max(known.at, at - silent)
    return _noted(causes.system(at), Outage(since_at=since_at, until_at=at, note=""))


@transaction.atomic
def note_outage(cause: Cause, since_at: datetime, until_at: datetime | None, note: str) -> Outage:
    """Put on record that our own systems were out; None as long as they are. Raises `NoOutage`."""
    content = {"verb": "note_outage", "since_at": since_at, "until_at": until_at, "note": note}
    known = journal.repeated(cause, content)
    if known is not None:
        return Outage.objects.get(pk=int(known.subject.partition(":")[2]))
    row = Outage(since_at=since_at, until_at=until_at, note=_reason(note))
    _check(cause.at, since_at, until_at)
    return _noted(cause, row, content)


@transaction.atomic
def correct_outage(
    cause: Cause, outage_id: int, since_at: datetime, until_at: datetime | None, note: str
) -> Outage:
    """Give an outage other limits, for a reason; the journal keeps what it said before. What was
    found already stays for an administrator to rule on. Raises `NoOutage`."""
    row = Outage.objects.select_for_update().get(pk=outage_id)
    subject = f"outage:{row.pk}"
    content = {"verb": "correct_outage", "since_at": since_at, "until_at": until_at, "note": note}
    if journal.earlier(cause, subject, content) is not None:
        return row
    reason = _reason(note)
    _check(cause.at, since_at, until_at)
    before = {"since_before": row.since_at.isoformat(), "until_before": _iso(row.until_at)}
    row.since_at, row.until_at, row.note = since_at, until_at, reason
    row.noted_by_id, row.noted_at = cause.person_id, cause.at
    row.save()
    facts = {"since_at": since_at.isoformat(), "until_at": _iso(until_at), **before}
    journal.record(cause, "correct_outage", subject, {**facts, "note": reason}, content=content)
    return row


def _noted(cause: Cause, row: Outage, content: Mapping[str, object] | None = None) -> Outage:
    row.noted_by_id, row.noted_at = cause.person_id, cause.at
    row.save()
    facts = {"since_at": row.since_at.isoformat(), "until_at": _iso(row.until_at), "note": row.note}
    journal.record(cause, "note_outage", f"outage:{row.pk}", facts, content=content)
    return row


def _check(at: datetime, since_at: datetime, until_at: datetime | None) -> None:
    if since_at > at or (until_at is not None and until_at > at):
        raise NoOutage("ahead")
    if until_at is not None and until_at <= since_at:
        raise NoOutage("backwards")
    if (until_at or at) - since_at > OUTAGE_MAX:
        raise NoOutage("too_long")


def _reason(note: str) -> str:
    cleaned = note.replace("\x00", "").strip()[:NOTE_MAX]
    if not cleaned:
        raise NoOutage("reason")
    return cleaned


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
