"""The boards of datasets: each model's result that counts, the best first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Q

from podium.rules.modelboards.standing import ranks, sort_key
from podium.server.accounts.people import Person
from podium.server.modelboards.models import Result
from podium.server.modelboards.queries.datasets import DatasetRow, may_manage

Show = Literal["latest", "best", "all"]


@dataclass(frozen=True)
class BoardRow:
    """One model on the board of a dataset. `rank` is ours and None without a score and for a baseline;
    `declared_rank` the client's. `submitter` is the name of the account that sent it; `revisions` how many results the
    model has had here.

    Of one that was scored here, `count` is the number of items, `metrics` has every metric by name, `has_items` says
    whether there is something to browse for whoever may, and `predictions` is the key of what was scored where the
    reader may see it.

    `revision` is the number of this result among those of the model, and `counts` says whether it is the one that the
    board ranks by.
    """

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
    count: int | None = None
    metrics: Mapping[str, MetricScore] = field(default_factory=dict)
    has_items: bool = False
    predictions: UUID | None = None
    revision: int = 1
    counts: bool = True


@dataclass(frozen=True)
class MetricScore:
    """One metric of a result: None where it is not defined for these predictions, or has no interval. `method`,
    `level`, `seed` and `resamples` say how the interval came about."""

    score: float | None
    low: float | None = None
    high: float | None = None
    method: str = ""
    level: float | None = None
    seed: int | None = None
    resamples: int | None = None


@dataclass(frozen=True)
class ResultTables:
    """What there is of a scored result beside its metrics: tables as {"name", "columns", "rows"}, and the confusion
    matrix as {"labels", "counts"}, if there is one."""

    model: str
    tables: tuple[Mapping[str, Any], ...]
    confusion: Mapping[str, Any] | None


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
    "superseded_at",
    "dataset_id",
    "revision",
    "submitter_id",
    "submitter__display_name",
    "submitter__username",
    "count",
    "metrics",
    "items_id",
    "predictions__key",
)
_TOLD_OTHERWISE = frozenset(
    (
        "dataset_id",
        "superseded_at",
        "submitter_id",
        "submitter__display_name",
        "submitter__username",
        "metrics",
        "items_id",
        "predictions__key",
    )
)


def board_rows(datasets: Iterable[DatasetRow], person: Person | None = None) -> dict[int, list[BoardRow]]:
    """The rows of each of these datasets by its id, in order of rank, as a person sees them; equal ones by who was
    there first, and those without a rank last."""
    wanted = {dataset.id: dataset for dataset in datasets}
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for each in Result.objects.filter(dataset_id__in=wanted, superseded_at=None).order_by("pk").values(*_FIELDS):
        found[each["dataset_id"]].append(each)
    return {
        pk: sorted(_ordered(found[pk], dataset, person), key=lambda row: row.rank is None)
        for pk, dataset in wanted.items()
    }


def results_shown(
    dataset: DatasetRow, person: Person | None = None, *, show: Show = "latest", at: datetime | None = None
) -> list[BoardRow]:
    """The results on a dataset in order of rank: of each model its latest, its best, or all that it has had, now or as
    they stood at a moment. Ranks are those of the results that are shown; what is a
    baseline stands where its score is."""
    found = Result.objects.filter(dataset_id=dataset.id)
    if at is not None:
        found = found.filter(created_at__lte=at)
    if show == "latest":
        found = found.filter(Q(superseded_at=None) if at is None else Q(superseded_at=None) | Q(superseded_at__gt=at))
    rows = list(found.order_by("pk").values(*_FIELDS))
    totals: dict[str, int] = {}
    for each in rows:
        totals[each["model"]] = max(each["revision"], totals.get(each["model"], 0))
    if show == "best":
        rows = _best_of_each(rows, lower_is_better=dataset.lower_is_better)
    return _ordered(rows, dataset, person, totals)


def _best_of_each(rows: list[dict[str, Any]], *, lower_is_better: bool) -> list[dict[str, Any]]:
    """Of each model the result with the best score; of equal ones the newest."""
    best: dict[str, dict[str, Any]] = {}
    for each in sorted(rows, key=lambda each: (sort_key(each["score"], lower_is_better=lower_is_better), -each["id"])):
        best.setdefault(each["model"], each)
    return sorted(best.values(), key=lambda each: each["id"])


def tables_of(dataset: DatasetRow, result_ids: Iterable[int]) -> dict[int, ResultTables]:
    """Tables and confusion matrices of results on a dataset, by the number of the result; those without are left
    out."""
    found = Result.objects.filter(dataset_id=dataset.id, pk__in=list(result_ids)).exclude(predictions=None, kept=None)
    rows = found.values_list("pk", "model", "tables", "confusion")
    return {pk: ResultTables(model, tuple(tables), confusion) for pk, model, tables, confusion in rows}


def _ordered(
    found: list[dict[str, Any]], dataset: DatasetRow, person: Person | None, totals: Mapping[str, int] | None = None
) -> list[BoardRow]:
    """`totals` is how many results each model has had, where the last one is not among those found."""
    found.sort(key=lambda each: sort_key(each["score"], lower_is_better=dataset.lower_is_better))
    ranked = [None if each["model"] in dataset.baselines else each["score"] for each in found]
    places = ranks(ranked, lower_is_better=dataset.lower_is_better)
    manages = may_manage(dataset, person)
    numbers = totals or {each["model"]: each["revision"] for each in found}
    return [
        _row(each, rank, person, numbers[each["model"]], manages=manages)
        for each, rank in zip(found, places, strict=True)
    ]


def _row(found: dict[str, Any], rank: int | None, person: Person | None, revisions: int, *, manages: bool) -> BoardRow:
    told = {name: value for name, value in found.items() if name not in _TOLD_OTHERWISE}
    own = person is not None and found["submitter_id"] == person.id
    return BoardRow(
        rank=rank,
        submitter=found["submitter__display_name"] or found["submitter__username"] or "",
        revisions=revisions,
        counts=found["superseded_at"] is None,
        metrics={name: MetricScore(**each) for name, each in found["metrics"].items()},
        has_items=found["items_id"] is not None,
        predictions=found["predictions__key"] if manages or own else None,
        **told,
    )
