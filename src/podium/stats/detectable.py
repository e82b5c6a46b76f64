"""How small a difference a dataset can show at all. Plain Python."""

from __future__ import annotations

from math import ceil, sqrt

from podium.stats.distributions import normal_quantile
from podium.stats.proportions import LEVEL, two_sided

POWER = 0.8
USUAL_VARIANCE = 1 / 8
"""Of the difference of two models on an item that is right or wrong, where nothing better is known: on one item in
eight just one of them is right."""


def detectable_difference(items: int, variance: float = USUAL_VARIANCE, *, level: float = LEVEL) -> float:
    """The smallest true difference that a paired test finds in four of five tries.

    `variance` is that of the difference per item (or per cluster, `items` then counting clusters).

    Raises:
        ValueError: no items.
    """
    if items < 1:
        raise ValueError("no items")
    return detectable_by_error(sqrt(variance / items), level=level)


def detectable_by_error(standard_error: float, *, level: float = LEVEL) -> float:
    """The same where the standard error of a difference is known."""
    return (two_sided(level) + normal_quantile(POWER)) * standard_error


def items_needed(difference: float, variance: float = USUAL_VARIANCE, *, level: float = LEVEL) -> int:
    """How many items show a difference of this size in four of five tries."""
    return ceil(variance * ((two_sided(level) + normal_quantile(POWER)) / difference) ** 2)
