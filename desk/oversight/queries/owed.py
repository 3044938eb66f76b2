"""What administrators owe: rulings on violations, contests and doubts, answers to complaints.

Each is owed by the administrator on duty at its limit: of those who are there, not involved by
then, and not judging themselves, the one who has been one for longest. Limits are those that the
desk has set and shown; of a violation, that of the edition in force when it was found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.oversight.models import Complaint
from desk.oversight.queries import involved, violations
from desk.oversight.queries.violations import ToRule
from desk.partners.models import StaffMembership, StaffRole
from desk.rules.standard.facts import Asked
from desk.tickets.models import Dispute, DisputeKind
from desk.workdays import queries as workdays


@dataclass(frozen=True, slots=True)
class Case:
    """Something to rule on, of which ticket, and about whom. `free` tells that it may be answered
    by who is involved, as a doubt may."""

    asked: Asked
    ticket_id: int | None
    about_id: int | None
    free: bool = False


def by_administrators(
    person_ids: Collection[int],
    since_at: datetime,
    at: datetime,
    to_rule: Iterable[ToRule] | None = None,
) -> dict[int, tuple[Asked, ...]]:
    """By person; empty for whoever is no administrator. `to_rule` is what `violations.to_rule`
    gives for the span, for who has read it already."""
    present = on_duty()
    if not set(present) & set(person_ids):
        return {}
    cases = [
        *_disputes(since_at, at),
        *_complaints(since_at, at),
        *_violations(violations.to_rule(since_at, at) if to_rule is None else to_rule),
    ]
    found: dict[int, list[Asked]] = defaultdict(list)
    for asked, owes in _shared_out(cases, present, at):
        if owes in person_ids:
            found[owes].append(asked)
    return {person_id: tuple(each) for person_id, each in found.items()}


def on_duty() -> list[int]:
    """The administrators by seniority, away or not."""
    rows = StaffMembership.objects.filter(role=StaffRole.ADMINISTRATOR, until_at=None)
    return list(rows.order_by("since_at", "id").values_list("person_id", flat=True))


def _shared_out(
    cases: Sequence[Case], present: Sequence[int], at: datetime
) -> Iterator[tuple[Asked, int]]:
    """Each case with who owes it; what nobody may rule on nobody owes."""
    parts = involved.since((one.ticket_id for one in cases if one.ticket_id is not None), present)
    gone: dict[datetime, frozenset[int]] = {}
    for case in cases:
        moment = min(case.asked.due_at, at)
        if moment not in gone:
            gone[moment] = workdays.away_among(present, moment)
        barred = {case.about_id, *gone[moment]}
        if not case.free:
            took_part = parts.get(case.ticket_id or 0, {})
            barred |= {person_id for person_id, begun in took_part.items() if begun < moment}
        owes = next((person_id for person_id in present if person_id not in barred), None)
        if owes is not None:
            yield case.asked, owes


def _disputes(since_at: datetime, at: datetime) -> Iterator[Case]:
    for row in Dispute.objects.filter(due_at__gte=since_at, raised_at__lte=at).order_by("id"):
        asked = _asked(f"dispute:{row.pk}", row.raised_at, row.due_at, row.ruled_at)
        # To rule is itself a part in the ticket, but not before it was done.
        yield Case(asked, row.ticket_id, None, row.kind == DisputeKind.DOUBT)


def _complaints(since_at: datetime, at: datetime) -> Iterator[Case]:
    for row in Complaint.objects.filter(due_at__gte=since_at, at__lte=at).order_by("id"):
        asked = _asked(f"complaint:{row.pk}", row.at, row.due_at, row.answered_at)
        yield Case(asked, row.ticket_id, row.about_id)


def _violations(to_rule: Iterable[ToRule]) -> Iterator[Case]:
    for one in to_rule:
        row = one.violation
        key = f"violation:{row.pk}"
        asked = Asked(key, row.found_at, one.due_at, one.ruled_at, None, key, in_days=True)
        yield Case(asked, row.ticket_id, row.person_id)


def _asked(key: str, since_at: datetime, due_at: datetime, met_at: datetime | None) -> Asked:
    return Asked(key, since_at, due_at, met_at, None, key)
