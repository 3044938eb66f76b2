"""The language of the scenarios: a desk whose clock the test sets.

    desk.at("fri 17:30")                      # Friday 27 November 2026, Kyiv time
    desk.at("mon 10:00")                      # the next Monday: time only goes on
    actions.accept(desk.cause(desk.lead), …)  # whoever acts, at the present moment of the desk

Days of the week lie in the week of Friday 27 November 2026, or after the present moment of the
desk, whichever is later; "2026-12-24 15:00" names any day; a time alone means today.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

from django.db import connections

from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.partners.models import Person
from tests import cast

KYIV = ZoneInfo("Europe/Kyiv")
MONDAY = date(2026, 11, 23)
OPENED = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def moment(text: str, now: datetime | None = None) -> datetime:
    """The UTC moment of "fri 17:30", "17:30" (the day of `now`) or "2026-12-24 15:00", Kyiv time.

    A day of the week is the first one not before `now`, and never before Monday 23 November 2026.
    """
    day_word, _, clock = text.rpartition(" ")
    at = time.fromisoformat(clock)
    today = now.astimezone(KYIV).date() if now else MONDAY
    if not day_word:
        return _utc(today, at)
    if day_word not in DAYS:
        return _utc(date.fromisoformat(day_word), at)
    first = max(today, MONDAY)
    day = first + timedelta(days=(DAYS.index(day_word) - first.weekday()) % 7)
    found = _utc(day, at)
    return found if now is None or found >= now else _utc(day + timedelta(days=7), at)


def _utc(day: date, at: time) -> datetime:
    return datetime.combine(day, at, KYIV).astimezone(UTC)


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Do all deeds at the same moment, each in a thread with a connection of its own (fixture
    `committed`); returns what each returned, or the error that refused it."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> object:
        try:
            start.wait(timeout=30)
            return deed()
        except Exception as error:  # noqa: BLE001  # the test looks at what was refused
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


@dataclass
class Desk:
    """A house with one partner (OLH), and the present moment of the test."""

    house: cast.House
    company: cast.Company
    now: datetime
    keys: int = field(default=0)

    @classmethod
    def open(cls, start: str = "fri 09:00", **terms: object) -> Desk:
        """A desk that opened a week before `start`; `terms` differ from a plan's defaults."""
        house = cast.house(OPENED, dict(terms))
        return cls(house, cast.company(OPENED, house), moment(start))

    def at(self, text: str) -> datetime:
        """Let the time go on to a moment, and return it."""
        found = moment(text, self.now)
        assert found >= self.now, f"{text} has passed: it is {self.now.astimezone(KYIV)}"
        self.now = found
        return found

    def later(self, **span: float) -> datetime:
        """Let the time go on by `hours=`, `minutes=`, `days=` of the clock on the wall."""
        self.now += timedelta(**span)
        return self.now

    def cause(self, person: Person | None, channel: str = "cabinet", key: str = "") -> Cause:
        """Why something happens now: by a person, or by the system (None)."""
        if person is None:
            return causes.system(self.now, key or None)
        return causes.person(person.pk, self.now, channel, key or None)

    def key(self) -> str:
        """A fresh idempotency key, as each form carries one."""
        self.keys += 1
        return f"form-{self.keys}"

    @property
    def lead(self) -> Person:
        return self.house.lead

    @property
    def cover(self) -> Person:
        return self.house.cover

    @property
    def owner(self) -> Person:
        return self.company.owner

    @property
    def member(self) -> Person:
        return self.company.member
