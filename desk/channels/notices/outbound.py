"""An entry becomes notices in the app."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from desk.channels import topics
from desk.channels.notices import actions
from desk.channels.notices.models import Notice
from desk.channels.recipients import Told
from desk.journal.models import Entry


def of(entry: Entry, told: Iterable[Told], read_at: datetime | None = None) -> list[Notice]:
    """A notice of the entry for each person; `read_at` for one that is no news any more."""
    ticket_id = None if entry.subject.startswith("deposit:") else topics.ticket_id(entry)
    return [
        Notice(
            person=each.person,
            entry=entry,
            verb=entry.verb,
            ticket_id=ticket_id,
            why=each.why,
            at=entry.at,
            read_at=read_at,
        )
        for each in told
    ]


def add(notices: list[Notice]) -> None:
    """Write them down, in the caller's transaction."""
    actions.add(notices)
