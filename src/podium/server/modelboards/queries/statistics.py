"""What the results on a dataset say together: ranks that the data allow, ties, differences to the best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podium.server.modelboards.models import BoardStatistics
from podium.server.modelboards.queries.datasets import DatasetRow


@dataclass(frozen=True)
class Difference:
    """A model minus another on the dataset's metric, as the metric counts: `estimate` above 0 means a larger number,
    which is worse where lower is better. `method` is `unpaired` where only the intervals that were declared are known.
    """

    estimate: float
    low: float
    high: float
    p: float
    method: str
    distinguishable: bool


@dataclass(frozen=True)
class ModelStatistics:
    """Of one result: the best and worst rank that the data allow, the first group of results it is in of which no two
    can be told apart (numbered from 1), the chance to be first and among the first three, and its difference to the
    best result. Everything is None where nothing is known of its uncertainty; `to_best` also of the best itself."""

    best: int | None
    worst: int | None
    group: int | None
    top1: float | None
    top3: float | None
    to_best: Difference | None


@dataclass(frozen=True)
class Pair:
    """Two results by their numbers, and the first minus the second."""

    first: int
    second: int
    difference: Difference


@dataclass(frozen=True)
class Statistics:
    """The statistics of a dataset by number of result, computed of `version`; `fresh` says whether that is how the
    board stands now. `detectable` is the smallest true difference that the items would show in four of five tries.
    `declared_only`: no result was scored here. `groups` name the results of each group, the best first."""

    metric: str
    level: float
    detectable: float | None
    declared_only: bool
    models: Mapping[int, ModelStatistics]
    groups: tuple[tuple[int, ...], ...]
    pairs: tuple[Pair, ...]
    seed: int
    version: int
    computed_at: datetime
    fresh: bool


def statistics_of(dataset: DatasetRow) -> Statistics | None:
    """The newest statistics of a dataset; None where there are none yet, or nothing to compute them from."""
    found = BoardStatistics.objects.filter(dataset_id=dataset.id).first()
    if found is None or not found.content:
        return None
    content = found.content
    return Statistics(
        metric=content["metric"],
        level=content["level"],
        detectable=content["detectable"],
        declared_only=content["declared_only"],
        models={int(pk): _model(each) for pk, each in content["models"].items()},
        groups=tuple(tuple(group) for group in content["groups"]),
        pairs=tuple(_pair(each, content["level"]) for each in content["pairs"]),
        seed=content["seed"],
        version=found.version,
        computed_at=found.computed_at,
        fresh=found.version == dataset.version,
    )


def pairs_of(datasets: Iterable[DatasetRow]) -> dict[int, tuple[Pair, ...]]:
    """The pairs that the statistics of these datasets know, by number of dataset; those whose statistics are not of
    today are left out."""
    wanted = {each.id: each.version for each in datasets}
    found = BoardStatistics.objects.filter(dataset_id__in=wanted).values_list(
        "dataset_id", "version", "content__pairs", "content__level"
    )
    return {
        dataset: tuple(_pair(each, level) for each in pairs)
        for dataset, version, pairs, level in found
        if version == wanted[dataset] and pairs
    }


def _model(found: Mapping[str, Any]) -> ModelStatistics:
    to_best = found["to_best"]
    return ModelStatistics(
        best=found["best"],
        worst=found["worst"],
        group=found["group"],
        top1=found["top1"],
        top3=found["top3"],
        to_best=None if to_best is None else Difference(**to_best),
    )


def _pair(found: Sequence[Any], level: float) -> Pair:
    first, second, estimate, low, high, p, method = found
    return Pair(first, second, Difference(estimate, low, high, p, method, distinguishable=p < 1 - level))
