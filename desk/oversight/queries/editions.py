"""Editions of the Standard: which is in force when, what it asks, who has read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from django.db.models import QuerySet

from desk.journal import queries as journal
from desk.oversight.models import Edition, EditionState
from desk.partners.models import Person
from desk.rules.standard import edition as rules

KEPT_MAX = 16
WROTE = ("draft_edition", "change_edition")


class Stage(StrEnum):
    """Where an edition stands at a moment: COMING is published for a later date, SUPERSEDED was
    in force until another one came."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    COMING = "coming"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class InForce:
    """A published edition and the span in which it is in force; None as long as no next one is
    published."""

    id: int
    number: int
    rules: rules.Edition
    since_at: datetime
    until_at: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether what begins at `at` is under this edition."""
        return self.since_at <= at and (self.until_at is None or at < self.until_at)


@dataclass(frozen=True, slots=True)
class Listed:
    """An edition and where it stands; `until_at` is when the next one supersedes it."""

    row: Edition
    stage: Stage
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class Writing:
    """One time that somebody changed a draft; `clauses` names what: numbers, "questions"."""

    by: Person | None
    at: datetime
    version: int
    clauses: tuple[str, ...]


def published() -> QuerySet[Edition]:
    """Published editions, in the order in which they come into force."""
    return Edition.objects.filter(state=EditionState.PUBLISHED).order_by("effective_at")


def in_force(since_at: datetime, at: datetime) -> list[InForce]:
    """The editions that were in force at some time of the span, in their order."""
    rows = list(published())
    found = [_span(row, rows[place + 1 : place + 2]) for place, row in enumerate(rows)]
    return [
        one
        for one in found
        if one.since_at <= at and (one.until_at is None or one.until_at > since_at)
    ]


def at(moment: datetime) -> InForce | None:
    """The edition in force at a moment; None before the first."""
    found = in_force(moment, moment)
    return found[-1] if found else None


def listed(moment: datetime) -> list[Listed]:
    """All editions, the newest first, with the people who wrote, read and published them."""
    rows = Edition.objects.select_related("drafted_by", "reviewed_by", "published_by")
    following = list(published().values_list("effective_at", flat=True))
    return [
        Listed(row, _stage(row, moment, _ends(row, following)), _ends(row, following))
        for row in rows.order_by("-number")
    ]


def one(edition_id: int, moment: datetime) -> Listed:
    """One edition. Raises `Edition.DoesNotExist`."""
    rows = Edition.objects.select_related("drafted_by", "reviewed_by", "published_by")
    row = rows.get(pk=edition_id)
    following = list(published().values_list("effective_at", flat=True))
    return Listed(row, _stage(row, moment, _ends(row, following)), _ends(row, following))


def before(row: Edition) -> Edition | None:
    """The edition to compare with: the published one before it, for a draft the latest."""
    rows = published().exclude(pk=row.pk)
    if row.effective_at is not None:
        rows = rows.filter(effective_at__lt=row.effective_at)
    return rows.last()


def authors(row: Edition) -> frozenset[int]:
    """Everybody who wrote any of it: none of them reviews it."""
    entries = journal.of(f"edition:{row.pk}").filter(verb__in=WROTE, by__startswith="person:")
    wrote = {int(by.partition(":")[2]) for by in entries.values_list("by", flat=True)}
    if row.drafted_by_id is not None:
        wrote.add(row.drafted_by_id)
    return frozenset(wrote)


def writings(edition_id: int, after_version: int = 0) -> list[Writing]:
    """Who changed a draft since a version, the earliest first."""
    entries = journal.of(f"edition:{edition_id}").filter(verb="change_edition")
    later = [one for one in entries.order_by("id") if one.facts["version"] > after_version]
    by = {one.pk: int(one.by.partition(":")[2] or 0) for one in later}
    people = Person.objects.in_bulk(set(by.values()))
    return [
        Writing(people.get(by[one.pk]), one.at, one.facts["version"], tuple(one.facts["clauses"]))
        for one in later
    ]


def _ends(row: Edition, following: Sequence[datetime | None]) -> datetime | None:
    own = row.effective_at
    later = [each for each in following if own is not None and each is not None and each > own]
    return min(later, default=None)


def _stage(row: Edition, moment: datetime, until_at: datetime | None) -> Stage:
    if row.effective_at is None:
        return Stage(row.state)
    if row.effective_at > moment:
        return Stage.COMING
    return Stage.SUPERSEDED if until_at is not None and until_at <= moment else Stage.IN_FORCE


def _span(row: Edition, following: Sequence[Edition]) -> InForce:
    assert row.effective_at is not None, "a published edition has its date"
    until_at = following[0].effective_at if following else None
    return InForce(row.pk, row.number, parsed(row), row.effective_at, until_at)


def parsed(row: Edition) -> rules.Edition:
    """The clauses of an edition as rules. Raises `rules.EditionError` for a faulty draft."""
    if row.state == EditionState.PUBLISHED:
        return _published(row.pk)
    return rules.Edition.parse(row.content)


@lru_cache(KEPT_MAX)
def _published(edition_id: int) -> rules.Edition:
    """A published edition never changes, so that it is read once."""
    return rules.Edition.parse(Edition.objects.get(pk=edition_id).content)
