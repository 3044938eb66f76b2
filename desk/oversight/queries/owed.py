"""What administrators owe: rulings on violations, contests and doubts, answers to complaints.

Each is owed by the administrator on duty at its limit: of those who are there and not involved,
the one who has been one for longest. Limits are those that the desk has set and shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from desk.oversight.models import Complaint
from desk.partners.models import StaffMembership, StaffRole
from desk.rules.standard.facts import Asked
from desk.tickets.models import Dispute
from desk.workdays import queries as workdays


def by_administrators(
    person_ids: Collection[int], since_at: datetime, at: datetime
) -> dict[int, tuple[Asked, ...]]:
    """By person; empty for whoever is no administrator."""
    present = StaffMembership.objects.filter(role=StaffRole.ADMINISTRATOR, until_at=None)
    on_duty = list(present.order_by("since_at", "id").values_list("person_id", flat=True))
    if not set(on_duty) & set(person_ids):
        return {}
    found: dict[int, list[Asked]] = defaultdict(list)
    for asked in (*_disputes(since_at, at), *_complaints(since_at, at)):
        gone = workdays.away_among(on_duty, min(asked.due_at, at))
        owes = next((person_id for person_id in on_duty if person_id not in gone), None)
        if owes in person_ids and owes is not None:
            found[owes].append(asked)
    return {person_id: tuple(each) for person_id, each in found.items()}


def _disputes(since_at: datetime, at: datetime) -> list[Asked]:
    rows = Dispute.objects.filter(due_at__gte=since_at, raised_at__lte=at).order_by("id")
    return [
        Asked(
            f"dispute:{row.pk}", row.raised_at, row.due_at, row.ruled_at, None, f"dispute:{row.pk}"
        )
        for row in rows
    ]


def _complaints(since_at: datetime, at: datetime) -> list[Asked]:
    rows = Complaint.objects.filter(due_at__gte=since_at, at__lte=at).order_by("id")
    return [
        Asked(
            f"complaint:{row.pk}", row.at, row.due_at, row.answered_at, None, f"complaint:{row.pk}"
        )
        for row in rows
    ]
