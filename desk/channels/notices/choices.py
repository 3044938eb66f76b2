"""What people have chosen, as values for routing.py: one query for all who are told something."""

from __future__ import annotations

from collections.abc import Iterable

from desk.channels.notices.models import Preferences
from desk.channels.routing import Choices, Digest, Quiet, Several, Way
from desk.channels.themes import Theme
from desk.partners.models import Person
from desk.web.reader import zone


def of_all(people: Iterable[Person]) -> dict[int, Choices]:
    """The choices of each person by number, the defaults for whoever has chosen nothing."""
    known = {person.pk: person for person in people}
    rows = {row.person_id: row for row in Preferences.objects.filter(person__in=known)}
    return {number: read(person, rows.get(number)) for number, person in known.items()}


def of(person: Person) -> Choices:
    """The choices of one person."""
    return of_all([person])[person.pk]


def read(person: Person, row: Preferences | None) -> Choices:
    """A row as a value; a person's zone is part of it."""
    here = zone(person.timezone)
    if row is None:
        return Choices(zone=here)
    return Choices(
        zone=here,
        ticked=dict(_ticked(row)),
        several=Several(row.several),
        quiet=Quiet(row.quiet_since, row.quiet_until, frozenset(row.quiet_days)),
        digest=Digest(row.digest),
        digest_hour=row.digest_hour,
        paused_until_at=row.paused_until_at,
        muted=frozenset(row.muted),
    )


def name(theme: Theme, way: Way) -> str:
    """How a choice is kept, and how its box is called on the page: "messages.email"."""
    return f"{theme}.{way}"


def _ticked(row: Preferences) -> Iterable[tuple[tuple[Theme, Way], bool]]:
    """What is kept of themes and ways that exist; one that went is passed over."""
    for theme in Theme:
        for way in Way:
            if name(theme, way) in row.ticked:
                yield (theme, way), bool(row.ticked[name(theme, way)])
