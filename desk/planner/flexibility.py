"""How much of the demand can be met when each helper knows one neighbour's work.

W. C. Jordan and S. C. Graves, "Principles on the Benefits of Manufacturing Process Flexibility",
Management Science 41 (1995): a closed chain in which everybody can do two things meets nearly all
that full flexibility would.
"""

from __future__ import annotations

from collections.abc import Sequence

_HALVINGS = 60


def alone(demands: Sequence[float], capacity: float) -> float:
    """What is met when everybody does their own only."""
    return sum(min(demand, capacity) for demand in demands)


def pooled(demands: Sequence[float], capacity: float) -> float:
    """What is met when everybody can do everything."""
    return min(sum(demands), capacity * len(demands))


def chained(demands: Sequence[float], capacity: float) -> float:
    """What is met when each can also do the next one's, in a ring.

    Once it is fixed what the first gives to the second, the rest is greedy; the total is concave
    in that gift, so that its best value is found by narrowing.
    """
    low, high = 0.0, capacity
    for _ in range(_HALVINGS):
        third = (high - low) / 3
        if _met(demands, capacity, low + third) < _met(demands, capacity, high - third):
            low += third
        else:
            high -= third
    return _met(demands, capacity, (low + high) / 2)


def _met(demands: Sequence[float], capacity: float, gift: float) -> float:
    met, carried = 0.0, gift
    for demand in demands[1:]:
        helped = min(carried, demand)
        own = min(capacity, demand - helped)
        met += helped + own
        carried = capacity - own
    helped = min(carried, demands[0])
    return met + helped + min(capacity - gift, demands[0] - helped)
