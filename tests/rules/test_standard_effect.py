"""The effect of an edition: intervals against published values, and honesty about little data."""

from __future__ import annotations

import random

import pytest

from desk.rules.standard import effect


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        (0, 0.0, 3.6889),
        (1, 0.0253, 5.5716),
        (5, 1.6235, 11.6683),
        (10, 4.7954, 18.3904),
        (100, 81.3639, 121.6270),
    ],
)
def test_the_interval_of_a_count_is_garwoods(count: int, low: float, high: float) -> None:
    found = effect.poisson_interval(count)
    assert found.low == pytest.approx(low, abs=1e-3)
    assert found.high == pytest.approx(high, abs=1e-3)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (8, 20, 0.1912, 0.6395),
        (81, 263, 0.2527, 0.3676),
    ],
)
def test_the_interval_of_a_share_is_that_of_clopper_and_pearson(
    count: int, total: int, low: float, high: float
) -> None:
    found = effect.share_interval(count, total)
    assert found.low == pytest.approx(low, abs=1e-4)
    assert found.high == pytest.approx(high, abs=1e-4)


def test_half_of_the_events_in_as_many_shifts_is_a_ratio_of_a_half() -> None:
    found = effect.rate_change((40, 100), (20, 100))
    assert found.ratio == pytest.approx(0.5)
    assert found.interval is not None
    assert found.interval.high is not None
    # From the exact interval of 20 out of 60: [0.2169, 0.4669].
    assert found.interval.low == pytest.approx(0.2769, abs=1e-3)
    assert found.interval.high == pytest.approx(0.8758, abs=1e-3)
    assert found.is_clear


def test_spans_of_unequal_shifts_are_compared_by_the_shift() -> None:
    found = effect.rate_change((40, 200), (20, 100))
    assert found.ratio == pytest.approx(1.0)
    assert not found.is_clear


def test_too_little_is_called_too_little() -> None:
    assert not effect.rate_change((5, 100), (4, 100)).enough
    assert not effect.rate_change((50, 9), (40, 100)).enough
    assert effect.rate_change((0, 100), (0, 100)).ratio is None
    assert effect.rate_change((0, 100), (12, 100)).ratio is None
    assert effect.rate_change((12, 0), (12, 100)).interval is None
    assert not effect.median_change([1.0] * 19, [1.0] * 40, "s").enough
    assert effect.median_change([], [1.0], "s").difference is None


def test_nothing_before_has_no_upper_bound() -> None:
    found = effect.rate_change((0, 100), (20, 100))
    assert found.interval is not None
    assert found.interval.high is None
    assert found.is_clear


def test_the_seed_makes_a_bootstrap_the_same_again() -> None:
    chance = random.Random(7)
    before = [chance.lognormvariate(3, 1) for _ in range(60)]
    after = [each * 0.4 for each in before]
    found = effect.median_change(before, after, "edition:2")
    assert found == effect.median_change(list(reversed(before)), after, "edition:2")
    assert found.is_clear
    assert found.difference is not None
    assert found.difference < 0


def test_the_medians_place_is_that_of_a_sample_with_replacement() -> None:
    """The short way draws from the same distribution as drawing every one."""
    times = [float(each) for each in range(21)]
    chance = random.Random(11)
    plain = []
    for _ in range(4_000):
        drawn = sorted(chance.choices(times, k=len(times)))
        plain.append(drawn[10])
    plain.sort()
    found = effect.median_change(times, times, "short").before.interval
    assert found is not None
    assert found.low == pytest.approx(plain[100], abs=1)
    assert found.high == pytest.approx(plain[-101], abs=1)


def test_equal_times_have_no_effect() -> None:
    times = [60.0 * each for each in range(1, 41)]
    found = effect.median_change(times, times, "same")
    assert found.difference == 0
    assert found.enough
    assert not found.is_clear
