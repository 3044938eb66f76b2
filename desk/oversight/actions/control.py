"""The machine's control: reminders before a limit, a violation at it, each once (the loop
"control"). It finds, excuses by rule and tells; people explain and rule.

Several workers may tick at once: whoever is looked at is locked by the own row of `Watch`, and
who is locked, or was looked at meanwhile, is left to the other.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db import DatabaseError, connection, transaction

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.models import Entry
from desk.oversight.models import Reminder, Violation, Watch
from desk.oversight.queries import control as queries
from desk.oversight.queries import outages
from desk.oversight.queries.control import Finding
from desk.rules.standard.obligation import Outcome

BATCH_MAX = 50
# A limit is passed a moment after it: whoever is looked at then is looked at once.
AFTER = timedelta(milliseconds=1)
EVIDENCE_MAX = 40
KEY_MAX = 200
WRONG = (Outcome.VIOLATED, Outcome.EXCUSED)
REPORT_EVERY = timedelta(hours=1)
FAILED = "control_failed"
LOOKED = """
    UPDATE oversight_watch SET looked_at = %s, entry_id = %s, next_at = given.next_at
    FROM unnest(%s::bigint[], %s::timestamptz[]) given (person_id, next_at)
    WHERE oversight_watch.person_id = given.person_id
"""
log = logging.getLogger(__name__)


def tick(at: datetime) -> int:
    """Look at whoever is due; not 0 when something was written, or more people wait.

    While the pages are out nobody is judged: what could not be done is known once they are back.
    """
    if outages.pages_are_out():
        return 0
    due = queries.due(at)
    done = sum(
        _guarded(due.people[start : start + BATCH_MAX], at)
        for start in range(0, len(due.people), BATCH_MAX)
    )
    return done + due.more


def look(person_ids: Collection[int], at: datetime) -> int:
    """Look at these people now, whatever they were due for; returns how many violations and
    reminders were written.

    What is found is written in one transaction with the moment of the next look: killed in
    between, the next look finds the same, and each key is written once.
    """
    _begin(person_ids, at)
    with transaction.atomic():
        rows = {row.person_id: row for row in _locked(person_ids, at)}
        if not rows:
            return 0
        latest = Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0
        since_at = min(row.looked_at for row in rows.values())
        found = queries.findings(list(rows), at, since_at)
        everything = [one for person_id in rows for one in found.get(person_id, ())]
        written = _violations(everything, at) + _reminders(everything, at)
        _looked({number: _next(found.get(number, ()), at) for number in rows}, latest, at)
    return written


def _guarded(person_ids: Collection[int], at: datetime) -> int:
    """Let one person's facts that cannot be read keep nobody else from being looked at."""
    try:
        return look(person_ids, at)
    except DatabaseError:
        raise
    except Exception as error:  # whatever it is, the others are looked at
        log.exception("Control of %s failed.", list(person_ids))
        if len(person_ids) > 1:
            return sum(_guarded([person_id], at) for person_id in person_ids)
        return sum(_report(person_id, error, at) for person_id in person_ids)


def _report(person_id: int, error: Exception, at: datetime) -> int:
    """Tell administrators once an hour, and try again in a minute."""
    Watch.objects.filter(person=person_id).update(looked_at=at, next_at=None)
    subject = f"person:{person_id}"
    told = Entry.objects.filter(subject=subject, verb=FAILED, at__gt=at - REPORT_EVERY)
    if not told.exists():
        journal.record(causes.system(at), FAILED, subject, {"error": type(error).__name__})
    return 0


def _begin(person_ids: Collection[int], at: datetime) -> None:
    """Whoever is looked at for the first time was not looked at before."""
    known = set(Watch.objects.filter(person__in=person_ids).values_list("person_id", flat=True))
    fresh = [Watch(person_id=number, looked_at=at) for number in set(person_ids) - known]
    Watch.objects.bulk_create(fresh, ignore_conflicts=True)


