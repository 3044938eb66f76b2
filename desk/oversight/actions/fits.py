"""A promise that the planned day no longer fits is said at once (R9): to its specialist and to the
administrators, once for each promise, before any warning of its clock (the loop "days")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.models import Entry
from desk.oversight.queries import days as queries
from desk.partners import queries as partners
from desk.partners.models import Person, StaffMembership, StaffRole
from desk.rules.dayplan import Misfit
from desk.tickets.models import Ticket

BATCH_MAX = 200


def tick(at: datetime) -> int:
    """Look at everybody in a shift; returns how many promises were told of. A desk that has no
    hours yet has no days."""
    organisation = partners.organisation()
    if organisation is None or organisation.calendar_id is None:
        return 0
    rows = StaffMembership.objects.filter(
        role=StaffRole.SPECIALIST, until_at=None, person__is_active=True
    )
    people = sorted(set(rows.values_list("person_id", flat=True)))
    return sum(
        _look(people[start : start + BATCH_MAX], at) for start in range(0, len(people), BATCH_MAX)
    )


def _look(person_ids: list[int], at: datetime) -> int:
    plans = queries.plans_at(person_ids, at)
    told = 0
    for person_id, known in queries.readies(person_ids, at).items():
        late = queries.still_fits(known, plans.get(person_id))
        if late:
            told += tell(at, person_id, stored(late))
    return told


def stored(misfits: Iterable[Misfit]) -> list[dict[str, object]]:
    """Misfits as a plan and the journal keep them."""
    return [
        {
            "subject": one.subject,
            "due_at": one.due_at.isoformat(),
            "done_at": one.done_at.isoformat() if one.done_at else None,
            "left_seconds": one.left_seconds,
        }
        for one in misfits
    ]


@dataclass(frozen=True, slots=True)
class _Late:
    """A ticket that will be late, told of once under its key: for this person and promise."""

    ticket_id: int
    due_at: str
    done_at: object
    key: str


@transaction.atomic
def tell(
    at: datetime, person_id: int, misfits: Iterable[Mapping[str, object]], parent: int | None = None
) -> int:
    """Say which promises will not be kept by this person's day; those that were said, and those
    that are broken already, are not said again. Returns how many were said."""
    late = {one.key: one for row in misfits if (one := _late(at, person_id, row)) is not None}
    if not late:
        return 0
    Person.objects.select_for_update(no_key=True).get(pk=person_id)
    known = set(Entry.objects.filter(key__in=late).values_list("key", flat=True))
    fresh = [one for key, one in late.items() if key not in known]
    numbers = [one.ticket_id for one in fresh]
    tickets = Ticket.objects.in_bulk(numbers)
    for one in fresh:
        ticket = tickets[one.ticket_id]
        facts = {
            "person": person_id,
            "executor": ticket.executor_id,
            "due_at": one.due_at,
            "done_at": one.done_at,
        }
        cause = causes.system(at, one.key, parent)
        journal.record(cause, "misfit", ticket.key, facts, ticket.partner_id)
    return len(fresh)


def _late(at: datetime, person_id: int, row: Mapping[str, object]) -> _Late | None:
    due_at = str(row["due_at"])
    if datetime.fromisoformat(due_at) <= at:
        return None
    ticket = str(row["subject"]).partition("/")[0]
    key = f"misfit:{person_id}:{ticket}:{due_at}"
    return _Late(int(ticket.removeprefix("ticket:")), due_at, row["done_at"], key)
