"""The effect of an edition: what was before its date and after it, each with its uncertainty.

Rates carry the exact interval of a Poisson count (Garwood, 1936); their ratio the exact one of a
share of the sum (Clopper and Pearson, 1934). Medians carry the percentile interval of a bootstrap
from a fixed seed: the same times give the same interval on every machine. Before and after is no
proof of a cause: whatever else changed that day is in it too.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
EVENTS_MIN = 10
"""Fewer events before and after together say nothing about a rate."""
TIMES_MIN = 20
"""Fewer times on either side say nothing about a median."""
SHIFTS_MIN = 10
"""Fewer shifts on either side are too short a span."""
RESAMPLES = 4_000
BISECTIONS_MAX = 200
TERMS_MAX = 10_000
CLOSE_ENOUGH = 1e-12


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true value lies, 95 times of a hundred; `high` None is without a bound."""

    low: float
    high: float | None

    def holds(self, value: float) -> bool:
        """Whether the value lies in it."""
        return self.low <= value and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class Rate:
    """Events in a number of shifts. `per_shift` and its interval are None without a shift."""

    count: int
    shifts: int
    per_shift: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class RateChange:
    """Two rates and how many times the second is the first: None where there was nothing."""

    before: Rate
    after: Rate
    ratio: float | None
    interval: Interval | None

    @property
    def enough(self) -> bool:
        """Whether there is enough to say anything."""
        least = min(self.before.shifts, self.after.shifts)
        return self.before.count + self.after.count >= EVENTS_MIN and least >= SHIFTS_MIN

    @property
    def is_clear(self) -> bool:
        """Whether chance alone hardly explains it."""
        return self.enough and self.interval is not None and not self.interval.holds(1.0)


@dataclass(frozen=True, slots=True)
class Median:
    """The middle one of so many times, in seconds; None without any."""

    count: int
    value: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class MedianChange:
    """Two medians and their difference in seconds, below zero when it became faster."""

    before: Median
    after: Median
    difference: float | None
    interval: Interval | None

    @property
    def enough(self) -> bool:
        """Whether there is enough to say anything."""
        return min(self.before.count, self.after.count) >= TIMES_MIN

    @property
    def is_clear(self) -> bool:
        """Whether chance alone hardly explains it."""
        return self.enough and self.interval is not None and not self.interval.holds(0.0)


def rate(count: int, shifts: int) -> Rate:
    """Events per shift with the exact interval of a Poisson count."""
    if not shifts:
        return Rate(count, 0, None, None)
    found = poisson_interval(count)
    assert found.high is not None, "a count has a bound"
    return Rate(count, shifts, count / shifts, Interval(found.low / shifts, found.high / shifts))


def rate_change(before: tuple[int, int], after: tuple[int, int]) -> RateChange:
    """From events and shifts before, and after: given their sum, the events after are a share
    that the shifts alone would give, so that the interval of the share is that of the ratio."""
    first, second = rate(*before), rate(*after)
    total = first.count + second.count
    if not total or not first.shifts or not second.shifts:
        return RateChange(first, second, None, None)
    weight = first.shifts / second.shifts
    share = share_interval(second.count, total)
    assert share.high is not None, "a share has a bound"
    high = None if first.count == 0 else weight * share.high / (1 - share.high)
    interval = Interval(weight * share.low / (1 - share.low), high)
    ratio = weight * second.count / first.count if first.count else None
    return RateChange(first, second, ratio, interval)


def median_change(before: Sequence[float], after: Sequence[float], seed: str) -> MedianChange:
    """From the times before and after; the seed makes it the same wherever it is computed."""
    chance = random.Random(seed)  # noqa: S311  a bootstrap, not a secret
    first, second = sorted(before), sorted(after)
    drawn_first = [_resampled(first, chance) for _ in range(RESAMPLES)] if first else []
    drawn_second = [_resampled(second, chance) for _ in range(RESAMPLES)] if second else []
    old = Median(len(first), _median(first), _percentiles(drawn_first))
    new = Median(len(second), _median(second), _percentiles(drawn_second))
    if old.value is None or new.value is None:
        return MedianChange(old, new, None, None)
    moved = [two - one for one, two in zip(drawn_first, drawn_second, strict=True)]
    return MedianChange(old, new, new.value - old.value, _percentiles(moved))


