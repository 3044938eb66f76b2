"""Why somebody was told of something, or was not: each entry of a ticket and one person.

What is written here is for who answers questions about the desk: it quotes no text of a ticket.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from desk.channels import recipients, topics
from desk.channels.models import Delivery
from desk.channels.notices.models import Held, Notice
from desk.journal import queries as journal
from desk.journal.models import Entry
from desk.partners.models import Person
from desk.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Sent:
    """A message beside the bell. `hold` is what it waits, or waited, for; `error` is why it was
    not sent."""

    channel: str
    state: str
    hold: str
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Line:
    """An entry and what the person has of it. `why` is the reason of the notice, or in words why
    there is none."""

    entry_id: int
    at: datetime
    verb: str
    told: bool
    why: str
    read_at: datetime | None = None
    sent: list[Sent] = field(default_factory=list)


def of_ticket(ticket: Ticket, person: Person) -> Iterator[Line]:
    """Each entry of a ticket, the oldest first."""
    for entry in journal.of(ticket.key).order_by("id"):
        yield of_entry(entry, ticket, person)


def of_entry(entry: Entry, ticket: Ticket | None, person: Person) -> Line:
    """What a person was told of an entry."""
    notice = Notice.objects.filter(entry=entry, person=person).first()
    sent = list(_sent(entry, person))
    if notice is None and not sent:
        return Line(entry.pk, entry.at, entry.verb, told=False, why=_why_not(entry, ticket, person))
    why = notice.why if notice is not None else "by mail only"
    read_at = notice.read_at if notice is not None else None
    return Line(entry.pk, entry.at, entry.verb, told=True, why=why, read_at=read_at, sent=sent)


def _sent(entry: Entry, person: Person) -> Iterator[Sent]:
    held = dict(Held.objects.filter(entry=entry, person=person).values_list("channel", "hold"))
    for row in Delivery.objects.filter(entry=entry, person=person).order_by("id"):
        at = row.ended_at or row.next_at or row.created_at
        yield Sent(row.channel, row.state, held.get(row.channel, ""), at, row.error)


def _why_not(entry: Entry, ticket: Ticket | None, person: Person) -> str:
    if entry.verb not in recipients.RULES:
        return "nobody is told of this"
    if entry.by == f"person:{person.pk}":
        return "did it"
    if not recipients.may_know(person, entry, ticket):
        return "internal" if topics.internal(entry) else "does not see the ticket now"
    return "no rule names this person: neither author, follower nor in a role that is told"
