"""Edit distances: ANLS, similarity, and error rates of words and characters."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

ANLS_THRESHOLD = 0.5


def plain(text: str) -> str:
    """Lower case, with single spaces."""
    return " ".join(text.lower().split())


def anls(predicted: str, answers: Sequence[str]) -> float:
    """Average normalized Levenshtein similarity (Biten et al. 2019): of the nearest answer, 0 below one half."""
    ours = plain(predicted)
    nearest = max((similarity(ours, plain(answer)) for answer in answers), default=similarity(ours, ""))
    return nearest if nearest > ANLS_THRESHOLD else 0.0


def similarity(first: str, second: str) -> float:
    """One minus the edits per character of the longer text; 1 for two empty ones."""
    return float(Levenshtein.normalized_similarity(first, second))


def edits(predicted: Sequence[str] | str, right: Sequence[str] | str) -> int:
    """How many insertions, deletions and substitutions lie between the two."""
    return int(Levenshtein.distance(predicted, right))
