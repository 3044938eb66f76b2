"""People as they are named and met: from rows that a query has already fetched."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Subquery

from desk.partners.models import Person, StaffMembership
from desk.rules.worktime import Calendar
from desk.tickets.queries.persons import PersonCard, PersonRef, Presence, Side
from desk.tickets.queries.thread import Row
from desk.workdays.models import Absence, Interval, Schedule

ONLINE_FOR = timedelta(minutes=5)
COLUMNS = (
    "id",
    "name",
    "photo",
    "position",
    "email",
    "phone",
    "seen_at",
    "is_staff",
    "works",
    "absent_until_at",
    "schedule",
)


class Names:
    """The people whom a ticket names, by id."""

    def __init__(self, rows: Iterable[Row], calendar: Calendar, at: datetime) -> None:
        self._rows = {row["id"]: row for row in rows}
        self._calendar = calendar
        self._at = at

    def ref(self, person_id: int | None) -> PersonRef | None:
        """Who this is; None for nobody, or somebody who is not on record any more."""
        row = self._rows.get(person_id)
        if row is None:
            return None
        side = Side.STAFF if row["is_staff"] else Side.PARTNER
        return PersonRef(row["id"], row["name"], row["photo"], side)

    def cause(self, by: str) -> PersonRef | None:
        """Who "person:7" is; None for the desk itself."""
        kind, _, number = by.partition(":")
        return self.ref(int(number)) if kind == "person" else None

    def card(self, person_id: int | None) -> PersonCard | None:
        """One of our people with presence and today's hours, own ones or the service's."""
        row = self._rows.get(person_id)
        if row is None:
            return None
        own = row["schedule"]
        calendar = Calendar.parse(own) if own else self._calendar
        seen_at = row["seen_at"]
        return PersonCard(
            id=row["id"],
            name=row["name"],
            position=row["position"],
            photo=row["photo"],
            presence=presence(row["absent_until_at"], seen_at, self._at, works=row["works"]),
            seen_at=seen_at,
            absent_until_at=row["absent_until_at"],
            hours=calendar.windows(calendar.date_of(self._at)),
            email=row["email"],
            phone=row["phone"],
        )


def load(person_ids: Collection[int], calendar: Calendar, at: datetime) -> Names:
    """People by id with all that a card needs, in one query; `calendar` gives the hours of those
    who have none of their own."""
    of_person = {"person": OuterRef("pk")}
    roles = StaffMembership.objects.filter(**of_person)
    running = Interval.objects.filter(**of_person, until_at=None, struck_at=None)
    absent = Absence.objects.filter(
        **of_person, withdrawn_at=None, since_at__lte=at, until_at__gt=at
    )
    today = calendar.date_of(at)
    own = Schedule.objects.filter(**of_person, effective_on__lte=today).order_by("-effective_on")
    rows = (
        Person.objects.filter(pk__in=person_ids)
        .annotate(
            is_staff=Exists(roles),
            works=Exists(running),
            absent_until_at=Subquery(absent.values("until_at")[:1]),
            schedule=Subquery(own.values("content")[:1]),
        )
        .values(*COLUMNS)
    )
    return Names(rows, calendar, at)


def names_of(causes: Iterable[str]) -> dict[str, str]:
    """Names of people by how the journal writes them: {"person:7": "Olha"}; one query."""
    ids = {int(by.partition(":")[2]) for by in causes if by.startswith("person:")}
    found = Person.objects.filter(pk__in=ids).values_list("id", "name")
    return {f"person:{person_id}": name for person_id, name in found}


def presence(
    absent_until_at: datetime | None, seen_at: datetime | None, at: datetime, *, works: bool
) -> Presence:
    """Absent on record; online when a timer runs or a page was open minutes ago; else away."""
    if absent_until_at is not None:
        return Presence.ABSENT
    seen = seen_at is not None and seen_at >= at - ONLINE_FOR
    return Presence.ONLINE if works or seen else Presence.AWAY


def staff_ref(person: Person | None) -> PersonRef | None:
    """One of our people, from a row at hand."""
    return PersonRef(person.pk, person.name, person.photo, Side.STAFF) if person else None


def partner_ref(person: Person | None) -> PersonRef | None:
    """A partner's person, from a row at hand."""
    return PersonRef(person.pk, person.name, person.photo, Side.PARTNER) if person else None