def _locked(person_ids: Collection[int], at: datetime) -> Iterable[Watch]:
    """Whom nobody else looks at now, or has looked at later."""
    rows = Watch.objects.select_for_update(skip_locked=True).order_by("person_id")
    return rows.filter(person__in=person_ids, looked_at__lte=at)


def _looked(next_at: Mapping[int, datetime | None], latest: int, at: datetime) -> None:
    """Note the look and the next one of each: a thousand rows a minute, in one statement each
    batch."""
    with connection.cursor() as cursor:
        cursor.execute(LOOKED, [at, latest, list(next_at), list(next_at.values())])


def _violations(found: Iterable[Finding], at: datetime) -> int:
    wrong = {one.found.key[:KEY_MAX]: one for one in found if one.found.judgement.outcome in WRONG}
    known = queries.found_already(wrong)
    fresh = [_violation(key, one, at) for key, one in wrong.items() if key not in known]
    for row in sorted(Violation.objects.bulk_create(fresh), key=lambda row: (row.at, row.key)):
        facts = {
            "violation": row.pk,
            "clause": row.clause,
            "severity": row.severity,
            "person": row.person_id,
            "ticket": row.ticket_id,
            "excuse": row.excuse,
            "at": row.at.isoformat(),
        }
        cause = causes.system(at, f"violation:{row.pk}")
        journal.record(cause, "violation", f"person:{row.person_id}", facts)
    return len(fresh)


def _violation(key: str, finding: Finding, at: datetime) -> Violation:
    found, judged = finding.found, finding.found.judgement
    assert judged.at is not None, "what is violated was so at an instant"
    evidence = [ref for ref in (*found.obligation.evidence, *judged.evidence) if ref]
    return Violation(
        key=key,
        edition_id=finding.edition.id,
        clause=found.clause.number,
        severity=found.clause.severity,
        person_id=found.obligation.person_id,
        ticket_id=_ticket_id(found.obligation.ticket),
        at=judged.at,
        found_at=at,
        evidence=list(dict.fromkeys(evidence))[:EVIDENCE_MAX],
        excuse=judged.excuse or "",
    )


def _reminders(found: Iterable[Finding], at: datetime) -> int:
    wanted = {
        one.found.key[:KEY_MAX]: one
        for one in found
        if one.found.judgement.outcome == Outcome.OPEN
        and one.found.remind_at is not None
        and one.found.remind_at <= at
    }
    known = set(Reminder.objects.filter(key__in=wanted).values_list("key", flat=True))
    fresh = [_reminder(key, one, at) for key, one in wanted.items() if key not in known]
    Reminder.objects.bulk_create(fresh)
    for row in fresh:
        facts = {
            "clause": row.clause,
            "person": row.person_id,
            "ticket": _ticket_id(wanted[row.key].found.obligation.ticket),
            "due_at": row.limit_at.isoformat(),
        }
        journal.record(causes.system(at), "remind_standard", f"person:{row.person_id}", facts)
    return len(fresh)


def _reminder(key: str, finding: Finding, at: datetime) -> Reminder:
    found = finding.found
    limit_at = found.judgement.limit_at
    assert limit_at is not None, "a limit that stands reminds of nothing"
    person_id = found.obligation.person_id
    return Reminder(
        key=key, person_id=person_id, clause=found.clause.number, limit_at=limit_at, at=at
    )


def _next(mine: Iterable[Finding], at: datetime) -> datetime | None:
    """The next reminder or limit of what is still owed; None when nothing comes."""
    moments = []
    for one in mine:
        judged = one.found.judgement
        if judged.outcome != Outcome.OPEN or judged.limit_at is None:
            continue
        remind_at = one.found.remind_at
        if remind_at is not None and remind_at > at:
            moments.append(remind_at)
        moments.append(judged.limit_at + AFTER)
    return min(moments, default=None)


def _ticket_id(key: str) -> int | None:
    return int(key.removeprefix("ticket:")) if key else None
