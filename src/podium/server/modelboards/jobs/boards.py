"""Computing what the results on a board say together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from podium.rules.modelboards.standing import sort_key
from podium.server import clock
from podium.server.files.services import store
from podium.server.jobs.internal.services import forget_ended
from podium.server.jobs.internal.work import JobKind, Work
from podium.server.modelboards.jobs.orders import done_for
from podium.server.modelboards.models import BoardStatistics, Comparison, Dataset, Result
from podium.server.modelboards.queries.comparisons import digest_of
from podium.server.modelboards.services.statistics import COMPARISON, STATISTICS

_KEPT = timedelta(days=1)
"""How long a comparison of an older version of a board is kept: two results that still stand differ as they did."""


def _compute_statistics(work: Work) -> None:
    dataset = Dataset.objects.get(pk=work.order.payload["dataset"])
    # The version first: results that came after it make these old, never new ones that are not.
    results = Result.objects.filter(dataset=dataset, superseded_at=None).exclude(model__in=list(dataset.baselines))
    with done_for(work, _order("statistics", dataset, results, dataset.metric)) as (found, _), transaction.atomic():
        held = Dataset.objects.select_for_update().get(pk=dataset.pk)
        before = BoardStatistics.objects.filter(dataset=held).first()
        if before is None or before.version <= dataset.version:
            told = {"version": dataset.version, "computed_at": clock.now(), "content": found}
            BoardStatistics.objects.update_or_create(dataset=held, defaults=told)
        forget_ended(STATISTICS, work.order.subject)
        work.finish({"version": dataset.version})


def _compare(work: Work) -> None:
    payload = work.order.payload
    dataset = Dataset.objects.get(pk=payload["dataset"])
    chosen: list[int] = payload["results"]
    results = Result.objects.filter(dataset=dataset, pk__in=chosen)
    order = _order("comparison", dataset, results, payload["metric"])
    with done_for(work, order) as (found, _), transaction.atomic():
        old = Comparison.objects.filter(dataset=dataset, version__lt=dataset.version)
        old.filter(computed_at__lt=clock.now() - _KEPT).delete()
        Comparison.objects.update_or_create(
            dataset=dataset,
            version=dataset.version,
            digest=digest_of(chosen),
            metric=payload["metric"],
            defaults={"content": found, "computed_at": clock.now()},
        )
        forget_ended(COMPARISON, work.order.subject)
        work.finish({"version": dataset.version})


def _order(kind: str, dataset: Dataset, results: QuerySet[Result], metric: str) -> dict[str, Any]:
    rows = [_row(each, dataset, metric) for each in results.select_related("kept", "predictions").order_by("pk")]
    rows.sort(key=lambda row: sort_key(row["score"], lower_is_better=dataset.lower_is_better))
    return {
        "kind": kind,
        "task_type": dataset.task_type,
        "metric": metric,
        "lower_is_better": dataset.lower_is_better,
        "dataset": str(dataset.key),
        "results": rows,
    }


def _row(result: Result, dataset: Dataset, metric: str) -> dict[str, Any]:
    """A result on a metric: of one that was declared, its own number, or one of those that came with it."""
    score, low, high = result.score, result.ci_low, result.ci_high
    if result.predictions is not None:
        told = result.metrics.get(metric, {})
        score, low, high = told.get("score"), told.get("low"), told.get("high")
    elif metric != dataset.metric:
        score, low, high = result.detailed_scores.get(metric), None, None
    return {
        "id": result.pk,
        "model": result.model,
        "score": score,
        "low": low,
        "high": high,
        "count": result.count,
        "digest": result.predictions.digest if result.predictions else "",
        "kept": str(store().path(result.kept_id)) if result.kept_id else None,
    }


STATISTICS_OF_BOARDS = JobKind(STATISTICS, _compute_statistics)
COMPARISONS = JobKind(COMPARISON, _compare)
