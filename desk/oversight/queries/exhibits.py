"""The evidence of a violation, looked up: what its refs name, and what became of the obligation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from desk.journal.models import Entry
from desk.oversight.models import Audit, Complaint, Outage, Slot, Violation
from desk.oversight.queries import editions, facts
from desk.partners.models import Person
from desk.rules.standard.edition import Clause, evaluate
from desk.tickets import queries as tickets
from desk.tickets.models import Clock, Dispute, Message, Ticket
from desk.workdays.models import Absence, Interval

# How far around the instant of a limit its obligation is looked for.
AROUND = timedelta(days=5)
QUOTE_MAX = 300


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What one ref of the evidence names. `kind` is its word ("entry", "interval" …), `word` what
    tells it from others of its kind: a verb, an activity, the kind of a clock or an absence.

    `until_at` is None for an instant and for what goes on; `due_at` the limit of a clock. `kind`
    is "lost" for what is not to be found any more.
    """

    kind: str
    ref: str
    at: datetime | None = None
    until_at: datetime | None = None
    due_at: datetime | None = None
    word: str = ""
    by: str = ""
    quote: str = ""
    ticket_id: int | None = None
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Owed:
    """The obligation that was not kept, found again by its key: since when, until when, and when
    it was done after all; `done_at` is None when it was not."""

    since_at: datetime
    due_at: datetime
    limit_at: datetime
    done_at: datetime | None
    lapsed_at: datetime | None


def of(violation: Violation) -> list[Exhibit]:
    """The evidence in the order in which it was noted; a query for each kind of thing."""
    return of_refs(violation.evidence)


