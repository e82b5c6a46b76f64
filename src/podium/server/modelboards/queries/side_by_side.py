"""A few models next to each other on every dataset that they share, and what is known of each difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from math import isfinite
from typing import Any

from podium.metrics.registry import task_type
from podium.rules.errors import UserError
from podium.rules.modelboards import direction
from podium.rules.modelboards.verdicts import Verdict, holm, verdict
from podium.server.modelboards.models import Result
from podium.server.modelboards.queries.comparisons import comparisons_of
from podium.server.modelboards.queries.datasets import DatasetRow, datasets_numbered
from podium.server.modelboards.queries.statistics import Difference, Pair, pairs_of
from podium.stats.declared import standard_error, unpaired
from podium.stats.proportions import LEVEL

FEWEST, MOST = 2, 10
MOST_DATASETS = 50


class Unsaid(StrEnum):
    """Why nothing can be said of a difference."""

    NO_INTERVAL = "no interval"
    WAITS = "being computed"
    TOO_LITTLE = "too little to compare by"
    TOO_LARGE = "too far apart"


@dataclass(frozen=True)
class Side:
    """A model's score on one metric. `count` is the number of items where it was scored here, else None."""

    result: int
    model: str
    score: float
    low: float | None
    high: float | None
    count: int | None
    badge: str
    scored: bool


@dataclass(frozen=True)
class SidePair:
    """Two models on a dataset. `difference` is the first minus the second and None where `unsaid` says why; `p_of_all`
    is its p-value among all differences that were computed together."""

    first: Side
    second: Side
    difference: Difference | None
    unsaid: Unsaid | None = None
    p_of_all: float | None = None

    @property
    def paired(self) -> bool:
        """Whether both met the same items."""
        return self.difference is not None and self.difference.method != "unpaired"

    @property
    def verdict(self) -> Verdict:
        """What the difference says among all."""
        return verdict(None if self.difference is None else self.difference.p, self.p_of_all)


@dataclass(frozen=True)
class Shared:
    """A dataset that at least two of the models have a score on. `sides` are in the order of the models, None for one
    without a score on the metric; `waits` are the results whose items have to be compared first, by the metric that
    programs call `key`."""

    dataset: DatasetRow
    metric: str
    key: str
    lower_is_better: bool
    sides: tuple[Side | None, ...]
    pairs: tuple[SidePair, ...]
    waits: tuple[int, ...]


@dataclass(frozen=True)
class SideBySide:
    """Models on all datasets that they share. `metrics` are those to choose from, `unknown` the models that have no
    score anywhere, `more` how many shared datasets are left out."""

    models: tuple[str, ...]
    metric: str
    shared: tuple[Shared, ...]
    metrics: tuple[str, ...]
    unknown: tuple[str, ...]
    more: int

    @property
    def waits(self) -> bool:
        """Whether a comparison of items is being computed."""
        return any(each.waits for each in self.shared)


Known = Mapping[tuple[int, int], Difference]
"""The first minus the second, by the numbers of their results, either way round."""
_FIELDS = (
    "pk",
    "dataset_id",
    "model",
    "score",
    "ci_low",
    "ci_high",
    "count",
    "badge",
    "metrics",
    "detailed_scores",
    "kept_id",
)