def poisson_interval(count: int) -> Interval:
    """The exact interval of the mean of a Poisson count."""
    tail = (1 - CONFIDENCE) / 2
    most = count + 10.0 + 10.0 * math.sqrt(count + 1)
    low = _root(lambda mean: _gamma_share(count, mean) - tail, 0.0, most) if count else 0.0
    return Interval(low, _root(lambda mean: _gamma_share(count + 1, mean) - 1 + tail, 0.0, most))


def share_interval(count: int, total: int) -> Interval:
    """The exact interval of a share, of `count` out of `total`."""
    tail = (1 - CONFIDENCE) / 2
    low, high = 0.0, 1.0
    if count:
        low = _root(lambda p: _beta_share(count, total - count + 1, p) - tail, 0.0, 1.0)
    if count < total:
        high = _root(lambda p: _beta_share(count + 1, total - count, p) - 1 + tail, 0.0, 1.0)
    return Interval(low, high)


def _resampled(times: Sequence[float], chance: random.Random) -> float:
    """The median of a sample drawn with replacement from sorted times.

    Its place is that of a middle one among so many uniform numbers, which is a beta variate: one
    draw instead of as many as there are times.
    """
    count = len(times)
    middle = (count + 1) // 2
    first = chance.betavariate(middle, count - middle + 1)
    lower = times[min(int(first * count), count - 1)]
    if count % 2:
        return lower
    second = first + (1 - first) * chance.betavariate(1, count - middle)
    return (lower + times[min(int(second * count), count - 1)]) / 2


def _median(times: Sequence[float]) -> float | None:
    if not times:
        return None
    middle = len(times) // 2
    return times[middle] if len(times) % 2 else (times[middle - 1] + times[middle]) / 2


def _percentiles(drawn: Sequence[float]) -> Interval | None:
    if not drawn:
        return None
    ordered = sorted(drawn)
    tail = int(len(ordered) * (1 - CONFIDENCE) / 2)
    return Interval(ordered[tail], ordered[-1 - tail])


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that grows from below zero to above it crosses zero."""
    for _ in range(BISECTIONS_MAX):
        middle = (low + high) / 2
        if high - low <= CLOSE_ENOUGH * max(1.0, middle):
            break
        if function(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _gamma_share(shape: int, mean: float) -> float:
    """The chance that a Poisson count of this mean reaches `shape`."""
    if mean <= 0:
        return 0.0
    logarithm = -mean + shape * math.log(mean) - math.lgamma(shape + 1)
    term, total = 1.0, 1.0
    for number in range(1, TERMS_MAX):
        term *= mean / (shape + number)
        total += term
        if term < total * CLOSE_ENOUGH:
            break
    return min(math.exp(logarithm) * total, 1.0)


def _beta_share(a: int, b: int, share: float) -> float:
    """The regularized incomplete beta function, by its continued fraction (Lentz)."""
    if share <= 0 or share >= 1:
        return 0.0 if share <= 0 else 1.0
    if share > (a + 1) / (a + b + 2):
        return 1 - _beta_share(b, a, 1 - share)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front += a * math.log(share) + b * math.log1p(-share)
    return math.exp(front) / a * _fraction(a, b, share)


def _fraction(a: int, b: int, share: float) -> float:
    c, d = 1.0, 1 / (1 - (a + b) * share / (a + 1))
    found = d
    for m in range(1, TERMS_MAX):
        even = m * (b - m) * share / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * share / ((a + 2 * m) * (a + 2 * m + 1))
        for part in (even, odd):
            d = 1 / (1 + part * d)
            c = 1 + part / c
            step = c * d
            found *= step
        if abs(step - 1) < CLOSE_ENOUGH:
            break
    return found
