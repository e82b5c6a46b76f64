"""Letting results that were scored here follow the dataset's metric."""

from __future__ import annotations

from podium.server import clock
from podium.server.modelboards.models import Dataset, Result
from podium.server.modelboards.services.results import next_revision
from podium.server.modelboards.services.scoring import rank_by, tell_scored


def follow_metric(dataset: Dataset) -> None:
    """Rank what was scored here by the metric that a dataset, which is held, has now: a new revision of each result, of
    the numbers that are kept. Those that were declared stay as they were sent."""
    now = clock.now()
    for result in dataset.results.filter(superseded_at=None).exclude(predictions=None).order_by("pk"):
        before = (result.score, result.ci_low, result.ci_high)
        rank_by(result, dataset.metric)
        if (result.score, result.ci_low, result.ci_high) == before:
            continue
        Result.objects.filter(pk=result.pk).update(superseded_at=now)
        result.pk, result.revision, result.created_at = None, next_revision(dataset, result.model), now
        result.save(force_insert=True)
        if result.predictions is not None:
            tell_scored(dataset, result.predictions, result)
