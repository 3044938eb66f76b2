"""People as values: who is named, and one of our people as a partner may meet them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Window = tuple[datetime, datetime]


class Side(StrEnum):
    """Whose person somebody is."""

    STAFF = "staff"
    PARTNER = "partner"


class Presence(StrEnum):
    """Online: seen within minutes. Away: not, or outside working hours. Absent: on record."""

    ONLINE = "online"
    AWAY = "away"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class PersonRef:
    """Somebody who is named: `photo` is the picture's file name, "" without."""

    id: int
    name: str
    photo: str
    side: Side


@dataclass(frozen=True, slots=True)
class PersonCard:
    """One of our people as a partner may meet them. `hours` are today's working windows;
    `absent_until_at` is set while absent."""

    id: int
    name: str
    position: str
    photo: str
    presence: Presence
    seen_at: datetime | None
    absent_until_at: datetime | None
    hours: tuple[Window, ...]
    email: str
    phone: str
