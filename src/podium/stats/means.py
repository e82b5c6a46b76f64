"""Means of item scores: their standard error, with or without clusters, and the interval that fits the items."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from podium.stats.arrays import Floats, Ints
from podium.stats.bootstrap import bootstrap_interval
from podium.stats.distributions import student_quantile
from podium.stats.proportions import LEVEL, wilson, wilson_by_error
from podium.stats.results import Interval

ENOUGH_FOR_T = 300
"""Items from which the mean of any bounded score is close enough to normal."""
TOO_FEW_TO_RESAMPLE = 20
"""Below it resamples are too much alike."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean, its standard error, and the number of independent units (items or clusters) behind it."""

    value: float
    standard_error: float
    units: int
    clustered: bool

    def critical(self, level: float) -> float:
        """The two-sided quantile of Student's distribution with one degree of freedom less than units."""
        return student_quantile(0.5 + level / 2, self.units - 1)

    def interval(self, level: float = LEVEL) -> Interval:
        """The mean and its critical value times its standard error to both sides."""
        half = self.critical(level) * self.standard_error
        method = "t-clustered" if self.clustered else "t"
        return Interval(self.value - half, self.value + half, level, method, self.units)


def mean_of(scores: Floats, clusters: Ints | None = None) -> Mean | None:
    """The mean of item scores; None below two items or two clusters, where its error cannot be known.

    With clusters (numbers from 0), items of one cluster may resemble each other, and clusters are independent:
    SE^2 = (1/n^2) sum_c (sum of the residuals in c)^2 C/(C-1).
    """
    items = len(scores)
    if items < 2:
        return None
    value = float(scores.mean())
    if clusters is None:
        return Mean(value, float(scores.std(ddof=1)) / sqrt(items), items, clustered=False)
    present = np.bincount(clusters)
    count = int(np.count_nonzero(present))
    if count < 2:
        return None
    sums = np.bincount(clusters, weights=scores - value)
    error = sqrt(float(sums @ sums) * count / (count - 1)) / items
    return Mean(value, error, count, clustered=True)


def mean_interval(
    scores: Floats,
    *,
    seed: int,
    clusters: Ints | None = None,
    binary: bool = False,
    unit_range: bool = True,
    level: float = LEVEL,
) -> Interval | None:
    """The interval of a mean of item scores that is right for these items; None where there is none to be had.

    Items that are 0 or 1: Wilson's. Any other: Student's from 300 items on, the bootstrap (BCa) from 20. Fewer, and
    clusters: Wilson's for as many items as the error stands for, or Student's where items have no range. `unit_range`
    says that items lie between 0 and 1, which bounds their variance where all are equal and show none.
    """
    if not len(scores):
        return None
    flat = bool((scores == scores[0]).all())
    if clusters is None and (binary or (unit_range and flat)):
        return wilson(float(scores.sum()), len(scores), level)
    mean = mean_of(scores, clusters)
    if mean is None or (flat and not unit_range):
        return None
    few = len(scores) < TOO_FEW_TO_RESAMPLE
    if unit_range and (mean.clustered or few):
        return wilson_by_error(
            mean.value,
            mean.standard_error,
            mean.units,
            mean.critical(level),
            most=len(scores) if binary else None,
            method="wilson-clustered" if mean.clustered else "wilson-t",
            level=level,
        )
    if mean.clustered or few or len(scores) >= ENOUGH_FOR_T:
        return mean.interval(level).clipped(*((0.0, 1.0) if unit_range else (None, None)))
    units = np.column_stack([scores, np.ones(len(scores))])
    return bootstrap_interval(units, lambda sums: sums[..., 0] / sums[..., 1], seed=seed, level=level)
