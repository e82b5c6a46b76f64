"""chrF (Popovic 2015): character n-grams in common, by sums that add up over sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from podium.stats.arrays import Floats

ORDER = 6
_BETA_SQUARED = 4.0


def counts(predicted: str, answers: Sequence[str]) -> list[int]:
    """For each length of n-gram: how many the translation has, the nearest right one, and both; spaces do not count."""
    ours = _grams(predicted)
    every = [_against(ours, _grams(answer)) for answer in answers]
    return max(every, key=lambda each: float(score(np.array(each, dtype=np.float64))))


def score(sums: Floats) -> Floats:
    """The score of sums of counts, between 0 and 100."""
    ours, theirs, both = sums[..., 0::3], sums[..., 1::3], sums[..., 2::3]
    used = (ours > 0) & (theirs > 0)
    lengths = np.maximum(used.sum(axis=-1), 1)
    precision = np.where(used, both / np.maximum(ours, 1), 0).sum(axis=-1) / lengths
    recall = np.where(used, both / np.maximum(theirs, 1), 0).sum(axis=-1) / lengths
    below = _BETA_SQUARED * precision + recall
    above = (1 + _BETA_SQUARED) * precision * recall
    return np.asarray(100 * np.divide(above, below, out=np.zeros_like(np.asarray(above)), where=below > 0))


def _grams(text: str) -> list[Counter[str]]:
    plain = "".join(text.split())
    return [
        Counter(plain[start : start + length] for start in range(len(plain) - length + 1))
        for length in range(1, ORDER + 1)
    ]


def _against(ours: Sequence[Counter[str]], theirs: Sequence[Counter[str]]) -> list[int]:
    found: list[int] = []
    for mine, right in zip(ours, theirs, strict=True):
        common = sum(min(count, right[gram]) for gram, count in mine.items() if gram in right)
        found += [mine.total() if right else 0, right.total(), common]
    return found
