"""Whether two models can be told apart, when many pairs are looked at together."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

LEVEL = 0.95


class Verdict(StrEnum):
    """What a difference says."""

    APART = "apart"
    """They differ, also when it is kept in mind how many comparisons were made beside this one."""
    ALONE = "alone"
    """They differ if this comparison is taken alone; among so many, one such may come about by chance."""
    NOT_APART = "not apart"
    """The difference is within what chance makes of equal models."""
    UNSAID = "unsaid"
    """Nothing is known of the uncertainty, so nothing can be said."""


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Each p-value as it is among all of them: below 0.05 it speaks even if every one is looked at (S. Holm 1979,
    "A simple sequentially rejective multiple test procedure"). None stays None and is not counted.

    >>> holm([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    there = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    found: list[float | None] = [None] * len(p_values)
    most = 0.0
    for number, (p, place) in enumerate(there):
        most = max(most, min(1.0, p * (len(there) - number)))
        found[place] = most
    return found


def verdict(p_value: float | None, p_among_all: float | None, level: float = LEVEL) -> Verdict:
    """What a p-value says, alone and among all that were computed with it."""
    if p_value is None or p_among_all is None:
        return Verdict.UNSAID
    if p_among_all < 1 - level:
        return Verdict.APART
    return Verdict.ALONE if p_value < 1 - level else Verdict.NOT_APART
