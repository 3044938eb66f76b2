"""A ticket of the proof as those who act on it see it, and what partners do with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from desk.partners.models import Person
from desk.rules.lifecycle import Type
from simulation.offences.ground import House

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
NOTHING = timedelta()


class Stage(StrEnum):
    """How far a ticket has come."""

    SUBMITTED = "submitted"
    OURS = "ours"
    ASKED = "asked"
    DELIVERED = "delivered"
    ENDED = "ended"


class Tale(StrEnum):
    """What is particular about a ticket."""

    PLAIN = "plain"
    WRITTEN = "written"
    ASKED = "asked"
    RETURNED = "returned"
    REOPENED = "reopened"
    COMPLEX = "complex"
    HOUR = "hour"
    EARLY = "early"
    LONG = "long"
    CONTESTED = "contested"
    DOUBTED = "doubted"
    DECLINED = "declined"
    CRITICAL = "critical"


@dataclass(slots=True)
class Job:
    """A ticket with what is left to do on it. `fault` names the offence planned with it."""

    number: int
    house: House
    tale: Tale
    holder: Person
    submitted_at: datetime
    left: timedelta
    fault: str = ""
    late: timedelta = NOTHING
    stage: Stage = Stage.SUBMITTED
    kind: Type = Type.SIMPLE
    accepted_at: datetime | None = None
    not_before: datetime | None = None
    work_after: datetime | None = None
    worked: dict[int, timedelta] = field(default_factory=dict)
    part: int = 1
    parts: int = 1
    heard_at: datetime | None = None
    message: str = ""
    news_on: date | None = None
    due_at: datetime | None = None
    decided: bool = False
    rounds: int = 0

    @property
    def key(self) -> str:
        return f"ticket:{self.number}"

    @property
    def subject(self) -> str:
        """Under which its work is on record."""
        return f"{self.key}/part:{self.part}"

    def workable(self, now: datetime) -> bool:
        ready = self.work_after is None or now >= self.work_after
        return self.stage == Stage.OURS and self.left > NOTHING and ready
