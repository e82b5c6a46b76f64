"""One model on all datasets, and finding models by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from podium.rules.errors import NotFound
from podium.server.modelboards.models import BoardStatistics, Result

MOST_DATASETS = 200
MOST_REVISIONS = 500
MOST_FOUND = 50


@dataclass(frozen=True)
class Revision:
    """A result that a model had on a dataset; `until` is None for the one that counts."""

    number: int
    score: float | None
    ci: str
    badge: str
    source: str
    submitted_by: str
    created_at: datetime
    until: datetime | None


@dataclass(frozen=True)
class Standing:
    """Where a model stands on a dataset: its rank of `ranked` (None without a score, and for a baseline), and the
    best and worst rank that the data allow where that is known. `count` is the number of items it was scored on here,
    None for what was declared. `revisions` are the latest ones, of `revision_count`."""

    result: int
    dataset: str
    slug: str
    task_type: str
    metric: str
    lower_is_better: bool
    rank: int | None
    ranked: int
    best_rank: int | None
    worst_rank: int | None
    score: float | None
    low: float | None
    high: float | None
    count: int | None
    badge: str
    source: str
    updated: str
    updated_on: date | None
    revision_count: int
    revisions: tuple[Revision, ...]


@dataclass(frozen=True)
class ModelFound:
    """A model, and on how many datasets it has a score."""

    name: str
    count: int


_FIELDS = (
    "pk",
    "model",
    "dataset_id",
    "dataset__name",
    "dataset__slug",
    "dataset__task_type",
    "dataset__metric",
    "dataset__lower_is_better",
    "dataset__version",
    "dataset__baselines",
    "score",
    "ci_low",
    "ci_high",
    "count",
    "badge",
    "source",
    "updated",
    "updated_on",
    "revision",
    "ranked",
    "better",
)


def standings_of(model: str) -> tuple[list[Standing], int]:
    """Where a model stands on each dataset that it has a result on, by name of the dataset, at most 200 of them; and on
    how many it has one.

    Raises:
        NotFound: no model of this name has a result anywhere.
    """
    current = Result.objects.filter(model=model, superseded_at=None)
    total = current.count()
    if not total:
        raise NotFound(
            "model-not-found", "No model of this name has a result here.", "Look at the models that have one."
        )
    ranked = current.annotate(ranked=_number(_others()), better=_better())
    found = list(ranked.order_by("dataset__name").values(*_FIELDS)[:MOST_DATASETS])
    _leave_out_baselines(found)
    spreads = _spreads(found)
    revisions = _revisions(model, [each["dataset_id"] for each in found])
    return [_standing(each, spreads.get(each["pk"], {}), revisions[each["dataset_id"]]) for each in found], total


def models_like(words: str = "", most: int = MOST_FOUND) -> list[ModelFound]:
    """The models whose name has the words, those with scores on the most datasets first."""
    found = Result.objects.filter(superseded_at=None).exclude(score=None)
    if words:
        found = found.filter(model__icontains=words)
    counted = found.order_by().values("model").annotate(results=Count("pk")).order_by("-results", "model")
    return [ModelFound(name, count) for name, count in counted.values_list("model", "results")[:most]]


def _others() -> QuerySet[Result]:
    """The results that rank on the dataset of the outer query."""
    return Result.objects.filter(dataset=OuterRef("dataset"), superseded_at=None).exclude(score=None).order_by()


def _leave_out_baselines(found: Sequence[dict[str, Any]]) -> None:
    """Count those no more that the boards do not rank."""
    told = {each["dataset_id"]: each for each in found if each["dataset__baselines"]}
    if not told:
        return
    names = {name for each in told.values() for name in each["dataset__baselines"]}
    scored = Result.objects.filter(dataset_id__in=told, model__in=names, superseded_at=None).exclude(score=None)
    for dataset, model, score in scored.values_list("dataset_id", "model", "score"):
        each = told[dataset]
        if model not in each["dataset__baselines"]:
            continue
        each["ranked"] -= 1
        if each["score"] is not None:
            each["better"] -= score < each["score"] if each["dataset__lower_is_better"] else score > each["score"]


def _number(results: QuerySet[Result]) -> Coalesce:
    counted = results.values("dataset").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _better() -> Case:
    return Case(
        When(dataset__lower_is_better=True, then=_number(_others().filter(score__lt=OuterRef("score")))),
        default=_number(_others().filter(score__gt=OuterRef("score"))),
    )


def _spreads(found: Sequence[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    """What the statistics of the datasets, where they are of today, say of these results."""
    versions = {each["dataset_id"]: each["dataset__version"] for each in found}
    results = {each["dataset_id"]: each["pk"] for each in found}
    stored = BoardStatistics.objects.filter(dataset_id__in=versions, version=F("dataset__version"))
    return {
        results[dataset]: (models or {}).get(str(results[dataset]), {})
        for dataset, models in stored.values_list("dataset_id", "content__models")
    }


def _revisions(model: str, dataset_ids: Sequence[int]) -> Mapping[int, list[Revision]]:
    rows = Result.objects.filter(model=model, dataset_id__in=dataset_ids).order_by("-created_at", "-pk")
    found: dict[int, list[Revision]] = defaultdict(list)
    fields = ("revision", "score", "ci", "badge", "source", "submitted_by", "created_at", "superseded_at")
    for dataset, *told in rows.values_list("dataset_id", *fields)[:MOST_REVISIONS]:
        found[dataset].append(Revision(*told))
    return found


def _standing(found: Mapping[str, Any], spread: Mapping[str, Any], revisions: Sequence[Revision]) -> Standing:
    return Standing(
        result=found["pk"],
        dataset=found["dataset__name"],
        slug=found["dataset__slug"],
        task_type=found["dataset__task_type"],
        metric=found["dataset__metric"],
        lower_is_better=found["dataset__lower_is_better"],
        rank=None if found["score"] is None or found["model"] in found["dataset__baselines"] else found["better"] + 1,
        ranked=found["ranked"],
        best_rank=spread.get("best"),
        worst_rank=spread.get("worst"),
        score=found["score"],
        low=found["ci_low"],
        high=found["ci_high"],
        count=found["count"],
        badge=found["badge"],
        source=found["source"],
        updated=found["updated"],
        updated_on=found["updated_on"],
        revision_count=found["revision"],
        revisions=tuple(revisions),
    )
