"""Models against datasets: every score, and one number for each model out of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from django.db.models import Count, QuerySet

from podium.metrics.registry import task_type
from podium.rules.errors import UserError
from podium.rules.modelboards.aggregates import Aggregate, Measured, Missing, aggregates
from podium.rules.modelboards.direction import metric_named
from podium.rules.modelboards.scales import Scale, scale_of_metric, scale_of_scores
from podium.rules.modelboards.standing import ranks
from podium.server.modelboards.models import Result
from podium.server.modelboards.queries.datasets import DatasetRow, datasets_like

_NO_AGGREGATE = Aggregate(mean=None, win_rate=None, borda=None, count=0)
MOST_DATASETS = 50
MOST_MODELS = 200

Scaling = Literal["metric", "seen"]
"""What the mean measures a score on: the scale that the metric has by itself, or from the lowest to the highest score
among the models compared."""
By = Literal["win_rate", "mean", "borda"]


@dataclass(frozen=True)
class MatrixWish:
    """Which datasets (by their addresses, all where none is named) and which models are compared, and how. A dataset
    without a weight has the weight 1. `by` is the aggregate that ranks."""

    words: str = ""
    task_type: str = ""
    datasets: Sequence[str] = ()
    models: Sequence[str] = ()
    model_words: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    missing: Missing = Missing.LAST
    scaling: Scaling = "metric"
    by: By = "win_rate"


@dataclass(frozen=True)
class MatrixColumn:
    """A dataset. `scale` is what the mean measures its scores on, None where it cannot count in it."""

    dataset: DatasetRow
    metric: str
    weight: float
    scale: Scale | None


@dataclass(frozen=True)
class MatrixRow:
    """A model: its rank by the aggregate that was wished for, and its scores in the order of the columns. One that is a
    baseline on any of the datasets has neither rank nor aggregates, and the others are compared without it."""

    rank: int | None
    model: str
    aggregate: Aggregate
    scores: tuple[float | None, ...]
    is_baseline: bool = False


@dataclass(frozen=True)
class Matrix:
    """Columns by name, rows by rank and name. `others` are the datasets that could have been compared but are not,
    `more_models` how many models were left out because there are too many."""

    columns: tuple[MatrixColumn, ...]
    rows: tuple[MatrixRow, ...]
    others: tuple[DatasetRow, ...]
    more_models: int


def matrix_of(wish: MatrixWish) -> Matrix:
    """The matrix that is wished for. Where there are more, the 50 datasets with the most models are taken, and the 200
    models with the most results on them; those that are named come before others."""
    found = [each for each in datasets_like(wish.words, wish.task_type) if each.model_count]
    named = set(wish.datasets)
    found.sort(key=lambda each: (each.slug not in named, -each.model_count, each.name.casefold()))
    taken = [each for each in found if each.slug in named][:MOST_DATASETS] if named else found[:MOST_DATASETS]
    taken.sort(key=lambda each: each.name.casefold())
    ids = {each.id for each in taken}
    others = sorted((each for each in found if each.id not in ids), key=lambda each: each.name.casefold())
    models, more = _models(wish, [each.id for each in taken])
    scores = _scores(models, [each.id for each in taken])
    baselines = {name for each in taken for name in each.baselines}
    ranked = [place for place, model in enumerate(models) if model not in baselines]
    measured = [_measured(each, [scores[each.id][place] for place in ranked], wish) for each in taken]
    rows = _rows(models, ranked, measured, wish)
    rows = [replace(row, scores=tuple(scores[each.id][place] for each in taken)) for place, row in enumerate(rows)]
    rows.sort(key=lambda row: (row.is_baseline, row.rank is None, row.rank, -row.aggregate.count, row.model.casefold()))
    return Matrix(
        columns=tuple(_column(each, column) for each, column in zip(taken, measured, strict=True)),
        rows=tuple(rows),
        others=tuple(others),
        more_models=more,
    )


def _rows(
    models: Sequence[str], ranked: Sequence[int], measured: Sequence[Measured], wish: MatrixWish
) -> list[MatrixRow]:
    """A row for each model, in their order, still without its scores."""
    told = dict(zip(ranked, aggregates(measured, wish.missing), strict=True)) if ranked else {}
    places = ranks([getattr(told[place], wish.by) for place in ranked], lower_is_better=False)
    rank_of = dict(zip(ranked, places, strict=True))
    return [
        MatrixRow(rank_of.get(place), model, told.get(place, _NO_AGGREGATE), (), is_baseline=place not in told)
        for place, model in enumerate(models)
    ]


def _models(wish: MatrixWish, dataset_ids: Sequence[int]) -> tuple[list[str], int]:
    """The models to compare, and how many more there are."""
    found = _counting(dataset_ids)
    if wish.models:
        found = found.filter(model__in=list(wish.models))
    if wish.model_words:
        found = found.filter(model__icontains=wish.model_words)
    counted = found.order_by().values("model").annotate(results=Count("pk")).order_by("-results", "model")
    # All of their names: counting them would group a second time.
    models = list(counted.values_list("model", flat=True))
    return models[:MOST_MODELS], max(0, len(models) - MOST_MODELS)


def _scores(models: Sequence[str], dataset_ids: Sequence[int]) -> dict[int, list[float | None]]:
    places = {model: place for place, model in enumerate(models)}
    scores: dict[int, list[float | None]] = {pk: [None] * len(models) for pk in dataset_ids}
    rows = _counting(dataset_ids).filter(model__in=places) if models else Result.objects.none()
    for dataset, model, score in rows.values_list("dataset_id", "model", "score"):
        scores[dataset][places[model]] = score
    return scores


def _counting(dataset_ids: Sequence[int]) -> QuerySet[Result]:
    return Result.objects.filter(dataset_id__in=dataset_ids, superseded_at=None).exclude(score=None)


def _measured(dataset: DatasetRow, scores: Sequence[float | None], wish: MatrixWish) -> Measured:
    scale: Callable[[Sequence[float | None]], Scale | None] = scale_of_scores
    if wish.scaling == "metric":
        metric = metric_named(dataset.metric, dataset.name)
        scale = partial(scale_of_metric, metric, bounds=_bounds(dataset.task_type, metric))
    return Measured(scores, dataset.lower_is_better, scale, wish.weights.get(dataset.slug, 1.0))


def _bounds(type_name: str, metric: str) -> tuple[float | None, float | None]:
    try:
        found = task_type(type_name).metric(metric)
    except UserError:
        return None, None
    return found.low, found.high


def _column(dataset: DatasetRow, measured: Measured) -> MatrixColumn:
    return MatrixColumn(
        dataset=dataset,
        metric=metric_named(dataset.metric, dataset.name),
        weight=measured.weight,
        scale=measured.scale(measured.scores),
    )
