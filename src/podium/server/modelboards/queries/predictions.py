"""Predictions as those see them who may: whoever sent them, the dataset's owner and administrators; and whoever knows
the key of those that were sent without any account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from podium.rules.errors import NotFound, Problem
from podium.server.accounts.people import Person
from podium.server.jobs.internal.problems import read_problems
from podium.server.modelboards.models import Dataset, Predictions, PredictionsState, Result
from podium.server.modelboards.queries.boards import MetricScore, ResultTables
from podium.server.modelboards.queries.datasets import DatasetRow, may_manage
from podium.server.modelboards.sent_lists import LISTS_FILE, in_lists

_MOST_LISTED = 200


@dataclass(frozen=True)
class ScoredResult:
    """The newest result of predictions. `counts` says whether it stands on the board, with a rank where it has a
    score, or something took its place."""

    id: int
    rank: int | None
    score: float | None
    ci_low: float | None
    ci_high: float | None
    count: int
    metrics: Mapping[str, MetricScore]
    tables: ResultTables
    counts: bool


@dataclass(frozen=True)
class PredictionsRow:
    """Predictions and what came of them. `problems` are the first of `problem_count`; `attempts` says how often their
    scoring was begun; `note` what the dataset's owner should know, for nobody else."""

    id: int
    key: UUID
    dataset_id: int
    dataset: str
    dataset_slug: str
    metric: str
    model: str
    file_name: str
    size_bytes: int
    digest: str
    state: PredictionsState
    problems: tuple[Problem, ...]
    problem_count: int
    submitter: str
    submitted_by: str
    source: str
    extra: Mapping[str, Any]
    created_at: datetime
    scored_at: datetime | None
    attempts: int
    result: ScoredResult | None
    note: str

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more by itself."""
        return self.state != PredictionsState.WAITING


def predictions_of(key: UUID, person: Person | None) -> PredictionsRow:
    """Predictions by their key.

    Raises:
        NotFound: there are none that this person may see.
    """
    # Of predictions that nobody in particular sent, the key is all that anybody has.
    seen = _seen_by(person) | _all().filter(submitter=None)
    found = seen.filter(key=key).first()
    if found is None:
        raise NotFound(
            "predictions-not-found", "There are no such predictions that you may see.", "Sign in as whoever sent them."
        )
    return _row(found, person)


def my_predictions(person: Person) -> list[PredictionsRow]:
    """What a person sent, the newest first."""
    found = _all().filter(submitter_id=person.id).order_by("-created_at", "-pk")[:_MOST_LISTED]
    return [_row(each, person) for each in found]


def predictions_on(dataset: DatasetRow, person: Person | None) -> list[PredictionsRow]:
    """What was sent to a dataset, as far as a person may see it, the newest first."""
    found = _seen_by(person).filter(dataset_id=dataset.id).order_by("-created_at", "-pk")[:_MOST_LISTED]
    return [_row(each, person) for each in found]


def flagged(dataset: DatasetRow, person: Person | None) -> list[PredictionsRow]:
    """Predictions that are the same file as another model's, for the dataset's owner and administrators: nobody else
    is told of any."""
    if not may_manage(dataset, person):
        return []
    found = _all().filter(dataset_id=dataset.id).exclude(same_as=None).order_by("-created_at", "-pk")
    return [_row(each, person) for each in found[:_MOST_LISTED]]


def _all() -> QuerySet[Predictions]:
    return Predictions.objects.select_related("dataset", "submitter", "blob", "job", "same_as")


def _seen_by(person: Person | None) -> QuerySet[Predictions]:
    if person is None:
        return _all().none()
    if person.is_admin:
        return _all()
    return _all().filter(Q(submitter_id=person.id) | Q(dataset__owner_id=person.id))


def _row(found: Predictions, person: Person | None) -> PredictionsRow:
    manages = person is not None and (person.is_admin or person.id == found.dataset.owner_id)
    problems = read_problems(found.problems)
    return PredictionsRow(
        id=found.pk,
        key=found.key,
        dataset_id=found.dataset_id,
        dataset=found.dataset.name,
        dataset_slug=found.dataset.slug,
        metric=found.dataset.metric,
        model=found.model,
        file_name=found.name,
        size_bytes=found.blob.size_bytes,
        digest=found.digest,
        state=PredictionsState(found.state),
        problems=in_lists(problems) if found.name == LISTS_FILE else problems,
        problem_count=found.problem_count,
        submitter=found.submitter.shown_name if found.submitter else "",
        submitted_by=found.submitted_by,
        source=found.source,
        extra=found.extra,
        created_at=found.created_at,
        scored_at=found.scored_at,
        attempts=found.job.attempts if found.job else 0,
        result=_result(found),
        note=f"The same file was sent as {found.same_as.model}." if manages and found.same_as else "",
    )


def _result(found: Predictions) -> ScoredResult | None:
    result = Result.objects.filter(predictions_id=found.pk).order_by("-pk").first()
    if result is None:
        return None
    return ScoredResult(
        id=result.pk,
        rank=_rank(found.dataset, result),
        score=result.score,
        ci_low=result.ci_low,
        ci_high=result.ci_high,
        count=result.count or 0,
        metrics={name: MetricScore(**each) for name, each in result.metrics.items()},
        tables=ResultTables(result.model, tuple(result.tables), result.confusion),
        counts=result.superseded_at is None,
    )


def _rank(dataset: Dataset, result: Result) -> int | None:
    if result.superseded_at is not None or result.score is None or result.model in dataset.baselines:
        return None
    better = {"score__lt" if dataset.lower_is_better else "score__gt": result.score}
    ranked = Result.objects.filter(dataset_id=dataset.pk, superseded_at=None).exclude(model__in=list(dataset.baselines))
    return 1 + ranked.filter(**better).count()
