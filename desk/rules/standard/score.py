"""The weekly score of a specialist, as a formula that fits beside it.

    score = 100 × (weight of what was kept) / (weight of what was kept and of upheld violations)

Each obligation weighs as its clause is severe. What was excused, lapsed, or found by a rule that
was wrong counts in neither; what waits for its ruling neither. Without anything owed there is no
score: that is not 100.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from desk.rules.standard.edition import Severity

WEIGHTS: Mapping[Severity, int] = {
    Severity.NOTE: 1,
    Severity.MINOR: 3,
    Severity.MAJOR: 10,
    Severity.CRITICAL: 25,
}


@dataclass(frozen=True, slots=True)
class Score:
    """`kept` and `upheld` are weights, `tenths` the score in tenths of a point, None when nothing
    was owed."""

    kept: int
    upheld: int

    @property
    def tenths(self) -> int | None:
        owed = self.kept + self.upheld
        return (2000 * self.kept + owed) // (2 * owed) if owed else None


def score(kept: Counter[Severity], upheld: Counter[Severity]) -> Score:
    """The score of a week from how many obligations of each severity were kept, or violated and
    upheld by a ruling."""
    return Score(_weight(kept), _weight(upheld))


def _weight(counts: Counter[Severity]) -> int:
    return sum(WEIGHTS[severity] * count for severity, count in counts.items())
