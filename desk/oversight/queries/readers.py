"""Who has read which edition: asked for before the first shift under it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.oversight.models import Acknowledgement, Edition
from desk.oversight.queries import editions, shifts
from desk.oversight.queries.editions import Listed, Stage
from desk.partners.models import Person, StaffMembership, StaffRole

COMING_DAYS = 14
"""An edition that comes later than this is not asked about yet."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A specialist, and when they acknowledged an edition. `first_shift_at` is their first shift
    under it, None where none is in sight; `late`: acknowledged, or still not, after it began."""

    person: Person
    acknowledged_at: datetime | None
    first_shift_at: datetime | None
    late: bool


def of(row: Edition, at: datetime) -> list[Reader]:
    """Every present specialist, those who still have to read it first. A published edition."""
    assert row.effective_at is not None, "a published edition has its date"
    present = StaffMembership.objects.filter(
        role=StaffRole.SPECIALIST, until_at=None, person__is_active=True
    )
    since = {held.person: held.since_at for held in present.select_related("person")}
    read = dict(Acknowledgement.objects.filter(edition=row).values_list("person_id", "at"))
    begins = {person.pk: max(joined_at, row.effective_at) for person, joined_at in since.items()}
    hours = shifts.of(begins, at)
    found = [
        _reader(person, read.get(person.pk), hours[person.pk].first(begins[person.pk]), at)
        for person in since
    ]
    return sorted(found, key=lambda one: (one.acknowledged_at is not None, one.person.name))


def to_acknowledge(person_id: int, at: datetime) -> list[Listed]:
    """Editions that the person has to read now: in force, or coming soon. Two queries."""
    soon = at + timedelta(days=COMING_DAYS)
    asked = [one for one in current(at) if one.row.effective_at and one.row.effective_at <= soon]
    if not asked:
        return []
    numbers = [one.row.pk for one in asked]
    read = Acknowledgement.objects.filter(person_id=person_id, edition__in=numbers)
    known = set(read.values_list("edition_id", flat=True))
    return [one for one in asked if one.row.pk not in known]


def acknowledged_at(person_id: int, edition_id: int) -> datetime | None:
    """When the person acknowledged an edition."""
    rows = Acknowledgement.objects.filter(person_id=person_id, edition_id=edition_id)
    return rows.values_list("at", flat=True).first()


def current(at: datetime) -> list[Listed]:
    """The edition in force and those to come, the earliest first: one query."""
    rows, found = list(editions.published()), []
    for place, row in enumerate(rows):
        until_at = rows[place + 1].effective_at if place + 1 < len(rows) else None
        assert row.effective_at is not None, "a published edition has its date"
        if until_at is None or until_at > at:
            stage = Stage.COMING if row.effective_at > at else Stage.IN_FORCE
            found.append(Listed(row, stage, until_at))
    return found


def _reader(
    person: Person, read_at: datetime | None, shift_at: datetime | None, at: datetime
) -> Reader:
    late = shift_at is not None and (read_at or at) > shift_at
    return Reader(person, read_at, shift_at, late)
