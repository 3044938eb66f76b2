"""When a deposit is low, and when it is low anew: one alert per episode (L10).

An episode of a mark begins when the deposit reaches the mark, and ends when the balance has risen
clearly above it; until then the mark says nothing again, however the balance swings around it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

# How far above its mark a balance is clearly above: so many units or days, or so much of the mark.
RISE_MIN = 2
RISE_PERCENT = 20


class Kind(StrEnum):
    """What a mark counts: consultations, or working days of the partner's usual use."""

    CONSULTATIONS = "consultations"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Mark:
    """A threshold: low is what is at most `at_most` of its kind."""

    kind: Kind
    at_most: int

    @property
    def clear_from(self) -> int:
        """From here on the balance is clearly above: the mark is armed again."""
        percent = -(-self.at_most * RISE_PERCENT // 100)
        return self.at_most + max(RISE_MIN, percent)

    @property
    def distance(self) -> tuple[bool, int]:
        """How far off the end it warns: of days sooner than of consultations, of 3 than of 0."""
        return self.kind is Kind.DAYS, self.at_most


@dataclass(frozen=True, slots=True)
class Reach:
    """What a deposit has: available consultations, and how many working days they last at the
    partner's pace (None: the pace is unknown)."""

    available: int
    days: int | None

    def of(self, kind: Kind) -> int | None:
        return self.available if kind is Kind.CONSULTATIONS else self.days


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of episodes; `tells` is the one mark that people are told of, if any."""

    begin: tuple[Mark, ...]
    end: tuple[Mark, ...]
    tells: Mark | None


def marks(consultations: Collection[int], days: Collection[int]) -> frozenset[Mark]:
    """The thresholds of a plan."""
    return frozenset(
        {Mark(Kind.CONSULTATIONS, mark) for mark in consultations}
        | {Mark(Kind.DAYS, mark) for mark in days}
    )


def change(
    known: Collection[Mark], running: Collection[Mark], reach: Reach, *, rose: bool
) -> Change:
    """What a movement of the deposit begins and ends. `rose`: it put something in.

    Several marks passed at once are one alert, of the nearest to the end; and who knows that the
    end is near is not told that it is far. A mark that the plan no longer has ends in silence.
    """
    end = {mark for mark in running if mark not in known or (rose and _is_clear(mark, reach))}
    begin = {mark for mark in known if mark not in running and _is_low(mark, reach)}
    still = [mark.distance for mark in running if mark not in end]
    nearest = min(begin, key=lambda mark: mark.distance, default=None)
    news = nearest is not None and all(nearest.distance < distance for distance in still)
    return Change(_ordered(begin), _ordered(end), nearest if news else None)


def _is_low(mark: Mark, reach: Reach) -> bool:
    value = reach.of(mark.kind)
    return value is not None and value <= mark.at_most


def _is_clear(mark: Mark, reach: Reach) -> bool:
    """Where the pace is unknown, nothing says that what is there will not last."""
    value = reach.of(mark.kind)
    return value is None or value >= mark.clear_from


def _ordered(found: Collection[Mark]) -> tuple[Mark, ...]:
    return tuple(sorted(found, key=lambda mark: mark.distance))
