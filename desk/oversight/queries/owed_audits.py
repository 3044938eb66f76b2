"""What administrators owe under clause 8.2: the audits that were drawn, each by its date.

Whoever took an audit in time owes it. One that nobody took is owed by the administrator on duty at
its limit: of those who are there and may audit it, the one who has been one for longest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from desk.oversight.models import Audit
from desk.oversight.queries import drawing
from desk.rules.standard.facts import Asked
from desk.workdays import queries as workdays


def by_administrators(
    person_ids: Collection[int], since_at: datetime, at: datetime
) -> dict[int, tuple[Asked, ...]]:
    """By person; empty for whoever is no administrator."""
    present = drawing.administrators()
    if not set(present) & set(person_ids):
        return {}
    rows = list(Audit.objects.filter(due_at__gte=since_at, drawn_at__lte=at).order_by("id"))
    found: dict[int, list[Asked]] = defaultdict(list)
    for row, person_id in owed_by(rows, present, at):
        if person_id in person_ids:
            key = f"audit:{row.pk}"
            asked = Asked(key, row.drawn_at, row.due_at, row.done_at, None, key)
            found[person_id].append(asked)
    return {person_id: tuple(each) for person_id, each in found.items()}


def owed_by(
    rows: Collection[Audit], present: Collection[int], at: datetime
) -> Iterator[tuple[Audit, int]]:
    """Each audit with who owes it, of whole pairs by id; what nobody may audit nobody owes."""
    allowed = drawing.may_audit([row.ticket_id for row in rows])
    seconds = {row.first_id: row for row in rows if row.first_id is not None}
    gone: dict[datetime, frozenset[int]] = {}
    owes: dict[int, int | None] = {}
    for row in rows:
        moment = min(row.due_at, at)
        if moment not in gone:
            gone[moment] = workdays.away_among(list(present), moment)
        # The halves of a pair are of two people, whether they have taken them or not.
        second = seconds.get(row.pk)
        other = {owes.get(row.first_id or 0), second.owed_by_id if second else None}
        may = [one for one in present if one in allowed[row.ticket_id] and one not in other]
        on_duty = next((one for one in may if one not in gone[moment]), None)
        owes[row.pk] = row.owed_by_id or on_duty
        found = owes[row.pk]
        if found is not None:
            yield row, found
