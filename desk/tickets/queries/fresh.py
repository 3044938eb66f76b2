"""The thread of a ticket that was just submitted, from the rows that were written.

Nothing else can hang on it yet, so that nothing is read again but who is named. A scenario holds
it against `thread.load`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from desk.journal.models import Entry
from desk.partners.models import AssignmentRole
from desk.tickets.models import Clock, Message, Ticket
from desk.tickets.queries import thread
from desk.tickets.queries.thread import Row, Thread
from desk.workdays.queries import Duty

PERSON = "person:"


@dataclass(frozen=True, slots=True)
class Fresh:
    """The rows of a new ticket; who submitted it is its author, or filed it."""

    ticket: Ticket
    clocks: tuple[Clock, ...]
    message: Message
    entry: Entry
    duty: Duty
    has_files: bool


def of(fresh: Fresh, at: datetime) -> Thread:
    """What `thread.load` would fetch of it for a partner's person: one query, for the people."""
    ticket, duty = fresh.ticket, fresh.duty
    assert not fresh.has_files, "of files more is told than is written here"
    held = {AssignmentRole.LEAD: duty.lead, AssignmentRole.COVER: duty.cover}
    assigned = tuple(
        {"role": role.value, "person_id": person.pk} for role, person in held.items() if person
    )
    concerned = (ticket.author_id, ticket.filed_by_id, ticket.executor_id)
    named = {person.pk for person in held.values() if person} | set(filter(None, concerned))
    followers = () if ticket.author_id is None else ({"person_id": ticket.author_id},)
    return Thread(
        **dict.fromkeys(_NOTHING_YET, ()),
        clocks=tuple(_clock(clock) for clock in fresh.clocks),
        messages=(_message(fresh.message),),
        followers=followers,
        entries=(_entry(fresh.entry),),
        assigned=assigned,
        people=thread.people(named, at),
    )


_NOTHING_YET = (
    "parts",
    "pauses",
    "promises",
    "files",
    "consultations",
    "estimates",
    "hours",
    "re_promises",
    "disputes",
    "alarms",
    "merged",
    "worked",
    "reader_works",
)


def _columns(row: Model) -> dict[str, Any]:
    return {field.attname: row.__dict__[field.attname] for field in row._meta.concrete_fields}


def _clock(clock: Clock) -> Row:
    return _columns(clock) | {"excuser_id": None}


def _message(message: Message) -> Row:
    return _columns(message) | {"moved_from": None}


def _entry(entry: Entry) -> Row:
    facts: Mapping[str, Any] = entry.facts
    number = entry.by.removeprefix(PERSON)
    return {
        "id": entry.pk,
        "at": entry.at,
        "by": entry.by,
        "verb": entry.verb,
        "channel": entry.channel,
        "facts": facts,
        "person_id": int(number) if number != entry.by else None,
        "about_id": facts.get("executor"),
    }
