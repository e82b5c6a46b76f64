"""Rows of which only an interval was declared. Plain Python; nothing is made up where none was."""

from __future__ import annotations

from math import hypot
from statistics import NormalDist

from podium.stats.proportions import LEVEL, two_sided
from podium.stats.results import Difference


def standard_error(low: float, high: float, level: float = LEVEL) -> float:
    """The standard error that an interval stands for: its width in units of 2 x 1.96."""
    return (high - low) / (2 * two_sided(level))


def unpaired(first: float, first_error: float, second: float, second_error: float, level: float = LEVEL) -> Difference:
    """The difference of two scores of which only the errors are known, as if the models had met different items."""
    away, error = first - second, hypot(first_error, second_error)
    half = two_sided(level) * error
    p_value = 2 * NormalDist().cdf(-abs(away) / error) if error > 0 else float(away == 0)
    return Difference(away, away - half, away + half, level, p_value, "unpaired", 0, error)
