"""Editions of the Standard: which is in force when, and what it asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet

from desk.oversight.models import Edition, EditionState
from desk.rules.standard import edition as rules

KEPT_MAX = 16


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
