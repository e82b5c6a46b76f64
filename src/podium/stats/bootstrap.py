"""The bootstrap of statistics that depend on the data by sums alone, so that nothing is scored twice.

A unit (an item, a sentence, all questions on a document) is a row of numbers, a statistic a function of the rows' sum:
micro-F1 of true positives, predicted and gold; BLEU of n-gram counts; any figure of a confusion matrix of its cells.
Equal rows are drawn together by one multinomial draw. Many unequal ones are first put into blocks at random, which
changes neither the expectation nor, beyond chance, the variance of the sum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from podium.stats.arrays import Floats, Ints
from podium.stats.distributions import normal_below, normal_quantile
from podium.stats.proportions import LEVEL
from podium.stats.results import Interval

Statistic = Callable[[Floats], Floats]
"""From sums, of shape (..., K), to the statistic, of shape (...)."""

MOST_KINDS = 512
MOST_BLOCKS = 2000
RESAMPLES_OF_KINDS = 10_000
RESAMPLES_OF_BLOCKS = 2_000
_FLOATS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Population:
    """What is drawn from: rows, and how many units are equal to each. `units` is how many units there were at first."""

    rows: Floats
    counts: Ints
    units: int

    @property
    def resamples(self) -> int:
        """How many resamples are worth their time: fewer where each draws thousands of different rows."""
        return RESAMPLES_OF_KINDS if len(self.rows) <= MOST_KINDS else RESAMPLES_OF_BLOCKS

    def total(self) -> Floats:
        """The sum over all units."""
        return np.asarray(self.counts @ self.rows, dtype=np.float64)


def population(units: Floats, seed: int, clusters: Ints | None = None) -> Population:
    """Units ready to be drawn: summed by cluster where there are clusters, equal ones together, or in blocks."""
    if clusters is not None:
        units = _summed(units, clusters, int(clusters.max()) + 1)[np.bincount(clusters) > 0]
    kinds = _kinds(units)
    if kinds is not None:
        return kinds
    if len(units) > MOST_BLOCKS:
        blocks = np.random.default_rng([seed, 1]).permutation(len(units)) % MOST_BLOCKS
        rows = _summed(units, blocks, MOST_BLOCKS)
    else:
        rows = units
    return Population(rows, np.ones(len(rows), dtype=np.int64), len(units))


def population_of_kinds(rows: Floats, counts: Ints) -> Population:
    """The same of units that are counted already, such as the cells of a confusion matrix."""
    used = counts > 0
    return Population(np.asarray(rows, dtype=np.float64)[used], counts[used], int(counts.sum()))


def replicates(of: Population, statistic: Statistic, seed: int, resamples: int | None = None) -> Floats:
    """The statistic of each resample."""
    rng = np.random.default_rng([seed, 0])
    draws = of.resamples if resamples is None else resamples
    drawn = int(of.counts.sum())
    shares = of.counts / drawn
    step = max(1, _FLOATS_AT_ONCE // max(of.rows.shape))
    parts = []
    for start in range(0, draws, step):
        counts = rng.multinomial(drawn, shares, size=min(step, draws - start))
        parts.append(statistic(counts.astype(np.float64) @ of.rows))
    return np.concatenate(parts)


def bootstrap_interval(
    units: Floats | Population,
    statistic: Statistic,
    *,
    seed: int,
    clusters: Ints | None = None,
    level: float = LEVEL,
    resamples: int | None = None,
) -> Interval | None:
    """The bias-corrected and accelerated interval (Efron 1987) of a statistic of sums.

    None below two units, and where every resample gives the same value: then the data do not show how it varies.
    """
    of = units if isinstance(units, Population) else population(units, seed, clusters)
    if of.counts.sum() < 2:
        return None
    drawn = replicates(of, statistic, seed, resamples)
    if drawn.min() == drawn.max():
        return None
    low, high = np.quantile(drawn, bca_points(of, statistic, drawn, level))
    return Interval(float(low), float(high), level, "bca", of.units, len(drawn), seed)


def bca_points(of: Population, statistic: Statistic, drawn: Floats, level: float) -> tuple[float, float]:
    """At which quantiles of the resamples the interval ends."""
    estimate = statistic(of.total())
    below = np.count_nonzero(drawn < estimate) + 0.5 * np.count_nonzero(drawn == estimate)
    bias = normal_quantile(float(np.clip(below / len(drawn), 0.5 / len(drawn), 1 - 0.5 / len(drawn))))
    acceleration = _acceleration(of, statistic)
    ends = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        z = bias + normal_quantile(tail)
        shrink = 1 - acceleration * z
        ends.append(normal_below(bias + z / shrink) if shrink > 0 else float(z > 0))
    return ends[0], ends[1]


def left_out(rows: Floats, statistic: Statistic, total: Floats) -> Floats:
    """The statistic without each of the rows in turn; `total` is the sum over all units."""
    step = max(1, _FLOATS_AT_ONCE // max(1, rows.shape[1]))
    return np.concatenate([statistic(total - rows[start : start + step]) for start in range(0, len(rows), step)])


def _acceleration(of: Population, statistic: Statistic) -> float:
    without = left_out(of.rows, statistic, of.total())
    away = np.average(without, weights=of.counts) - without
    square = float(of.counts @ away**2)
    return float(of.counts @ away**3) / (6 * square**1.5) if square > 0 else 0.0


def _kinds(units: Floats) -> Population | None:
    """Equal rows counted together, unless there are too many different ones."""
    if len(units) > 4 * MOST_KINDS and len(np.unique(units[: 4 * MOST_KINDS], axis=0)) > MOST_KINDS:
        return None
    code = np.zeros(len(units), dtype=np.int64)
    first = np.zeros(1, dtype=np.int64)
    for column in units.T:
        values, place = np.unique(column, return_inverse=True)
        kinds, first, code = np.unique(code * len(values) + place, return_index=True, return_inverse=True)
        if len(kinds) > MOST_KINDS:
            return None
    return Population(units[first], np.bincount(code).astype(np.int64), len(units))


def _summed(units: Floats, groups: Ints, count: int) -> Floats:
    return np.column_stack([np.bincount(groups, weights=column, minlength=count) for column in units.T])
