"""Writing down when a channel needs somebody, and when it needs nobody any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from desk.channels.actions import ERROR_MAX, clean
from desk.channels.models import Trouble
from desk.channels.troubles.queries import Found
from desk.journal import actions as journal
from desk.journal import cause as causes

# A trouble that lasts is told again after a day, when more of it has come.
TOLD_AGAIN = timedelta(days=1)


def note(found: Found, at: datetime) -> bool:
    """Note that a channel needs somebody; True when people are told of it now, which is at its
    beginning, and once a day while it grows."""
    with transaction.atomic():
        open_ones = Trouble.objects.filter(subject=found.subject, kind=found.kind, ended_at=None)
        row = open_ones.select_for_update().first()
        if row is None:
            return _begin(found, at)
        grown = found.count > row.told_count and at - row.told_at >= TOLD_AGAIN
        row.count, row.reason = found.count, clean(found.reason, ERROR_MAX)
        if grown:
            row.told_at, row.told_count = at, found.count
            _tell(row, at)
        row.save(update_fields=["count", "reason", "told_at", "told_count"])
        return grown


def over(trouble: Trouble, at: datetime) -> bool:
    """What was noted is no more; True when it was noted until now."""
    with transaction.atomic():
        ended = Trouble.objects.filter(pk=trouble.pk, ended_at=None).update(ended_at=at)
        if ended:
            facts = {"kind": trouble.kind, "trouble": trouble.pk}
            journal.record(causes.system(at), "trouble_over", trouble.subject, facts)
        return bool(ended)


def _begin(found: Found, at: datetime) -> bool:
    """False when another worker has noted it at this very moment."""
    fresh = Trouble(
        subject=found.subject,
        kind=found.kind,
        count=found.count,
        told_count=found.count,
        reason=clean(found.reason, ERROR_MAX),
        since_at=at,
        told_at=at,
    )
    open_ones = Trouble.objects.filter(subject=found.subject, kind=found.kind, ended_at=None)
    Trouble.objects.bulk_create([fresh], ignore_conflicts=True)
    row = open_ones.select_for_update().first()
    if row is None or row.told_at != at:
        return False
    _tell(row, at)
    return True


def _tell(row: Trouble, at: datetime) -> None:
    facts = {"kind": row.kind, "count": row.count, "reason": row.reason, "trouble": row.pk}
    journal.record(causes.system(at), "trouble", row.subject, facts)
