"""Who may lead what, as proposals: a chain of covers, and a partner divided by project. A person
decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

CHAIN_MIN = 2


@dataclass(frozen=True, slots=True)
class Place:
    """A specialist and the projects that he or she could still lead, and cover."""

    person: int
    leads_free: int
    covers_free: int


def chain(people: Sequence[int]) -> dict[int, int]:
    """Who covers whom, by lead: each the next one, the last the first (specification 5). Empty
    for less than two."""
    if len(people) < CHAIN_MIN:
        return {}
    following = [*people[1:], people[0]]
    return dict(zip(following, people, strict=True))


def next_lead(places: Iterable[Place], own: Iterable[int] = ()) -> int | None:
    """Who is proposed for the next project: whoever leads others of the same partner (`own`) and
    has room, else who has most; None when everybody is full."""
    known = set(own)
    free = [place for place in places if place.leads_free > 0]
    best = min(
        free,
        key=lambda place: (place.person not in known, -place.leads_free, place.person),
        default=None,
    )
    return best.person if best is not None else None


def next_cover(places: Iterable[Place], lead: int | None, wanted: int | None = None) -> int | None:
    """Who is proposed as the cover: `wanted` (of the chain), else who covers least; never the
    lead, nobody without room."""
    free = [place for place in places if place.covers_free > 0 and place.person != lead]
    best = min(
        free,
        key=lambda place: (place.person != wanted, -place.covers_free, place.person),
        default=None,
    )
    return best.person if best is not None else None


def divide(
    projects: Sequence[int], places: Iterable[Place], present: Mapping[int, int]
) -> dict[int, int | None]:
    """Leads for the projects of a partner that is larger than a cap, by project.

    Who leads one (`present`) keeps it. The rest fills one specialist after the other, those who
    lead projects of the partner first, so that it meets as few managers as can be; None for what
    has to wait.
    """
    free = {place.person: place.leads_free for place in places}
    found: dict[int, int | None] = {}
    for project in projects:
        if project in present:
            found[project] = present[project]
            continue
        rows = [Place(person, left, 0) for person, left in free.items()]
        chosen = next_lead(rows, {who for who in found.values() if who} | set(present.values()))
        found[project] = chosen
        if chosen is not None:
            free[chosen] -= 1
    return found
