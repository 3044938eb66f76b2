"""What waits for an administrator's word: violations, contests, doubts, complaints and audits in
one list, what is due first at the top."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from desk.oversight.models import Audit, Complaint, Violation
from desk.oversight.queries import owed, owed_audits, violations
from desk.oversight.queries.violations import ToRule
from desk.rules.standard.facts import Asked
from desk.tickets.models import Dispute, DisputeKind
from desk.tickets.queries import number

LIST_MAX = 200
# What is overdue for longer is found in its own list.
OVERDUE_MAX = timedelta(days=31)


class Kind(StrEnum):
    """What waits."""

    VIOLATION = "violation"
    CONTEST = "contest"
    DOUBT = "doubt"
    COMPLAINT = "complaint"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that waits. `title` names the ticket, or the clause; `about` whom it is about, or
    who asks. `mine`: the reader owes it."""

    kind: Kind
    id: int
    title: str
    about: str
    due_at: datetime
    mine: bool

    @property
    def key(self) -> str:
        """As obligations name it."""
        dispute = self.kind in (Kind.CONTEST, Kind.DOUBT)
        return f"dispute:{self.id}" if dispute else f"{self.kind}:{self.id}"


def waiting(reader_id: int, at: datetime) -> tuple[Duty, ...]:
    """Everything that waits, at most `LIST_MAX` of a kind, in the order of time; in a constant
    number of queries. Of a pair of audits the reader sees what may be seen."""
    to_rule = tuple(violations.to_rule(at - OVERDUE_MAX, at))
    owes = _owed_by(reader_id, at, to_rule)
    found = [*_violations(to_rule), *_disputes(), *_complaints(), *_audits(reader_id)]
    rows = [_marked(one, owes) for one in found]
    return tuple(sorted(rows, key=lambda one: (one.due_at, one.kind, one.id)))


def counts(found: tuple[Duty, ...]) -> Mapping[Kind, int]:
    """How many of each kind."""
    known = Counter(one.kind for one in found)
    return {kind: known[kind] for kind in Kind}


def _owed_by(reader_id: int, at: datetime, to_rule: Sequence[ToRule]) -> frozenset[str]:
    since_at = at - OVERDUE_MAX
    asked: tuple[Asked, ...] = (
        *owed.by_administrators([reader_id], since_at, at, to_rule).get(reader_id, ()),
        *owed_audits.by_administrators([reader_id], since_at, at).get(reader_id, ()),
    )
    return frozenset(one.key for one in asked if one.met_at is None)


def _marked(one: Duty, owes: frozenset[str]) -> Duty:
    return Duty(one.kind, one.id, one.title, one.about, one.due_at, one.key in owes)


def _violations(to_rule: Sequence[ToRule]) -> Iterator[Duty]:
    found = [one for one in to_rule if one.ruled_at is None]
    due = {one.violation.pk: one.due_at for one in found[:LIST_MAX]}
    rows = Violation.objects.filter(pk__in=due).order_by("pk")
    for violation_id, clause, name in rows.values_list("pk", "clause", "person__name"):
        yield Duty(Kind.VIOLATION, violation_id, clause, name, due[violation_id], mine=False)


def _disputes() -> Iterator[Duty]:
    rows = Dispute.objects.filter(ruled_at=None).order_by("due_at", "pk")
    for row in rows.select_related("ticket__partner")[:LIST_MAX]:
        kind = Kind.CONTEST if row.kind == DisputeKind.CONTEST else Kind.DOUBT
        ticket = row.ticket
        title = f"{number(ticket)} {ticket.subject}"
        yield Duty(kind, row.pk, title, ticket.partner.name, row.due_at, mine=False)


def _complaints() -> Iterator[Duty]:
    rows = Complaint.objects.filter(answered_at=None).order_by("due_at", "pk")
    for row in rows.select_related("partner", "ticket__partner")[:LIST_MAX]:
        title = number(row.ticket) if row.ticket is not None else ""
        yield Duty(Kind.COMPLAINT, row.pk, title, row.partner.name, row.due_at, mine=False)


def _audits(reader_id: int) -> Iterator[Duty]:
    """Of a pair, never the half that the reader must not do."""
    rows = Audit.objects.filter(done_at=None)
    rows = rows.exclude(first__auditor=reader_id).exclude(second__auditor=reader_id, auditor=None)
    rows = rows.filter(Q(first=None) | Q(first__auditor__isnull=False))
    for row in rows.select_related("ticket__partner", "person").order_by("due_at", "pk")[:LIST_MAX]:
        title = f"{number(row.ticket)} {row.ticket.subject}"
        yield Duty(Kind.AUDIT, row.pk, title, row.person.name, row.due_at, mine=False)
