"""Who must be looked at, and what became of their obligations."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.journal.models import Entry
from desk.oversight.models import Violation, Watch
from desk.oversight.queries import editions, facts
from desk.oversight.queries.editions import InForce
from desk.partners.models import StaffMembership, StaffRole
from desk.rules.standard.edition import Found, evaluate
from desk.rules.standard.obligation import Outcome
from desk.tickets.models import Ticket

# How far back obligations are looked at: over a weekend, so that nothing is lost while we were out.
LOOK_BACK = timedelta(days=4)
# Whoever is not touched by anything is looked at so often anyway.
LOOK_EVERY = timedelta(seconds=60)
# After a standstill everybody is looked at again by time; the entries since then need no reading.
ENTRIES_MAX = 5_000
WATCHED = (StaffRole.SPECIALIST, StaffRole.ADMINISTRATOR)
# What the control itself writes changes nothing that it looks at.
OWN_VERBS = ("violation", "remind_standard")
PERSON_FACTS = ("executor", "executor_from", "person")


@dataclass(frozen=True, slots=True)
class Finding:
    """An obligation under the edition in force when it was opened, and what became of it."""

    edition: InForce
    found: Found


def watched() -> list[int]:
    """Everybody whom the Standard is held against, by id."""
    rows = StaffMembership.objects.filter(role__in=WATCHED, until_at=None, person__is_active=True)
    return sorted(rows.values_list("person_id", flat=True).distinct())


def due(at: datetime) -> list[int]:
    """Who must be looked at now: a limit comes, something happened, or it is time again."""
    everybody = watched()
    rows = {row.person_id: row for row in Watch.objects.filter(person__in=everybody)}
    touched = _touched(list(rows.values()))
    return [
        person_id
        for person_id in everybody
        if person_id in touched or _is_due(rows.get(person_id), at)
    ]


def findings(person_ids: Collection[int], at: datetime) -> dict[int, list[Finding]]:
    """What became by `at` of what each person owed, of the editions in force since `LOOK_BACK`."""
    since_at = at - LOOK_BACK
    held = editions.in_force(since_at, at)
    if not held:
        return {}
    known = facts.of(person_ids, since_at, at)
    return {
        person_id: [one for edition in held for one in _under(edition, of, since_at, at)]
        for person_id, of in known.items()
    }


def _under(
    edition: InForce, known: facts.Known, since_at: datetime, at: datetime
) -> Iterator[Finding]:
    for found in evaluate(edition.rules, known.stretch, known.exempt, at):
        opened_at = found.obligation.since_at
        recent = found.obligation.due_at >= since_at or found.judgement.outcome == Outcome.OPEN
        if edition.holds(opened_at) and recent:
            yield Finding(edition, found)


def found_already(keys: Collection[str]) -> set[str]:
    """Which of these violations are on record."""
    return set(Violation.objects.filter(key__in=keys).values_list("key", flat=True))


def _is_due(row: Watch | None, at: datetime) -> bool:
    if row is None or row.looked_at <= at - LOOK_EVERY:
        return True
    return row.next_at is not None and row.next_at <= at


def _touched(rows: Collection[Watch]) -> set[int]:
    """Whom an entry concerns that was written after they were last looked at.

    A transaction that commits late may carry a lower number: the look of each minute finds it.
    """
    if not rows:
        return set()
    recent = Entry.objects.filter(id__gt=min(row.entry_id for row in rows)).order_by("-id")
    recent = recent.exclude(verb__in=OWN_VERBS)
    latest: dict[int, int] = {}
    tickets: dict[str, int] = {}
    for entry in recent.only("by", "subject", "facts")[:ENTRIES_MAX]:
        for person_id in _people(entry):
            latest.setdefault(person_id, entry.pk)
        if entry.subject.startswith("ticket:"):
            tickets.setdefault(entry.subject.partition("/")[0], entry.pk)
    for executor_id, entry_id in _holders(tickets):
        latest[executor_id] = max(latest.get(executor_id, 0), entry_id)
    return {row.person_id for row in rows if latest.get(row.person_id, 0) > row.entry_id}


def _people(entry: Entry) -> Iterator[int]:
    kind, _, number = entry.by.partition(":")
    if kind == "person":
        yield int(number)
    for name in PERSON_FACTS:
        value = entry.facts.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            yield value


def _holders(tickets: dict[str, int]) -> Iterator[tuple[int, int]]:
    """The executors of tickets, each with the latest entry of one."""
    numbers = [int(key.removeprefix("ticket:")) for key in tickets]
    rows = Ticket.objects.filter(pk__in=numbers, executor__isnull=False)
    for ticket_id, executor_id in rows.values_list("pk", "executor_id"):
        if executor_id is not None:
            yield executor_id, tickets[f"ticket:{ticket_id}"]
