"""What all writing of days shares: the refusals, one person's lock, and the entry of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners.models import Person
from desk.workdays.models import Absence, Activity, Interval

WORDS_MAX = 300


class Overlaps(Exception):
    """Something is on record in that span already; `since_at` and `until_at` tell when."""

    def __init__(self, since_at: datetime, until_at: datetime | None) -> None:
        super().__init__(f"{since_at} to {until_at}")
        self.since_at, self.until_at = since_at, until_at


class InFuture(Exception):
    """What has not happened yet cannot be on record."""


class TooLong(Exception):
    """A span longer than the limit is a mistake; `hours_max` tells the limit."""

    def __init__(self, hours_max: int) -> None:
        super().__init__(f"over {hours_max} h")
        self.hours_max = hours_max


class Backwards(Exception):
    """A span ends before it begins, or where it begins."""


class ReasonMissing(Exception):
    """A correction is kept with its reason, of at most WORDS_MAX characters."""


class AlreadyStruck(Exception):
    """The row was taken out of the sums before."""


class InForce(Exception):
    """Hours that are in force, or were, stay; `earliest_on` is the first date to change."""

    def __init__(self, earliest_on: date) -> None:
        super().__init__(f"not before {earliest_on}")
        self.earliest_on = earliest_on


@dataclass(frozen=True, slots=True)
class Started:
    """What runs now, and what ended for it."""

    interval: Interval
    ended: Interval | None


@dataclass(frozen=True, slots=True)
class Span:
    """What somebody did from one moment to another. `subject` "ticket:42/part:3" or "ticket:42"
    for work, empty for the rest."""

    activity: Activity
    since_at: datetime
    until_at: datetime
    subject: str = ""
    partner_id: int | None = None
    cycle: int = 1


def lock(person_id: int) -> None:
    Person.objects.select_for_update(no_key=True).get(pk=person_id)


def stop(cause: Cause, row: Interval) -> None:
    # Clocks of two machines may differ a little: a row never ends before it began.
    row.until_at = max(cause.at, row.since_at)
    row.save(update_fields=["until_at"])


def refuse_overlap(
    known: QuerySet[Interval] | QuerySet[Absence], since_at: datetime, until_at: datetime
) -> None:
    later = Q(until_at=None) | Q(until_at__gt=since_at)
    other = known.filter(later, since_at__lt=until_at).order_by("since_at").first()
    if other is not None:
        raise Overlaps(other.since_at, other.until_at)


def record(
    cause: Cause,
    verb: str,
    row: Interval,
    content: Mapping[str, object] | None = None,
    ended: Interval | None = None,
) -> None:
    facts = {
        "person": row.person_id,
        "activity": str(row.activity),
        "subject": row.subject,
        "cycle": row.cycle,
        "since_at": row.since_at.isoformat(),
        "until_at": row.until_at.isoformat() if row.until_at else None,
        "corrects": row.corrects_id,
        "ended": ended.pk if ended else None,
    }
    journal.record(cause, verb, f"interval:{row.pk}", facts, row.partner_id, content)


def words(text: str) -> str:
    """What was typed, as the database can hold it."""
    return text.replace("\x00", "").strip()
