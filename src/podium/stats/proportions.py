"""Intervals of a proportion, items being 0 or 1. Plain Python."""

from __future__ import annotations

from math import sqrt

from podium.stats.distributions import normal_quantile
from podium.stats.results import Interval

LEVEL = 0.95


def two_sided(level: float) -> float:
    """The critical value of a standard normal variable: 1.96 at the level 0.95."""
    return normal_quantile(0.5 + level / 2)


def wilson(successes: float, items: int, level: float = LEVEL) -> Interval:
    """Wilson's score interval of a proportion.

    `successes` may be a fraction, where items score between 0 and 1: their variance is then smaller than assumed, and
    the interval wider than needed.

    Raises:
        ValueError: no items, or more successes than items.
    """
    if not 0 <= successes <= items or items < 1:
        raise ValueError(f"{successes} successes of {items} items")
    return Interval(*_wilson(successes / items, items, two_sided(level)), level, "wilson", items)


def wilson_by_error(
    share: float,
    standard_error: float,
    units: int,
    critical: float,
    *,
    most: int | None,
    method: str,
    level: float = LEVEL,
) -> Interval:
    """Wilson's interval for scores between 0 and 1 of which the standard error of the mean is known.

    The number of items is replaced by the number of independent right-or-wrong ones that have this error, but no more
    than `most`. Where all are equal the error says nothing, and each unit (item or cluster) counts for one. `critical`
    is the quantile of Student's distribution with one degree of freedom less than there are units.
    """
    variance = share * (1 - share)
    effective = variance / standard_error**2 if standard_error > 0 and variance > 0 else float(units)
    if most is not None:
        effective = min(effective, most)
    return Interval(*_wilson(share, effective, critical), level, method, units)


def _wilson(share: float, items: float, z: float) -> tuple[float, float]:
    centre = share + z * z / (2 * items)
    half = z * sqrt(share * (1 - share) / items + z * z / (4 * items * items))
    scale = 1 + z * z / items
    low = 0.0 if share == 0 else max((centre - half) / scale, 0.0)
    high = 1.0 if share == 1 else min((centre + half) / scale, 1.0)
    return low, high
