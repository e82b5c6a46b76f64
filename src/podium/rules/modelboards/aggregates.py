"""One number for a model out of its scores on several datasets: a mean, a mean win rate, a Borda count.

Scores of different metrics cannot be added up. The mean first brings each score onto the way from the worst to the best
of its dataset's scale; the mean win rate and the Borda count only look at who is before whom, and need no scale. What a
missing result does is a rule of its own, `Missing`, which whoever reads chooses.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from podium.rules.modelboards.scales import Scale, scale_of_scores


class Missing(StrEnum):
    """What becomes of a model that has no result on one of the datasets."""

    LAST = "last"
    """There it is behind all that have one, beside all others that have none, and 0 in the mean."""
    OWN = "own"
    """Nothing: it is judged by the datasets that it has results on, which may be the easy ones."""
    COMPLETE = "complete"
    """It is left out, and the others are compared as if it were not there."""


@dataclass(frozen=True)
class Measured:
    """A dataset: a score for each model in one and the same order, None for none. `scale` says between what its scores
    lie; where it says None, they cannot be brought onto one scale with others and do not count in the mean. A weight of
    0 leaves the dataset out."""

    scores: Sequence[float | None]
    lower_is_better: bool = False
    scale: Callable[[Sequence[float | None]], Scale | None] = scale_of_scores
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A model over all datasets. `mean` and `win_rate` are shares from 0 to 1, `borda` a number of models beaten, each
    None where there is nothing to make it of. `count` is how many datasets it has results on."""

    mean: float | None
    win_rate: float | None
    borda: float | None
    count: int


def aggregates(columns: Sequence[Measured], missing: Missing) -> list[Aggregate]:
    """The aggregates of each model over these datasets, in the order of the models."""
    counting = [column for column in columns if column.weight > 0]
    models = len(columns[0].scores) if columns else 0
    counts = [sum(column.scores[model] is not None for column in counting) for model in range(models)]
    if missing is Missing.COMPLETE:
        counting = [_only(column, [count == len(counting) for count in counts]) for column in counting]
    last = missing is Missing.LAST
    weights = [column.weight for column in counting]
    scaled = [(column, scale) for column in counting if (scale := column.scale(column.scores))]
    shares = _by_model([shares_of_scale(each, scale, missing_is_worst=last) for each, scale in scaled], models)
    of_mean = [column.weight for column, _ in scaled]
    beaten = [models_beaten(column.scores, lower_is_better=column.lower_is_better) for column in counting]
    if last:
        beaten = [_with_missing_last(column.scores, won) for column, won in zip(counting, beaten, strict=True)]
    others = [(models if last else sum(score is not None for score in column.scores)) - 1 for column in counting]
    wins = _by_model([win_rates(won, other) for won, other in zip(beaten, others, strict=True)], models)
    points = _by_model(beaten, models)
    return [
        Aggregate(
            mean=weighted_mean(shares[model], of_mean),
            win_rate=weighted_mean(wins[model], weights),
            borda=borda_count(points[model], weights),
            count=counts[model],
        )
        for model in range(models)
    ]


def models_beaten(scores: Sequence[float | None], *, lower_is_better: bool) -> list[float | None]:
    """How many other models each one beats on a dataset; an equal one counts a half. None without a score.

    This is the number of points of the Borda count (J.-C. de Borda, 1781), ties shared as usual.

    >>> models_beaten([0.9, 0.7, None, 0.7], lower_is_better=False)
    [2.0, 0.5, None, 0.5]
    """
    ordered = sorted(score for score in scores if score is not None)
    found: list[float | None] = []
    for score in scores:
        if score is None:
            found.append(None)
            continue
        lower, not_higher = bisect_left(ordered, score), bisect_right(ordered, score)
        worse = len(ordered) - not_higher if lower_is_better else lower
        found.append(worse + (not_higher - lower - 1) / 2)
    return found


def win_rates(beaten: Sequence[float | None], others: int) -> list[float | None]:
    """The share of the other models that each one beats on a dataset; None where there is no other.

    The head-to-head win rate of HELM (Liang et al. 2022, arXiv 2211.09110), where an equal score is half a win.

    >>> win_rates([2.0, 0.5, None, 0.5], 2)
    [1.0, 0.25, None, 0.25]
    """
    return [None if won is None or others < 1 else won / others for won in beaten]


def weighted_mean(values: Sequence[float | None], weights: Sequence[float]) -> float | None:
    """The mean of what is there, each by its weight; None of nothing.

    >>> weighted_mean([1.0, None, 0.25], [1, 5, 2])
    0.5
    """
    there = [(value, weight) for value, weight in zip(values, weights, strict=True) if value is not None]
    total = sum(weight for _, weight in there)
    return sum(value * (weight / total) for value, weight in there) if total else None


def borda_count(beaten: Sequence[float | None], weights: Sequence[float]) -> float | None:
    """The sum of the models beaten on each dataset, by weight; where a model has no result it beats nobody.

    Borda's rule for ranking systems over tasks: Colombo et al. 2022, arXiv 2202.03799.

    >>> borda_count([2.0, None, 0.5], [1, 1, 2])
    3.0
    """
    there = [won * weight for won, weight in zip(beaten, weights, strict=True) if won is not None]
    return sum(there) if there else None


def shares_of_scale(column: Measured, scale: Scale, *, missing_is_worst: bool) -> list[float | None]:
    """Where each score lies between the worst (0) and the best (1) of a scale.

    Normalising before a mean is taken over tasks: Agarwal et al. 2021, arXiv 2108.13264.
    """
    worst = 0.0 if missing_is_worst else None
    return [
        worst if score is None else scale.share(score, lower_is_better=column.lower_is_better)
        for score in column.scores
    ]


def _with_missing_last(scores: Sequence[float | None], beaten: Sequence[float | None]) -> list[float | None]:
    absent = sum(score is None for score in scores)
    return [(absent - 1) / 2 if won is None else won + absent for won in beaten]


def _only(column: Measured, wanted: Sequence[bool]) -> Measured:
    scores = [score if chosen else None for score, chosen in zip(column.scores, wanted, strict=True)]
    return Measured(scores, column.lower_is_better, column.scale, column.weight)


def _by_model(columns: Sequence[Sequence[float | None]], models: int) -> list[tuple[float | None, ...]]:
    return list(zip(*columns, strict=True)) if columns else [()] * models
