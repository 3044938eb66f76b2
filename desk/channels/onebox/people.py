"""Who stands behind what a box tells: somebody of the partner who is known by e-mail address or
telephone number, else the person that the connection names."""

from __future__ import annotations

from desk.channels.onebox import queries
from desk.channels.onebox.models import Connection
from desk.partners.models import Person


def author(connection: Connection, email: str, phone: str) -> Person:
    """The person in whose name it is done."""
    found = queries.person_like(connection, email, phone)
    if found is not None and queries.submits(connection, found):
        return found
    return connection.person


def is_named(person: Person, name: str) -> bool:
    """Whether a name of the box is this person's."""
    return " ".join(name.split()).casefold() == " ".join(person.name.split()).casefold()
