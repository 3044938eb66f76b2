"""The machine's control: reminders before a limit, a violation at it, each once (the loop
"control"). It finds, excuses by rule and tells; people explain and rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.journal.models import Entry
from desk.oversight.models import Outage, Reminder, Violation, Watch
from desk.oversight.queries import control as queries
from desk.oversight.queries.control import Finding
from desk.rules.standard.obligation import Outcome

BATCH_MAX = 50
# A limit is passed a moment after it: whoever is looked at then is looked at once.
AFTER = timedelta(milliseconds=1)
EVIDENCE_MAX = 40
KEY_MAX = 200
NOTE_MAX = 300
WRONG = (Outcome.VIOLATED, Outcome.EXCUSED)


def tick(at: datetime) -> int:
    """Look at whoever is due; returns how many violations and reminders were written."""
    people = queries.due(at)
    return sum(
        look(people[start : start + BATCH_MAX], at) for start in range(0, len(people), BATCH_MAX)
    )


def look(person_ids: Collection[int], at: datetime) -> int:
    """Look at these people now, whatever they were due for.

    What is found is written in one transaction with the moment of the next look: killed in
    between, the next look finds the same, and each key is written once.
    """
    latest = Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    found = queries.findings(person_ids, at)
    written = 0
    for person_id in person_ids:
        mine = found.get(person_id, [])
        with transaction.atomic():
            written += _violations(mine, at) + _reminders(mine, at)
            Watch.objects.update_or_create(
                person_id=person_id,
                defaults={"looked_at": at, "entry_id": latest, "next_at": _next(mine, at)},
            )
    return written


def note_outage(cause: Cause, since_at: datetime, until_at: datetime | None, note: str) -> Outage:
    """Put on record that our own systems were out: it excuses what could not be done."""
    with transaction.atomic():
        row = Outage.objects.create(
            since_at=since_at,
            until_at=until_at,
            note=note[:NOTE_MAX],
            noted_by_id=cause.person_id,
            noted_at=cause.at,
        )
        facts = {"since_at": since_at.isoformat(), "until_at": _iso(until_at)}
        journal.record(cause, "note_outage", f"outage:{row.pk}", facts)
        return row


def _violations(mine: Iterable[Finding], at: datetime) -> int:
    wrong = [one for one in mine if one.found.judgement.outcome in WRONG]
    known = queries.found_already([one.found.key for one in wrong])
    fresh = [one for one in wrong if one.found.key not in known]
    return sum(_violation(one, at) for one in fresh)


def _violation(finding: Finding, at: datetime) -> int:
    found, judged = finding.found, finding.found.judgement
    assert judged.at is not None, "what is violated was so at an instant"
    evidence = [ref for ref in (*found.obligation.evidence, *judged.evidence) if ref]
    row = Violation(
        key=found.key[:KEY_MAX],
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
    # Another worker may find it at the same moment: the row that was first counts, and its entry.
    before = Violation.objects.filter(key=row.key).exists()
    Violation.objects.bulk_create([row], ignore_conflicts=True)
    stored = Violation.objects.get(key=row.key)
    if before or stored.found_at != at:
        return 0
    facts = {
        "violation": stored.pk,
        "clause": row.clause,
        "severity": row.severity,
        "person": row.person_id,
        "ticket": row.ticket_id,
        "excuse": row.excuse,
        "at": judged.at.isoformat(),
    }
    cause = causes.system(at, f"violation:{stored.pk}")
    journal.record(cause, "violation", f"person:{row.person_id}", facts)
    return 1


def _reminders(mine: Iterable[Finding], at: datetime) -> int:
    wanted = {
        one.found.key[:KEY_MAX]: one
        for one in mine
        if one.found.judgement.outcome == Outcome.OPEN
        and one.found.remind_at is not None
        and one.found.remind_at <= at
    }
    known = set(Reminder.objects.filter(key__in=wanted).values_list("key", flat=True))
    return sum(_reminder(key, one, at) for key, one in wanted.items() if key not in known)


def _reminder(key: str, finding: Finding, at: datetime) -> int:
    found = finding.found
    limit_at = found.judgement.limit_at
    assert limit_at is not None, "a limit that stands reminds of nothing"
    row = Reminder(
        key=key,
        person_id=found.obligation.person_id,
        clause=found.clause.number,
        limit_at=limit_at,
        at=at,
    )
    Reminder.objects.bulk_create([row], ignore_conflicts=True)
    facts = {
        "clause": row.clause,
        "person": row.person_id,
        "ticket": _ticket_id(found.obligation.ticket),
        "due_at": limit_at.isoformat(),
    }
    journal.record(causes.system(at), "remind_standard", f"person:{row.person_id}", facts)
    return 1


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


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