def side_by_side(models: Sequence[str], metric: str = "", base: str = "") -> SideBySide:
    """Two to ten models on every dataset that at least two of them have a score on: on its own metric, or on the one
    that is named where they have it. Each is compared with each other, or all with the one that is the base."""
    found: dict[int, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for row in Result.objects.filter(model__in=models, superseded_at=None).exclude(score=None).values(*_FIELDS):
        found[row["dataset_id"]][row["model"]] = row
    there = {model for rows in found.values() for model in rows}
    common = {pk: rows for pk, rows in found.items() if len(rows) >= FEWEST}
    datasets = sorted(datasets_numbered(common), key=lambda each: each.name.casefold())
    taken = [
        _taken(each, [common[each.id].get(model) for model in models], metric) for each in datasets[:MOST_DATASETS]
    ]
    known = _known(taken)
    return SideBySide(
        models=tuple(models),
        metric=metric,
        shared=tuple(_among_all([_shared(each, known.get(each.dataset.id), base) for each in taken])),
        metrics=_metrics(row for rows in common.values() for row in rows.values()),
        unknown=tuple(model for model in models if model not in there),
        more=max(0, len(datasets) - MOST_DATASETS),
    )


@dataclass(frozen=True)
class _Taken:
    """A dataset with the scores of the models. `key` is the metric as the dataset's task type calls it."""

    dataset: DatasetRow
    metric: str
    key: str
    is_own: bool
    sides: tuple[Side | None, ...]

    @property
    def scored(self) -> tuple[int, ...]:
        """The results whose items are known; none where it is one alone."""
        found = tuple(side.result for side in self.sides if side is not None and side.scored)
        return found if len(found) >= FEWEST else ()


def _metrics(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    found = {name for row in rows for name in (*row["metrics"], *row["detailed_scores"])}
    return tuple(sorted(found, key=str.casefold))


def _taken(dataset: DatasetRow, rows: Sequence[Mapping[str, Any] | None], metric: str) -> _Taken:
    own = direction.metric_named(dataset.metric, dataset.name)
    is_own = not metric or metric.casefold() in {own.casefold(), dataset.metric.casefold()}
    return _Taken(
        dataset=dataset,
        metric=own if is_own else metric,
        key=dataset.metric if is_own else metric,
        is_own=is_own,
        sides=tuple(None if row is None else _side(row, None if is_own else metric) for row in rows),
    )


def _shared(taken: _Taken, known: Known | None, base: str) -> Shared:
    there = [side for side in taken.sides if side is not None]
    couples = [
        (second, first) if first.model == base else (first, second)
        for first, second in combinations(there, 2)
        if not base or base in {first.model, second.model}
    ]
    waits = taken.scored if known is None else ()
    return Shared(
        dataset=taken.dataset,
        metric=taken.metric,
        key=taken.key,
        lower_is_better=taken.dataset.lower_is_better
        if taken.is_own
        else _lower_is_better(taken.dataset, taken.metric),
        sides=taken.sides,
        pairs=tuple(_pair(first, second, known or {}, waits=bool(waits)) for first, second in couples),
        waits=waits,
    )


def _side(row: Mapping[str, Any], metric: str | None) -> Side | None:
    """What a result says of a metric, None for its own; nothing where it does not have it."""
    scored = row["kept_id"] is not None
    score, low, high = row["score"], row["ci_low"], row["ci_high"]
    if metric is not None:
        told = row["metrics"].get(metric, {})
        score, low, high = told.get("score"), told.get("low"), told.get("high")
        scored = scored and bool(told)
        if not told:
            score = row["detailed_scores"].get(metric)
    if score is None:
        return None
    return Side(row["pk"], row["model"], score, low, high, row["count"], row["badge"], scored)


def _lower_is_better(dataset: DatasetRow, metric: str) -> bool:
    try:
        return task_type(dataset.task_type).metric(metric).direction == "asc"
    except UserError:
        return direction.lower_is_better(metric)


def _known(taken: Sequence[_Taken]) -> dict[int, Known]:
    """What is known of differences by item, by number of dataset; nothing of those that have to be computed first."""
    asked = [each for each in taken if each.scored]
    found: dict[int, Known] = {}
    pairs = pairs_of([each.dataset for each in asked if each.is_own])
    for each in asked:
        by_result = _by_result(pairs.get(each.dataset.id, ()))
        if each.is_own and all(pair in by_result for pair in combinations(each.scored, 2)):
            found[each.dataset.id] = by_result
    left = [each for each in asked if each.dataset.id not in found]
    comparisons = comparisons_of([(each.dataset, each.scored, each.key) for each in left])
    return found | {pk: _by_result(comparison.pairs) for pk, comparison in comparisons.items()}


def _by_result(pairs: Iterable[Pair]) -> Known:
    known: dict[tuple[int, int], Difference] = {}
    for pair in pairs:
        told = pair.difference
        known[pair.first, pair.second] = told
        known[pair.second, pair.first] = replace(told, estimate=-told.estimate, low=-told.high, high=-told.low)
    return known


def _pair(first: Side, second: Side, known: Known, *, waits: bool) -> SidePair:
    if first.scored and second.scored:
        found = known.get((first.result, second.result))
        return SidePair(first, second, found, None if found else Unsaid.WAITS if waits else Unsaid.TOO_LITTLE)
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return SidePair(first, second, None, Unsaid.NO_INTERVAL)
    errors = standard_error(first.low, first.high), standard_error(second.low, second.high)
    told = unpaired(first.score, errors[0], second.score, errors[1])
    if not (isfinite(told.low) and isfinite(told.high)):
        return SidePair(first, second, None, Unsaid.TOO_LARGE)
    return SidePair(
        first,
        second,
        Difference(told.estimate, told.low, told.high, told.p_value, told.method, told.p_value < 1 - LEVEL),
    )


def _among_all(shared: Sequence[Shared]) -> list[Shared]:
    """The same, each difference with its p-value among all of them."""
    pairs = [pair for each in shared for pair in each.pairs]
    told = iter(holm([None if pair.difference is None else pair.difference.p for pair in pairs]))
    return [
        replace(each, pairs=tuple(replace(pair, p_of_all=p) for pair, p in zip(each.pairs, told, strict=False)))
        for each in shared
    ]
