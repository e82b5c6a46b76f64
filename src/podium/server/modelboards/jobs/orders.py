"""Orders to the process that scores, made of rows."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from podium.server.computing.orders import done_by, file_of
from podium.server.jobs.internal.work import Work
from podium.server.modelboards.models import Dataset, ReferenceSet

_ROOM = "podium.server.modelboards.scoring"


def done_for(work: Work, order: Mapping[str, Any]) -> AbstractContextManager[tuple[dict[str, Any], Path]]:
    """What the process that scores makes of an order."""
    return done_by(_ROOM, work, order)


def order_of_predictions(
    kind: str, dataset: Dataset, references: ReferenceSet, predictions: Mapping[str, str], **more: Any
) -> dict[str, Any]:
    """An order to score predictions, or to check them."""
    return {
        "kind": kind,
        "task_type": dataset.task_type,
        "dataset": str(dataset.key),
        "metric": dataset.metric,
        "references": file_of(references.blob_id, references.name),
        "predictions": predictions,
        **more,
    }
