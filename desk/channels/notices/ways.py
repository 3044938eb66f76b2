"""Which ways exist for a person beside the bell, and at which addresses.

A way plugs in here with one import and one line in each table: `REACH` says where people are
reached by it, `OFFERED` whether this installation has it at all, and `CONNECT` names the page on
which a person connects it. Mail needs none of it. Its sender stands in outbox.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from desk.channels.notices.push import queries as push
from desk.channels.notices.telegram import queries as telegram
from desk.channels.routing import QUICK, Way
from desk.partners.models import MACHINES, Person

Addresses = Mapping[int, tuple[str, ...]]


# Addresses of deliveries by person, in one query for all of them; who has none is left out.
REACH: dict[Way, Callable[[Collection[int]], Addresses]] = {
    Way.PUSH: push.reach,
    Way.TELEGRAM: telegram.reach,
}
OFFERED: dict[Way, Callable[[], bool]] = {
    Way.PUSH: push.offered,
    Way.TELEGRAM: telegram.offered,
}
# Names of pages, for the ways that a person has to connect first.
CONNECT: dict[Way, str] = {Way.PUSH: "push:index", Way.TELEGRAM: "telegram:index"}


def addresses(people: Iterable[Person]) -> dict[int, dict[Way, tuple[str, ...]]]:
    """For each person the ways that exist for them and their addresses. One query for a way."""
    mails = {person.pk: person.email for person in people}
    found: dict[int, dict[Way, tuple[str, ...]]] = {
        number: {Way.EMAIL: (email,)} if email and not email.endswith(MACHINES) else {}
        for number, email in mails.items()
    }
    for way, reach in REACH.items():
        if OFFERED[way]():
            for number, known in reach(mails.keys()).items():
                found[number][way] = known
    return found


def available(person: Person) -> frozenset[Way]:
    """The ways that exist for a person now: the bell, and what they have connected."""
    return frozenset({Way.APP, *addresses([person])[person.pk]})


def offered() -> list[Way]:
    """The ways of this installation beside the bell, the quickest first."""
    return [way for way in QUICK if way == Way.EMAIL or (way in OFFERED and OFFERED[way]())]
