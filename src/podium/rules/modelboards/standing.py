"""Who stands where on a model board: equal scores share a place, and who has no score has none."""

from __future__ import annotations

from collections.abc import Sequence


def ranks(scores: Sequence[float | None], *, lower_is_better: bool) -> list[int | None]:
    """The rank of each score: one more than there are better ones (1, 2, 2, 4); None without a score.

    >>> ranks([0.9, 0.95, None, 0.9, 0.1], lower_is_better=False)
    [2, 1, None, 2, 4]
    """
    ordered = sorted((score for score in scores if score is not None), reverse=not lower_is_better)
    first: dict[float, int] = {}
    for place, score in enumerate(ordered, start=1):
        first.setdefault(score, place)
    return [None if score is None else first[score] for score in scores]


def sort_key(score: float | None, *, lower_is_better: bool) -> tuple[bool, float]:
    """Sorts the best first and whoever has no score last."""
    if score is None:
        return True, 0.0
    return False, score if lower_is_better else -score
