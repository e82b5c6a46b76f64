"""Scoring predictions, and putting what they scored on the board."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from podium.rules.errors import Problem
from podium.server.computing.orders import file_of
from podium.server.files.models import Blob
from podium.server.files.services import StoredBlob, keep_blobs, store
from podium.server.jobs.internal.models import InternalJob
from podium.server.jobs.internal.problems import kept_problems
from podium.server.jobs.internal.services import Order
from podium.server.jobs.internal.work import JobKind, Work
from podium.server.modelboards.jobs.orders import done_for, order_of_predictions
from podium.server.modelboards.models import Dataset, Predictions, PredictionsState
from podium.server.modelboards.scoring.files import ITEMS, KEPT
from podium.server.modelboards.services.scoring import (
    SCORING,
    Scoring,
    record_scores,
    refuse_predictions,
    taken_meanwhile,
)

_TAKEN = Problem(
    "not-your-result",
    "Somebody else declared a result of this model meanwhile.",
    "Send the predictions under another name of the model.",
)


def _score(work: Work) -> None:
    while not _scored(work):
        # The references changed meanwhile.
        work.check()


def _scored(work: Work) -> bool:
    """Score once; False where that has to be done again."""
    pk = work.order.payload["predictions"]
    predictions = Predictions.objects.select_related("dataset", "references").get(pk=pk)
    found, stored = _found(work, predictions)
    with transaction.atomic():
        keep_blobs(stored)
        dataset = Dataset.objects.select_for_update().get(pk=predictions.dataset_id)
        held = Predictions.objects.select_for_update(of=("self",)).select_related("references").get(pk=pk)
        if held.references_id != predictions.references_id:
            return False
        if "problems" in found:
            refuse_predictions(dataset, held, found["problems"], found["problem_count"])
            work.finish({"state": "refused"})
            return True
        if taken_meanwhile(dataset, held):
            refuse_predictions(dataset, held, kept_problems([_TAKEN]), 1)
            work.finish({"state": "refused"})
            return True
        kept, items = (Blob.objects.get(pk=each.sha256) for each in stored)
        result = record_scores(dataset, held, Scoring(found, kept, items))
        work.finish({"state": "scored", "result": result.pk, "score": result.score})
    return True


def _found(work: Work, predictions: Predictions) -> tuple[dict[str, Any], list[StoredBlob]]:
    """What the process found, and its files as they are stored."""
    order = order_of_predictions(
        "predictions",
        predictions.dataset,
        predictions.references,
        file_of(predictions.blob_id, predictions.name),
        open_labels=predictions.open_labels,
        digest=predictions.digest,
    )
    with done_for(work, order) as (found, place):
        names = () if "problems" in found else (KEPT, ITEMS)
        return found, [store().put_file(place / name) for name in names]


def _tidy(order: Order) -> None:
    problems = InternalJob.objects.values_list("problems", flat=True).get(pk=order.job_id)
    Predictions.objects.filter(pk=order.payload["predictions"], state=PredictionsState.WAITING).update(
        state=PredictionsState.FAILED, problems=problems, problem_count=len(problems)
    )


SCORINGS = JobKind(SCORING, _score, _tidy)
