"""Audits: which tickets are drawn, and how far two who audit the same agree."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NORMAL_95 = 1.959963984540054
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cohen's kappa of two auditors with its standard error and 95 % interval.

    `kappa` is None where it is not defined: nothing was audited twice, or everybody gave the same
    answer always, so that chance alone explains it.
    """

    count: int
    observed: float
    kappa: float | None = None
    error: float | None = None
    low: float | None = None
    high: float | None = None


def draw(
    seed: str, resolved: Mapping[int, Sequence[int]], share_percent: int, audited: frozenset[int]
) -> list[int]:
    """Tickets to audit, of those resolved in a week by specialist: stratified, then at random.

    From each specialist's tickets, the least number that makes `share_percent` of them, and one
    at least; `audited` are those that were drawn before. The seed makes a draw that can be done
    again and shown to nobody's advantage.
    """
    drawn: list[int] = []
    for specialist, tickets in sorted(resolved.items()):
        wanted = max(math.ceil(len(tickets) * share_percent / PERCENT), 1) if tickets else 0
        had = sum(ticket in audited for ticket in tickets)
        left = sorted(set(tickets) - audited)
        chance = random.Random(f"{seed}/{specialist}")  # noqa: S311  a draw, not a secret
        drawn += chance.sample(left, min(max(wanted - had, 0), len(left)))
    return drawn


def twice(seed: str, drawn: Sequence[int], share_percent: int) -> list[int]:
    """Those of the drawn tickets that a second person audits blindly: at least one of any, and at
    least `share_percent` of them."""
    wanted = math.ceil(len(drawn) * share_percent / PERCENT)
    chance = random.Random(f"{seed}/twice")  # noqa: S311  a draw, not a secret
    return sorted(chance.sample(sorted(drawn), wanted))


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """How far two auditors agree beyond chance, from their answers to the same questions.

    Cohen (1960); the standard error is that of Fleiss, Cohen and Everitt (1969) for large samples.
    """
    count = len(pairs)
    if not count:
        return Agreement(0, 0.0)
    names = sorted({name for pair in pairs for name in pair})
    share = {(a, b): 0.0 for a in names for b in names}
    for pair in pairs:
        share[pair] += 1 / count
    first = {a: sum(share[a, b] for b in names) for a in names}
    second = {b: sum(share[a, b] for a in names) for b in names}
    observed = sum(share[a, a] for a in names)
    chance = sum(first[a] * second[a] for a in names)
    if math.isclose(chance, 1.0):
        return Agreement(count, observed)
    kappa = (observed - chance) / (1 - chance)
    same = sum(share[a, a] * (1 - (first[a] + second[a]) * (1 - kappa)) ** 2 for a in names)
    other = sum(share[a, b] * (second[a] + first[b]) ** 2 for a in names for b in names if a != b)
    spread = same + (1 - kappa) ** 2 * other - (kappa - chance * (1 - kappa)) ** 2
    error = math.sqrt(max(spread, 0.0) / count) / (1 - chance)
    low, high = kappa - NORMAL_95 * error, kappa + NORMAL_95 * error
    return Agreement(count, observed, kappa, error, max(low, -1.0), min(high, 1.0))
