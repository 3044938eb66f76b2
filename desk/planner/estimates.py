"""Figures with their uncertainty: means over replications with Student's t, and percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import fmean, stdev

# Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom (Student 1908; any table).
_T_95 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
_NORMAL_95 = 1.960


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of one value per independent replication; at least two of them."""
    assert len(values) > 1, "one replication says nothing of its uncertainty"
    mean = fmean(values)
    half = student(len(values) - 1) * stdev(values) / sqrt(len(values))
    return Estimate(mean, mean - half, mean + half)


def student(freedom: int) -> float:
    """The two-sided 95 % quantile; beyond the table a little more than the normal one."""
    if freedom <= len(_T_95):
        return _T_95[freedom - 1]
    return _NORMAL_95 * (1 + 1.2 / freedom)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` % of the values do not exceed; `ordered` ascending."""
    assert ordered, "nothing has no percentile"
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]
