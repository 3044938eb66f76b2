"""An entry becomes notices in the app."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from desk.channels import topics
from desk.channels.notices import actions
from desk.channels.notices.models import Held, Notice
from desk.channels.reasons import Told
from desk.journal.models import Entry


def of(entry: Entry, told: Iterable[Told]) -> list[Notice]:
    """A notice of the entry for each person."""
    ticket_id = None if entry.subject.startswith("deposit:") else topics.ticket_id(entry)
    return [
        Notice(
            person=each.person,
            entry=entry,
            verb=entry.verb,
            ticket_id=ticket_id,
            why=each.why,
            at=entry.at,
        )
        for each in told
    ]


def add(notices: list[Notice], silent: set[tuple[int, int]], at: datetime) -> None:
    """Write them down, in the caller's transaction. `silent` are entries and persons for which the
    bell does not ring: their notices stand in the list as read."""
    for notice in notices:
        if (notice.entry_id, notice.person_id) in silent:
            notice.read_at = at
    actions.add(notices)


def hold(held: Iterable[Held]) -> None:
    """Write down why deliveries wait, in the caller's transaction."""
    actions.hold(held)
