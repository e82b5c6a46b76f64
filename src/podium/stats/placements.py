"""The area under the ROC curve, and what each item adds to it (DeLong, DeLong and Clarke-Pearson 1988)."""

from __future__ import annotations

from math import exp, log

import numpy as np

from podium.stats.arrays import Floats, Ints
from podium.stats.means import mean_of
from podium.stats.proportions import LEVEL
from podium.stats.results import Interval


def area(scores: Floats, positive: Ints) -> tuple[float, Floats] | None:
    """The area, and per item a number whose mean is the area and whose error is the area's.

    An item's number is the area plus what the item changes in it, by the share of the other class that it is on the
    right side of (ties count half). None where one of the two classes has no item.
    """
    is_positive = positive.astype(bool)
    ours, others = scores[is_positive], scores[~is_positive]
    if not len(ours) or not len(others):
        return None
    above = _placements(ours, others)
    below = 1 - _placements(others, ours)
    value = float(above.mean())
    items = np.empty(len(scores))
    items[is_positive] = value + (above - value) * (len(scores) / len(ours))
    items[~is_positive] = value + (below - value) * (len(scores) / len(others))
    return value, items


def area_interval(value: float, items: Floats, clusters: Ints | None = None, level: float = LEVEL) -> Interval | None:
    """The interval on the scale of log odds, where an area near 1 is not cut off; None where the error is unknown."""
    mean = mean_of(items, clusters)
    if mean is None or mean.standard_error == 0 or not 0 < value < 1:
        return None
    odds = log(value / (1 - value))
    half = mean.critical(level) * mean.standard_error / (value * (1 - value))
    low, high = (1 / (1 + exp(-end)) for end in (odds - half, odds + half))
    return Interval(low, high, level, "delong", mean.units)


def _placements(of: Floats, among: Floats) -> Floats:
    ordered = np.sort(among)
    lower = np.searchsorted(ordered, of, side="left")
    upper = np.searchsorted(ordered, of, side="right")
    return (lower + upper) / (2.0 * len(among))
