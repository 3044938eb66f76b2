"""Proof of machine control: what is on record is what the record gives.

The last days are looked at again. A violation that the record gives and that is not stored was
missed; one that is stored and not given any more is named too, unless what it rests on was put on
record or corrected afterwards, which is for people to rule on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from desk.journal.models import Entry
from desk.lib.findings import Finding
from desk.oversight.models import Violation
from desk.oversight.queries import control, editions
from desk.rules.standard.obligation import Outcome

# What the worker has not looked at yet is not missed.
SETTLED = timedelta(minutes=5)
# Recomputed is what is inside the days that control looks back to, less their edge.
AGAIN = control.LOOK_BACK - timedelta(days=1)
WRONG = (Outcome.VIOLATED, Outcome.EXCUSED)
PEOPLE_MAX = 50
# After these the record says something else of the past than it did.
CHANGES = (
    "enter_interval",
    "strike_interval",
    "correct_interval",
    "set_schedule",
    "note_absence",
    "withdraw_absence",
    "note_outage",
    "correct_outage",
)


def check(at: datetime) -> Iterator[Finding]:
    """Faults of the violations on record."""
    yield from _without_edition()
    yield from _without_entry()
    yield from _recomputed(at)


def counts() -> dict[str, int]:
    """How much was proved."""
    return {"violations": Violation.objects.count()}


def _without_edition() -> Iterator[Finding]:
    known = {row.pk: editions.parsed(row) for row in editions.published()}
    for row in Violation.objects.select_related("edition").order_by("pk").iterator():
        rules = known.get(row.edition_id)
        if rules is None or rules.clause(row.clause) is None:
            sentence = f"clause {row.clause} is none of a published edition"
            yield Finding("violation_edition", f"violation:{row.pk}", sentence)


def _without_entry() -> Iterator[Finding]:
    entries = Entry.objects.filter(verb="violation").values_list("facts__violation", flat=True)
    noted = list(entries)
    if len(noted) != len(set(noted)):
        yield Finding("violation_twice", "journal", "a violation was noted twice")
    for number in Violation.objects.exclude(pk__in=noted).values_list("pk", flat=True):
        sentence = "the journal does not have it"
        yield Finding("violation_entry", f"violation:{number}", sentence)


def _recomputed(at: datetime) -> Iterator[Finding]:
    people = control.watched()
    for start in range(0, len(people), PEOPLE_MAX):
        some = people[start : start + PEOPLE_MAX]
        given = {
            one.found.key: one.found.judgement.at
            for each in control.findings(some, at).values()
            for one in each
            if one.found.judgement.outcome in WRONG
        }
        settled = {
            key for key, since in given.items() if since and at - AGAIN < since < at - SETTLED
        }
        for key in sorted(settled - control.found_already(settled)):
            yield Finding("violation_missed", key, "the record gives it, and it is not stored")
        rows = Violation.objects.filter(person__in=some, at__gt=at - AGAIN).order_by("pk")
        changed_at = _changed_at(at)
        for row in rows.exclude(key__in=given):
            if changed_at is None or changed_at < row.found_at:
                sentence = "the record does not give it any more"
                yield Finding("violation_unfounded", f"violation:{row.pk}", sentence)


def _changed_at(at: datetime) -> datetime | None:
    """When something of the past was last put on record otherwise."""
    rows = Entry.objects.filter(verb__in=CHANGES, at__gt=at - AGAIN).order_by("-at")
    return rows.values_list("at", flat=True).first()
