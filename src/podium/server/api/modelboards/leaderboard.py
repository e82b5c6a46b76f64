"""Below /api/leaderboard: datasets and results are declared, and all of them listed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from podium.server.api.answers import answer
from podium.server.api.asking import caller_of
from podium.server.api.bodies import read_object
from podium.server.api.modelboards.envelopes import told
from podium.server.modelboards.queries import BoardRow, DatasetRow, all_datasets, board_rows
from podium.server.modelboards.requests import post_baseline, post_dataset, post_result


def dataset_added(request: HttpRequest) -> HttpResponse:
    """Add a dataset with its models, or add to the one of that name: all or nothing."""
    return told(post_dataset(caller_of(request).person, read_object(request)))


def model_added(request: HttpRequest) -> HttpResponse:
    """Declare a model's result on a dataset."""
    return told(post_result(caller_of(request).person, read_object(request)))


def baseline_marked(request: HttpRequest) -> HttpResponse:
    """Say that a model of a dataset is one that others are only measured by, or that it is none."""
    return told(post_baseline(caller_of(request).person, read_object(request)))


def listed(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """All datasets with the results that count, in order of rank."""
    datasets = all_datasets()
    rows = board_rows(datasets)
    return answer({"status": "success", "datasets": [_json(each, rows[each.id]) for each in datasets]})


def _json(dataset: DatasetRow, rows: list[BoardRow]) -> dict[str, Any]:
    return {
        "id": dataset.key,
        "name": dataset.name,
        "url": dataset.url,
        "task_type": dataset.task_type,
        "description": dataset.description,
        "models": [_model(row) for row in rows],
    }


def _model(row: BoardRow) -> dict[str, Any]:
    told: dict[str, Any] = {
        "rank": row.rank,
        "model": row.model,
        "score": row.score,
        "ci": row.ci or None,
        "updated": row.updated or None,
    }
    if row.declared_rank not in (None, row.rank):
        told["declared_rank"] = row.declared_rank
    return told
