"""The boards of datasets: each model's result that counts, the best first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from podium.rules.modelboards.standing import ranks, sort_key
from podium.server.modelboards.models import Result
from podium.server.modelboards.queries.datasets import DatasetRow


@dataclass(frozen=True)
class BoardRow:
    """One model on the board of a dataset. `rank` is ours and None without a score; `declared_rank` the client's.
    `submitter` is the name of the account that sent it; `revisions` how many results the model has had here."""

    id: int
    rank: int | None
    model: str
    score: float | None
    ci: str
    ci_low: float | None
    ci_high: float | None
    updated: str
    updated_on: date | None
    declared_rank: int | None
    detailed_scores: Mapping[str, float]
    submitted_by: str
    source: str
    extra: Mapping[str, Any]
    badge: str
    submitter: str
    revisions: int
    created_at: datetime


_FIELDS = (
    "id",
    "model",
    "score",
    "ci",
    "ci_low",
    "ci_high",
    "updated",
    "updated_on",
    "declared_rank",
    "detailed_scores",
    "submitted_by",
    "source",
    "extra",
    "badge",
    "created_at",
    "dataset_id",
    "revision",
    "submitter__display_name",
    "submitter__username",
)
_TOLD_OTHERWISE = frozenset({"dataset_id", "revision", "submitter__display_name", "submitter__username"})


def board_rows(datasets: Iterable[DatasetRow]) -> dict[int, list[BoardRow]]:
    """The rows of each of these datasets by its id, in order of rank; equal ones by who was there first."""
    wanted = {dataset.id: dataset for dataset in datasets}
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for each in Result.objects.filter(dataset_id__in=wanted, superseded_at=None).order_by("pk").values(*_FIELDS):
        found[each["dataset_id"]].append(each)
    return {pk: _ordered(found[pk], lower_is_better=dataset.lower_is_better) for pk, dataset in wanted.items()}


def _ordered(found: list[dict[str, Any]], *, lower_is_better: bool) -> list[BoardRow]:
    found.sort(key=lambda each: sort_key(each["score"], lower_is_better=lower_is_better))
    places = ranks([each["score"] for each in found], lower_is_better=lower_is_better)
    return [_row(each, rank) for each, rank in zip(found, places, strict=True)]


def _row(found: dict[str, Any], rank: int | None) -> BoardRow:
    told = {name: value for name, value in found.items() if name not in _TOLD_OTHERWISE}
    submitter = found["submitter__display_name"] or found["submitter__username"] or ""
    return BoardRow(rank=rank, submitter=submitter, revisions=found["revision"], **told)
