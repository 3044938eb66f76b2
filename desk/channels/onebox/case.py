"""What a box told, with all that is known around it, at the moment it is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desk.channels.models import Arrival
from desk.channels.onebox.models import Connection, Process
from desk.channels.onebox.reading import Told
from desk.journal.cause import Cause
from desk.partners.models import Person

CHANNEL = "onebox"


@dataclass(frozen=True, slots=True)
class Case:
    """What was told at the moment it is used. `at` is when we had it, `used_at` now."""

    arrival: Arrival
    connection: Connection
    process: Process
    told: Told
    at: datetime
    used_at: datetime

    def cause(self, person: Person, part: str = "") -> Cause:
        key = f"onebox:{self.arrival.pk}{part}"
        return Cause(f"person:{person.pk}", self.at, CHANNEL, key)
