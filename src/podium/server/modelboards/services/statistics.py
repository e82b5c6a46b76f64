"""Having the statistics of boards and comparisons computed, once for everybody who looks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from podium.metrics.registry import task_type
from podium.rules.errors import Conflict, NotFound, UserError
from podium.rules.runs import RunState
from podium.server import clock
from podium.server.jobs.internal.models import InternalJob
from podium.server.jobs.internal.services import ask_for
from podium.server.modelboards.models import Comparison, Result
from podium.server.modelboards.queries.comparisons import digest_of
from podium.server.modelboards.queries.datasets import DatasetRow
from podium.server.prepared_queries import prepared

STATISTICS = "model-statistics"
COMPARISON = "model-comparison"
MOST_COMPARED = 10
_MOST_WAITING = 200
_ENOUGH_DECLARED = 2
_NOT_AGAIN_FOR = timedelta(minutes=10)
"""How long what failed is left alone, however many pages ask."""


def want_statistics(dataset_id: int) -> None:
    """Have the statistics of a dataset computed after the running transaction, unless that is asked for already, or
    there is nothing to compute them from: no result was scored here, and fewer than two have an interval."""
    # One that is being computed has read the board before this change.
    if _waits(subject=_subject(dataset_id)):
        return
    told = _intervals(dataset=dataset_id)
    if len(told) == _ENOUGH_DECLARED or any(kept is not None for (kept,) in told):
        ask_for(STATISTICS, None, {"dataset": dataset_id}, subject=_subject(dataset_id))


@prepared
def _intervals(dataset: int) -> QuerySet[Result, Any]:
    """What is kept of the first few results that were scored here or have an interval."""
    told = Q(kept__isnull=False) | Q(ci_low__isnull=False)
    current = Result.objects.filter(told, dataset_id=dataset, superseded_at=None)
    return current.order_by().values_list("kept_id")[:_ENOUGH_DECLARED]


@prepared
def _waits(subject: str) -> QuerySet[InternalJob, Any]:
    waiting = InternalJob.objects.filter(kind=STATISTICS, subject=subject, state=RunState.WAITING)
    return waiting.order_by().values_list("pk")[:1]


def ask_comparison(dataset: DatasetRow, result_ids: Collection[int], metric: str) -> None:
    """Have two to ten results of a board compared on a metric, unless that was done or is being done.

    Raises:
        UserError: too few or too many results, or no such metric.
        NotFound: one of them is no result that stands on this board.
        Conflict: too many comparisons wait, or this one failed a moment ago.
    """
    chosen = sorted(set(result_ids))
    if not 2 <= len(chosen) <= MOST_COMPARED:
        raise UserError(
            "comparison-size", f"{len(chosen)} models were named.", f"Choose two to {MOST_COMPARED} different models."
        )
    if metric != dataset.metric:
        task_type(dataset.task_type).metric(metric)
    if Result.objects.filter(pk__in=chosen, dataset_id=dataset.id, superseded_at=None).count() != len(chosen):
        raise NotFound("result-not-found", "One of these results is not on the board.", "Choose models from the board.")
    digest = digest_of(chosen)
    subject = f"{dataset.id} {digest[:40]} {metric}"[:100]
    with transaction.atomic():
        done = Comparison.objects.filter(dataset_id=dataset.id, version=dataset.version, digest=digest, metric=metric)
        waiting = InternalJob.objects.filter(kind=COMPARISON, state__in=[RunState.WAITING, RunState.LEASED])
        if done.exists() or waiting.filter(subject=subject).exists():
            return
        failed = InternalJob.objects.filter(kind=COMPARISON, subject=subject, state=RunState.FAILED)
        if failed.filter(ended_at__gt=clock.now() - _NOT_AGAIN_FOR).exists():
            raise Conflict(
                "comparison-failed",
                "These models could not be compared item by item.",
                "The site tries again in ten minutes. If it fails again, tell those who run the site.",
            )
        if waiting.count() >= _MOST_WAITING:
            raise Conflict("comparisons-wait", "Too many comparisons are being computed.", "Try again in a minute.")
        payload = {"dataset": dataset.id, "results": chosen, "metric": metric}
        ask_for(COMPARISON, None, payload, subject=subject)


def _subject(dataset_id: int) -> str:
    return f"dataset {dataset_id}"
