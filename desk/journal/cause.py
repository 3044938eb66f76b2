"""Why something happens: who, when, by which channel, and the key that makes it happen once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause travels as one value through every action.

    `by` is "person:7" or "system". `at` is the aware UTC moment of the deed. `channel` is
    "cabinet", "workplace", "email", "worker" … `key` is the idempotency key of the external
    cause, unique over all time. `seen` is the version of the ticket that the person looked at.
    `parent` is the journal entry that caused this one.
    """

    by: str
    at: datetime
    channel: str
    key: str | None = None
    seen: int | None = None
    parent: int | None = None

    @property
    def person_id(self) -> int | None:
        kind, _, number = self.by.partition(":")
        return int(number) if kind == "person" else None

    def looking_at(self, version: int) -> Cause:
        """The same cause of a person who sees that version of the ticket."""
        return replace(self, seen=version)

    def follows(self, entry_id: int) -> Cause:
        """The cause of what `entry_id` entails, in another area: same person, same moment."""
        return replace(self, key=None, seen=None, parent=entry_id)


def person(person_id: int, at: datetime, channel: str, key: str | None = None) -> Cause:
    return Cause(f"person:{person_id}", at, channel, key)


def system(at: datetime, key: str | None = None, parent: int | None = None) -> Cause:
    return Cause(SYSTEM, at, "worker", key, parent=parent)
