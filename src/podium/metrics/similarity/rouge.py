"""ROUGE-L: the longest common subsequence of words (Lin 2004)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import LCSseq

_WORDS = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Runs of letters and digits in lower case, of any script; not stemmed."""
    return _WORDS.findall(text.lower())


def f_measure(common: float, predicted: float, right: float) -> float:
    """The harmonic mean of precision and recall; 0 where either side is empty."""
    return 2 * common / (predicted + right) if predicted and right else 0.0


def rouge_l(predicted: str, answers: Sequence[str]) -> float:
    """The largest F measure with any of the right texts; 1 where both sides have no words."""
    ours = words(predicted)
    return max((_one(ours, words(answer)) for answer in answers), default=_one(ours, []))


def _one(ours: Sequence[str], theirs: Sequence[str]) -> float:
    if ours == theirs:
        return 1.0
    return f_measure(LCSseq.similarity(ours, theirs), len(ours), len(theirs))
