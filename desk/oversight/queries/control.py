"""Who must be looked at, and what became of their obligations."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from desk.journal.models import Entry
from desk.oversight.models import Violation, Watch
from desk.oversight.queries import editions, facts
from desk.oversight.queries.editions import InForce
from desk.partners.models import StaffMembership, StaffRole
from desk.rules.standard.edition import Found, evaluate
from desk.rules.standard.obligation import Outcome
from desk.tickets.models import Ticket

# How far back before the last look obligations are looked at: what came on record late is found.
LOOK_BACK = timedelta(days=4)
# After a standstill, what fell due meanwhile is looked for as far back as this.
STANDSTILL_MAX = timedelta(days=62)
# Whoever is not touched by anything is looked at so often anyway, so many people at a time: those
# whose limit comes meanwhile do not wait for all of them.
LOOK_EVERY = timedelta(seconds=60)
SWEEP_MAX = 50
# After a standstill everybody is looked at again by time; the entries since then need no reading.
ENTRIES_MAX = 5_000
NEVER = datetime.min.replace(tzinfo=UTC)
WATCHED = (StaffRole.SPECIALIST, StaffRole.ADMINISTRATOR)
# What the control itself writes changes nothing that it looks at.
OWN_VERBS = ("violation", "remind_standard", "control_failed")
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


@dataclass(frozen=True, slots=True)
class Due:
    """Who must be looked at now, by urgency; `more` tells that others only wait for their turn."""

    people: tuple[int, ...]
    more: bool = False


def due(at: datetime) -> Due:
    """Who must be looked at now: a limit has come, something happened, or it is time again."""
    rows = {row.person_id: row for row in Watch.objects.all()}
    everybody = watched()
    touched = _touched([rows[number] for number in everybody if number in rows])
    urgent, waiting = [], []
    for person_id in everybody:
        row = rows.get(person_id)
        if row is not None and (person_id in touched or _limit_comes(row, at)):
            urgent.append(person_id)
        elif row is None or row.looked_at <= at - LOOK_EVERY:
            waiting.append((row.looked_at if row is not None else NEVER, person_id))
    swept = [person_id for _, person_id in sorted(waiting)[:SWEEP_MAX]]
    return Due((*urgent, *swept), more=len(waiting) > SWEEP_MAX)


def findings(
    person_ids: Collection[int], at: datetime, looked_at: datetime | None = None
) -> dict[int, list[Finding]]:
    """What became by `at` of what each person owed, of what fell due since `LOOK_BACK` before the
    last look at `looked_at`: each obligation under the edition in force when it was opened."""
    since_at = max(min(looked_at or at, at) - LOOK_BACK, at - STANDSTILL_MAX)
    published = editions.in_force(NEVER, at)
    if not published:
        return {}
    known = facts.of(person_ids, since_at, at)
    return {
        person_id: [
            one
            for edition in published
            if edition.until_at is None or edition.until_at > _opened_at(of, since_at)
            for one in _under(edition, of, since_at, at)
        ]
        for person_id, of in known.items()
    }


def _opened_at(known: facts.Known, since_at: datetime) -> datetime:
    """Since when anything is owed of what is known: a ticket may be older than what one looks
    back to."""
    begun = (turn.since_at for story in known.stretch.stories for turn in story.turns[:1])
    asked = (one.since_at for one in known.stretch.asked)
    return min([since_at, *begun, *asked])


def _under(
    edition: InForce, known: facts.Known, since_at: datetime, at: datetime
) -> Iterator[Finding]:
    for found in evaluate(edition.rules, known.stretch, known.exempt, at):
        if edition.holds(found.obligation.since_at) and _is_recent(found, since_at):
            yield Finding(edition, found)


def _is_recent(found: Found, since_at: datetime) -> bool:
    """Whether it is still owed, or came to its end since then: what excuses may have moved the
    limit by weeks."""
    judged, met_at = found.judgement, found.obligation.met_at
    if judged.outcome == Outcome.OPEN:
        return True
    ends = (found.obligation.due_at, judged.at, judged.limit_at, met_at)
    return any(end is not None and end >= since_at for end in ends)


def found_already(keys: Collection[str]) -> set[str]:
    """Which of these violations are on record."""
    return set(Violation.objects.filter(key__in=keys).values_list("key", flat=True))


def _limit_comes(row: Watch, at: datetime) -> bool:
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
