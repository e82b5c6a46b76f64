"""A few models compared on one metric, once that was computed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from podium.server.modelboards.models import Comparison as Stored
from podium.server.modelboards.queries.datasets import DatasetRow
from podium.server.modelboards.queries.statistics import Difference, Pair


@dataclass(frozen=True)
class Compared:
    """One of the models: its total on the metric and the interval, None where there is none."""

    result: int
    model: str
    score: float | None
    low: float | None
    high: float | None
    count: int | None
    rank_best: int | None
    rank_worst: int | None


@dataclass(frozen=True)
class Comparison:
    """Models compared on `metric`, in the order of their numbers; `pairs` has each pair of which something is known
    once. `level` is that of every interval."""

    metric: str
    level: float
    models: tuple[Compared, ...]
    pairs: tuple[Pair, ...]
    detectable: float | None
    computed_at: datetime


def comparison_of(dataset: DatasetRow, result_ids: Collection[int], metric: str) -> Comparison | None:
    """The comparison of these results as the board stands now; None where nobody has computed it yet: ask for it by
    `services.ask_comparison`."""
    found = Stored.objects.filter(
        dataset_id=dataset.id, version=dataset.version, digest=digest_of(result_ids), metric=metric
    ).first()
    if found is None:
        return None
    return _read(found.content, found.computed_at)


def comparisons_of(wanted: Iterable[tuple[DatasetRow, Collection[int], str]]) -> dict[int, Comparison]:
    """What was computed of results on several datasets, each with a metric, by number of dataset. A result never
    changes, so the comparison of two stays true when others come to the board; ranks are not asked for here."""
    asked = {(dataset.id, digest_of(results), metric) for dataset, results, metric in wanted}
    rows = Stored.objects.filter(dataset_id__in={key[0] for key in asked}, digest__in={key[1] for key in asked})
    return {
        row.dataset_id: _read(row.content, row.computed_at)
        for row in rows.order_by("version")
        if (row.dataset_id, row.digest, row.metric) in asked
    }


def digest_of(result_ids: Collection[int]) -> str:
    """The hash under which the comparison of these results is kept, in whatever order they are named."""
    return sha256(",".join(str(each) for each in sorted(set(result_ids))).encode()).hexdigest()


def _read(content: Mapping[str, Any], computed_at: datetime) -> Comparison:
    return Comparison(
        metric=content["metric"],
        level=content["level"],
        models=tuple(Compared(**each) for each in content["models"]),
        pairs=tuple(Pair(first, second, Difference(**told)) for first, second, told in content["pairs"]),
        detectable=content["detectable"],
        computed_at=computed_at,
    )
