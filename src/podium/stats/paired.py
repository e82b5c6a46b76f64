"""Two models on the same items: never by looking whether their intervals overlap.

Two 95 % intervals that do not overlap are a test at about 0.006, and lose half the power of a paired one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from podium.stats.arrays import Floats, Ints
from podium.stats.bootstrap import Population, Statistic, bca_points, replicates
from podium.stats.distributions import fair_tosses_at_most, student_below
from podium.stats.means import mean_of
from podium.stats.proportions import LEVEL
from podium.stats.results import Difference


@dataclass(frozen=True, slots=True)
class McNemar:
    """How many items only the first and only the second model got right, and what that says."""

    only_first: int
    only_second: int

    @property
    def p_value(self) -> float:
        """Exact and two-sided: the discordant items are tosses of a fair coin if the models are equal."""
        discordant = self.only_first + self.only_second
        if not discordant:
            return 1.0
        return min(1.0, 2 * fair_tosses_at_most(min(self.only_first, self.only_second), discordant))

    @property
    def z_squared(self) -> float:
        """The statistic of the approximate test, without continuity correction; 0 where no item is discordant."""
        discordant = self.only_first + self.only_second
        return (self.only_first - self.only_second) ** 2 / discordant if discordant else 0.0


def paired_means(
    first: Floats,
    second: Floats,
    *,
    clusters: Ints | None = None,
    binary: bool = False,
    level: float = LEVEL,
) -> Difference | None:
    """The difference of two means over the same items; None below two items or clusters.

    Its interval is that of the mean difference, by Student's distribution; with clusters by their error. The p-value is
    McNemar's where items are 0 or 1 and come alone, else that of the interval. Where every item differs by the same
    amount there is no variance to go by: then the sign test speaks.
    """
    away = np.asarray(first - second, dtype=np.float64)
    mean = mean_of(away, clusters)
    if mean is None:
        return None
    interval = mean.interval(level)
    method = interval.method
    if binary and clusters is None:
        method, p_value = "mcnemar", McNemar(int((away > 0).sum()), int((away < 0).sum())).p_value
    elif mean.standard_error > 0:
        p_value = 2 * student_below(-abs(mean.value) / mean.standard_error, mean.units - 1)
    else:
        method, p_value = "sign", sign_test(mean.value, mean.units)
    return Difference(mean.value, interval.low, interval.high, level, p_value, method, mean.units, mean.standard_error)


def paired_bootstrap(
    both: Population, first: Statistic, second: Statistic, *, seed: int, level: float = LEVEL
) -> Difference | None:
    """The difference of two statistics of sums over the same units; None below two units.

    A row of `both` holds the sums of the first model, then of the second, and each statistic takes what is its own. The
    p-value is twice the share of resamples on the far side of no difference, itself never 0.
    """
    if both.counts.sum() < 2:
        return None

    def difference(sums: Floats) -> Floats:
        return np.asarray(first(sums) - second(sums), dtype=np.float64)

    drawn = replicates(both, difference, seed)
    estimate = float(difference(both.total()))
    if drawn.min() == drawn.max():
        low = high = estimate
        p_value = sign_test(estimate, both.units)
    else:
        low, high = (float(end) for end in np.quantile(drawn, bca_points(both, difference, drawn, level)))
        fewer = min(np.count_nonzero(drawn <= 0), np.count_nonzero(drawn >= 0))
        p_value = min(1.0, 2 * (1 + float(fewer)) / (len(drawn) + 1))
    return Difference(
        estimate,
        low,
        high,
        level,
        p_value,
        "paired-bootstrap",
        both.units,
        float(drawn.std(ddof=1)),
        len(drawn),
        seed,
    )


def sign_test(difference: float, units: int) -> float:
    """The two-sided p-value where each of so many units points to the same side; 1 where there is no difference."""
    return min(1.0, 2 * 0.5**units) if difference and abs(difference) < inf else 1.0
