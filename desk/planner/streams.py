"""Random streams: arrivals over a week's profile, and how long work takes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

HOUR = 60
DAY = 8 * HOUR
WEEK = 5 * DAY


def stream(seed: int, *names: object) -> random.Random:
    """A generator of its own for each purpose, so that one more use elsewhere shifts nothing."""
    return random.Random(":".join(str(one) for one in (seed, *names)))  # noqa: S311  no secret


def work(rng: random.Random, mean: float, cv: float) -> Callable[[], float]:
    """Durations with this mean and coefficient of variation: gamma, or all alike for 0.

    A coefficient of 1 is the exponential distribution.
    """
    if cv == 0:
        return lambda: mean
    shape = 1 / (cv * cv)
    scale, draw = mean / shape, rng.gammavariate
    return lambda: draw(shape, scale)


def arrivals(
    rng: random.Random, per_minute: float, until: float, profile: Sequence[float] = ()
) -> Iterator[float]:
    """Moments of a Poisson process in [0, until). `profile` weighs equal stretches of a working
    week; without one every minute is alike. The mean rate over a week is `per_minute`."""
    if not profile:
        yield from _steady(rng, per_minute, until)
        return
    stretch = WEEK / len(profile)
    scale = per_minute * len(profile) / sum(profile)
    rates = [weight * scale for weight in profile]
    ends = list(accumulate(rate * stretch for rate in rates))
    for mass in _steady(rng, 1.0, ends[-1] * (until / WEEK + 1)):
        weeks, rest = divmod(mass, ends[-1])
        index = _first_above(ends, rest)
        before = ends[index - 1] if index else 0.0
        at = weeks * WEEK + index * stretch + (rest - before) / rates[index]
        if at >= until:
            return
        yield at


def _steady(rng: random.Random, rate: float, until: float) -> Iterator[float]:
    at, gap = 0.0, rng.expovariate
    while (at := at + gap(rate)) < until:
        yield at


def _first_above(ends: Sequence[float], mass: float) -> int:
    return next((index for index, end in enumerate(ends) if mass < end), len(ends) - 1)
