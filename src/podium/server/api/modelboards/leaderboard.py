"""Below /api/leaderboard: datasets and results are declared, and all of them listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from podium.metrics.registry import task_type
from podium.rules.errors import UserError
from podium.rules.modelboards.declared import (
    Declared,
    missing_fields,
    read_declared,
    read_extra,
    read_link,
    read_name,
    read_text,
)
from podium.rules.modelboards.direction import read_direction
from podium.server.api.answers import answer
from podium.server.api.asking import caller_of
from podium.server.api.bodies import read_object
from podium.server.api.modelboards.envelopes import success
from podium.server.modelboards.queries import BoardRow, DatasetRow, all_datasets, board_rows
from podium.server.modelboards.services import DatasetWishes, MetricSaid, add_dataset, add_result

_MOST_DESCRIPTION = 20_000
_MOST_MODELS = 10_000
_DATASET_KEYS = frozenset(
    {"name", "url", "task_type", "description", "models", "evaluation_metric", "metric_direction"}
)


def dataset_added(request: HttpRequest) -> HttpResponse:
    """Add a dataset with its models, or add to the one of that name: all or nothing."""
    fields = read_object(request)
    _want(fields, "name", "task_type")
    added = add_dataset(caller_of(request).person, _wishes(fields))
    return success(message="Dataset added to leaderboard.", warnings=added.warnings, dataset_id=added.key)


def model_added(request: HttpRequest) -> HttpResponse:
    """Declare a model's result on a dataset."""
    fields = read_object(request)
    _want(fields, "dataset_name", "model", "score", may_be_null=("score",))
    name = read_name(fields["dataset_name"], "dataset_name")
    metric = read_text(fields.get("evaluation_metric"), "evaluation_metric", most=100)
    said = MetricSaid(metric, read_direction(fields.get("metric_direction")))
    warnings = add_result(caller_of(request).person, name, read_declared(fields), said)
    return success(message="Model added to dataset on leaderboard.", warnings=warnings)


def listed(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """All datasets with the results that count, in order of rank."""
    datasets = all_datasets()
    rows = board_rows(datasets)
    return answer({"status": "success", "datasets": [_json(each, rows[each.id]) for each in datasets]})


def _want(fields: Mapping[str, Any], *names: str, may_be_null: tuple[str, ...] = ()) -> None:
    missing = [
        name for name in names if fields.get(name) in (None, "") and not (name in fields and name in may_be_null)
    ]
    if missing:
        raise missing_fields(missing)


def _wishes(fields: Mapping[str, Any]) -> DatasetWishes:
    metric = read_text(fields.get("evaluation_metric"), "evaluation_metric", most=100)
    return DatasetWishes(
        name=read_name(fields["name"], "name"),
        task_type=task_type(read_text(fields["task_type"], "task_type", most=100)).slug,
        url=read_link(fields.get("url"), "url"),
        description=read_text(fields.get("description"), "description", most=_MOST_DESCRIPTION),
        metric=metric,
        lower_is_better=read_direction(fields.get("metric_direction")),
        extra=read_extra({key: value for key, value in fields.items() if key not in _DATASET_KEYS}),
        results=_models(fields.get("models")),
    )


def _models(value: object) -> list[Declared]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > _MOST_MODELS:
        raise UserError("models-invalid", f"models must be a list of at most {_MOST_MODELS} objects.")
    found = []
    for index, each in enumerate(value):
        if not isinstance(each, dict):
            raise UserError("models-invalid", f"models[{index}] must be an object with model and score.")
        found.append(read_declared(each, f"models[{index}]."))
    return found


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
