"""The file in which a scoring program says what each item scored, beside its scores: what it is called, what it is."""

from __future__ import annotations

from collections.abc import Collection
from math import isfinite

FILE_NAMES = ("per_item.csv", "private/per_item.csv")
"""At the top of the output; below `private` only organizers may fetch it, and boards show the same."""
HEADER = ("item", "column", "value")
TOLERANCE = 1e-4
"""How far the mean of the items may be from the score, of scores beyond 1 as a share of it: programs round."""


def file_among(names: Collection[str]) -> str | None:
    """The file among those of an output; None where a program wrote none."""
    return next((name for name in FILE_NAMES if name in names), None)


def is_mean(mean: float, score: float) -> bool:
    """Whether a score is the mean of its items, so that their interval is its own."""
    return isfinite(score) and abs(mean - score) <= TOLERANCE * max(1.0, abs(score))
