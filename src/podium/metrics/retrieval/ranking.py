"""Figures of one ranking, as trec_eval has them: gains are grades, and a grade above 0 is relevant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log2


def ndcg(ranking: Sequence[str], grades: Mapping[str, float], depth: int) -> float:
    """Gains of the first so many documents, each over the logarithm of its rank plus one, over the best order's."""
    best = _discounted(sorted(grades.values(), reverse=True)[:depth])
    return _discounted(grades.get(document, 0) for document in ranking[:depth]) / best if best else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, float], depth: int) -> float:
    """One over the rank of the first relevant document; 0 where none is among the first so many."""
    for rank, document in enumerate(ranking[:depth], start=1):
        if grades.get(document, 0) > 0:
            return 1 / rank
    return 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, float], depth: int) -> float:
    """The share of relevant documents among the first so many."""
    relevant = sum(grade > 0 for grade in grades.values())
    return sum(grades.get(document, 0) > 0 for document in ranking[:depth]) / relevant if relevant else 0.0


def average_precision(ranking: Sequence[str], grades: Mapping[str, float]) -> float:
    """The precision at each relevant document of the ranking, summed, over all relevant documents there are."""
    relevant = sum(grade > 0 for grade in grades.values())
    found, total = 0, 0.0
    for rank, document in enumerate(ranking, start=1):
        if grades.get(document, 0) > 0:
            found += 1
            total += found / rank
    return total / relevant if relevant else 0.0


def _discounted(gains: Iterable[float]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))
