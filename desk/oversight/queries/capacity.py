"""Who leads and covers how much, and what waits for a specialist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from desk.partners import queries as partners
from desk.partners.models import (
    Assignment,
    AssignmentRole,
    Partner,
    Person,
    Project,
    ProjectState,
)
from desk.partners.queries import Load
from desk.rules import capacity
from desk.rules.capacity import Place
from desk.rules.worktime import Calendar
from desk.workdays import queries as workdays


@dataclass(frozen=True, slots=True)
class Seat:
    """A specialist: how much of each cap is used, the hours in force (None: the service's), who
    covers for them, whom they cover, and whom the chain would have them cover."""

    load: Load
    hours: Calendar | None
    covered_by: tuple[Person, ...]
    covers: tuple[Person, ...]
    would_cover: Person | None
    is_away: bool

    @property
    def leads_free(self) -> int:
        return max(0, self.load.projects_max - self.load.leads)

    @property
    def covers_free(self) -> int:
        return max(0, self.load.covers_max - self.load.covers)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A project that waits for its lead: its place in the line, since when, and who is proposed
    for it (None while everybody is full)."""

    position: int
    project: Project
    since_at: datetime
    lead: Person | None
    cover: Person | None


@dataclass(frozen=True, slots=True)
class Share:
    """A project of a partner, who leads it, and who is proposed to."""

    project: Project
    lead: Person | None
    proposed: Person | None


def seats(at: datetime) -> tuple[Seat, ...]:
    """Every specialist by name."""
    loads = partners.specialists()
    people = {load.person.pk: load.person for load in loads}
    pairs = _pairs()
    hours = workdays.own_schedules(people, at)
    away = workdays.away_among(people, at)
    chain = {cover: lead for lead, cover in capacity.chain(list(people)).items()}
    return tuple(
        Seat(
            load=load,
            hours=hours.get(number),
            covered_by=_named({cover for lead, cover in pairs if lead.pk == number}),
            covers=_named({lead for lead, cover in pairs if cover and cover.pk == number}),
            would_cover=people.get(chain.get(number, 0)),
            is_away=number in away,
        )
        for number, load in ((load.person.pk, load) for load in loads)
    )


def waiting() -> tuple[Waiting, ...]:
    """The line of those that wait, the first who came at its head; each with a proposal, as if
    those before it were served first."""
    line = partners.waiting_projects()
    if not line:
        return ()
    loads = partners.specialists()
    people = {load.person.pk: load.person for load in loads}
    places = {place.person: place for place in _places(loads)}
    chain = capacity.chain(list(people))
    own = _leads_of({held.project.partner_id for held in line})
    found = []
    for position, held in enumerate(line, 1):
        partner_id = held.project.partner_id
        # Somebody who covers it cannot lead it besides.
        others = [p for p in places.values() if held.cover is None or p.person != held.cover.pk]
        lead = capacity.next_lead(others, own[partner_id])
        if lead is not None:
            taken = places[lead]
            places[lead] = Place(lead, taken.leads_free - 1, taken.covers_free)
            own[partner_id].add(lead)
        cover = held.cover
        if cover is None:
            proposed = capacity.next_cover(places.values(), lead, chain.get(lead or 0))
            cover = people.get(proposed or 0)
        since_at = held.project.waits_since_at
        assert since_at is not None, "what waits does so since a moment"
        found.append(Waiting(position, held.project, since_at, people.get(lead or 0), cover))
    return tuple(found)


def position(project_id: int) -> tuple[int, int] | None:
    """The place of a project in the line and its length; None when it does not wait."""
    rows = Project.objects.filter(state=ProjectState.WAITING).order_by("waits_since_at", "id")
    line = list(rows.values_list("pk", flat=True))
    return (line.index(project_id) + 1, len(line)) if project_id in line else None


def division(partner: Partner) -> tuple[Share, ...]:
    """Who could lead each of a partner's projects when nobody can lead all of them."""
    everything = partners.projects_of(partner.pk)
    held = [row for row in everything if row.project.state != ProjectState.ARCHIVED]
    loads = partners.specialists()
    people = {load.person.pk: load.person for load in loads}
    present = {row.project.pk: row.lead.pk for row in held if row.lead is not None}
    proposed = capacity.divide([row.project.pk for row in held], _places(loads), present)
    return tuple(
        Share(row.project, row.lead, people.get(proposed[row.project.pk] or 0)) for row in held
    )


def larger_than_a_cap() -> list[Partner]:
    """Active partners with more open projects than any one specialist may lead, by name."""
    most = max((load.projects_max for load in partners.specialists()), default=0)
    return [
        group.partner for group in partners.partners_with_projects() if len(group.projects) > most
    ]


def _places(loads: Collection[Load]) -> list[Place]:
    return [
        Place(
            load.person.pk,
            max(0, load.projects_max - load.leads),
            max(0, load.covers_max - load.covers),
        )
        for load in loads
    ]


def _pairs() -> set[tuple[Person, Person | None]]:
    """Lead and cover of every project that has a lead, each pair once."""
    rows = Assignment.objects.filter(until_at=None).select_related("specialist__person")
    held: dict[int, dict[str, Person]] = defaultdict(dict)
    for row in rows:
        held[row.project_id][row.role] = row.specialist.person
    lead, cover = AssignmentRole.LEAD, AssignmentRole.COVER
    return {(row[lead], row.get(cover)) for row in held.values() if lead in row}


def _leads_of(partner_ids: Collection[int]) -> dict[int, set[int]]:
    """Who leads something of each partner."""
    rows = Assignment.objects.filter(
        until_at=None, role=AssignmentRole.LEAD, project__partner__in=partner_ids
    )
    found: dict[int, set[int]] = defaultdict(set)
    for partner_id, person_id in rows.values_list("project__partner_id", "specialist__person_id"):
        found[partner_id].add(person_id)
    return found


def _named(people: Collection[Person | None]) -> tuple[Person, ...]:
    known = [person for person in people if person is not None]
    return tuple(sorted(known, key=lambda person: (person.name, person.pk)))