def of_refs(refs: Sequence[str]) -> list[Exhibit]:
    """What these refs name, in their order; a query for each kind of thing."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for ref in refs:
        kind, _, number = str(ref).partition(":")
        if number.isdigit():
            wanted[kind].add(int(number))
    found = {
        one.ref: one
        for kind, numbers in wanted.items()
        if kind in LOOK_UP
        for one in LOOK_UP[kind](numbers)
    }
    shown = [found.get(str(ref), Exhibit("lost", str(ref))) for ref in refs]
    return _numbered(shown)


def owed(violation: Violation, at: datetime) -> Owed | None:
    """What was owed; None when the record has changed so that it is not found any more."""
    until_at = min(at, max(violation.at, violation.found_at) + AROUND)
    person_id, rules = violation.person_id, editions.parsed(violation.edition)
    known = facts.of([person_id], violation.at - AROUND, until_at)[person_id]
    for found in evaluate(rules, known.stretch, known.exempt, until_at):
        if found.key == violation.key:
            one = found.obligation
            limit_at = violation.at
            return Owed(one.since_at, one.due_at, limit_at, one.met_at, one.lapsed_at)
    return None


def clause(violation: Violation) -> Clause | None:
    """The clause of the edition under which it was found."""
    return editions.parsed(violation.edition).clause(violation.clause)


def _entries(numbers: Collection[int]) -> Iterator[Exhibit]:
    rows = list(Entry.objects.filter(pk__in=numbers))
    names = _names(entry.by for entry in rows)
    for row in rows:
        yield Exhibit(
            "entry",
            f"entry:{row.pk}",
            row.at,
            word=row.verb,
            by=names.get(row.by, ""),
            ticket_id=_ticket_id(row.subject),
        )


def _intervals(numbers: Collection[int]) -> Iterator[Exhibit]:
    for row in Interval.objects.filter(pk__in=numbers):
        yield Exhibit(
            "interval",
            f"interval:{row.pk}",
            row.since_at,
            row.until_at,
            word=row.activity,
            ticket_id=_ticket_id(row.subject),
        )


def _clocks(numbers: Collection[int]) -> Iterator[Exhibit]:
    for row in Clock.objects.filter(pk__in=numbers):
        yield Exhibit(
            "clock",
            f"clock:{row.pk}",
            row.started_at,
            row.stopped_at,
            row.breached_at or row.due_at,
            word=row.kind,
            ticket_id=row.ticket_id,
        )


def _messages(numbers: Collection[int]) -> Iterator[Exhibit]:
    for row in Message.objects.filter(pk__in=numbers).select_related("author"):
        yield Exhibit(
            "message",
            f"message:{row.pk}",
            row.at,
            by=row.author.name if row.author else "",
            quote=row.text[:QUOTE_MAX],
            ticket_id=row.ticket_id,
        )


def _slots(numbers: Collection[int]) -> Iterator[Exhibit]:
    for row in Slot.objects.filter(pk__in=numbers):
        yield Exhibit(
            "slot",
            f"slot:{row.pk}",
            row.since_at,
            row.until_at,
            word=row.activity,
            ticket_id=_ticket_id(row.subject),
        )


def _absences(numbers: Collection[int]) -> Iterator[Exhibit]:
    for row in Absence.objects.filter(pk__in=numbers):
        yield Exhibit("absence", f"absence:{row.pk}", row.since_at, row.until_at, word=row.kind)


def _outages(numbers: Collection[int]) -> Iterator[Exhibit]:
    for row in Outage.objects.filter(pk__in=numbers):
        yield Exhibit("outage", f"outage:{row.pk}", row.since_at, row.until_at, quote=row.note)


def _disputes(numbers: Collection[int]) -> Iterator[Exhibit]:
    for row in Dispute.objects.filter(pk__in=numbers):
        yield Exhibit(
            "dispute",
            f"dispute:{row.pk}",
            row.raised_at,
            row.ruled_at,
            row.due_at,
            word=row.kind,
            ticket_id=row.ticket_id,
        )


def _complaints(numbers: Collection[int]) -> Iterator[Exhibit]:
    for row in Complaint.objects.filter(pk__in=numbers):
        yield Exhibit("complaint", f"complaint:{row.pk}", row.at, row.answered_at, row.due_at)


def _violations(numbers: Collection[int]) -> Iterator[Exhibit]:
    for row in Violation.objects.filter(pk__in=numbers).select_related("ruling"):
        ruling = getattr(row, "ruling", None)
        ruled_at = ruling.at if ruling is not None else None
        yield Exhibit("violation", f"violation:{row.pk}", row.found_at, ruled_at, word=row.clause)


def _audits(numbers: Collection[int]) -> Iterator[Exhibit]:
    for row in Audit.objects.filter(pk__in=numbers):
        yield Exhibit(
            "audit",
            f"audit:{row.pk}",
            row.drawn_at,
            row.done_at,
            row.due_at,
            ticket_id=row.ticket_id,
        )


LOOK_UP: dict[str, Callable[[Collection[int]], Iterator[Exhibit]]] = {
    "entry": _entries,
    "interval": _intervals,
    "clock": _clocks,
    "message": _messages,
    "slot": _slots,
    "absence": _absences,
    "outage": _outages,
    "dispute": _disputes,
    "complaint": _complaints,
    "violation": _violations,
    "audit": _audits,
}


def _numbered(shown: list[Exhibit]) -> list[Exhibit]:
    """The same with the numbers by which people know the tickets."""
    wanted = {one.ticket_id for one in shown if one.ticket_id is not None}
    rows = Ticket.objects.filter(pk__in=wanted).select_related("partner")
    numbers = {row.pk: tickets.number(row) for row in rows}
    return [replace(one, ticket=numbers.get(one.ticket_id or 0, "")) for one in shown]


def _names(people: Iterator[str]) -> dict[str, str]:
    numbers = {by.partition(":")[2] for by in people if by.startswith("person:")}
    rows = Person.objects.filter(pk__in=numbers).values_list("pk", "name")
    return {f"person:{pk}": name for pk, name in rows}


def _ticket_id(subject: str) -> int | None:
    kind, _, rest = subject.partition("/")[0].partition(":")
    return int(rest) if kind == "ticket" and rest.isdigit() else None
