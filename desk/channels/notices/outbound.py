"""An entry becomes notices in the app."""

from __future__ import annotations

from collections.abc import Iterable

from desk.channels import topics
from desk.channels.notices import actions
from desk.channels.notices.models import Notice
from desk.channels.recipients import Told
from desk.journal.models import Entry


def add(entry: Entry, told: Iterable[Told]) -> None:
    """Give each person a notice of the entry."""
    ticket_id = None if entry.subject.startswith("deposit:") else topics.ticket_id(entry)
    actions.add(
        Notice(
            person=each.person,
            entry=entry,
            verb=entry.verb,
            ticket_id=ticket_id,
            why=each.why,
            at=entry.at,
        )
        for each in told
    )
