"""What clients of model boards send as JSON, and what they are answered: the contract, for the API and for the page
that shows both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
from podium.rules.modelboards.languages import read_languages
from podium.server.accounts.people import Person
from podium.server.modelboards.services import DatasetWishes, MetricSaid, add_dataset, add_result, mark_baseline

_MOST_DESCRIPTION = 20_000
_MOST_MODELS = 10_000
_DATASET_KEYS = frozenset(
    {"name", "url", "task_type", "description", "models", "evaluation_metric", "metric_direction", "languages"}
)


@dataclass(frozen=True)
class Answered:
    """The body of an answer, and what the client should know besides."""

    content: Mapping[str, Any]
    warnings: Sequence[str]


@dataclass(frozen=True)
class ResultWishes:
    """A result that a client declares: on which dataset, and what is said of the dataset's metric with it."""

    dataset: str
    declared: Declared
    said: MetricSaid


def post_dataset(by: Person | None, fields: Mapping[str, Any]) -> Answered:
    """Add a dataset with its models, or add to the one of that name: all or nothing.

    Raises:
        UserError: a field is missing or does not do; it is named.
        NotAllowed: it is somebody else's.
    """
    added = add_dataset(by, dataset_wishes(fields))
    return _done("Dataset added to leaderboard.", added.warnings, dataset_id=str(added.key))


def post_result(by: Person | None, fields: Mapping[str, Any]) -> Answered:
    """Declare a model's result on a dataset.

    Raises:
        UserError: a field is missing or does not do; it is named.
        NotFound: there is no such dataset.
        NotAllowed: somebody else declared this model's result.
    """
    wishes = result_wishes(fields)
    warnings = add_result(by, wishes.dataset, wishes.declared, wishes.said)
    return _done("Model added to dataset on leaderboard.", warnings)


def post_baseline(by: Person | None, fields: Mapping[str, Any]) -> Answered:
    """Mark a model of a dataset as one that others are only measured by, or (`baseline` null) as one to rank.

    Raises:
        UserError: a field is missing or does not do; it is named.
        NotFound: there is no such dataset, or no result of the model on it.
        NotAllowed: the dataset is somebody else's.
    """
    _want(fields, "dataset_name", "model", "baseline", may_be_null=("baseline",))
    name, model = read_name(fields["dataset_name"], "dataset_name"), read_name(fields["model"], "model")
    baseline = read_text(fields["baseline"], "baseline", most=100)
    mark_baseline(by, name, model, baseline)
    return _done("Model marked as a baseline." if baseline else "Model is ranked.", ())


def dataset_wishes(fields: Mapping[str, Any]) -> DatasetWishes:
    """What a request to add a dataset says, checked and cleaned.

    Raises:
        UserError: a field is missing or does not do; it is named.
    """
    _want(fields, "name", "task_type")
    return DatasetWishes(
        name=read_name(fields["name"], "name"),
        task_type=task_type(read_text(fields["task_type"], "task_type", most=100)).slug,
        url=read_link(fields.get("url"), "url"),
        description=read_text(fields.get("description"), "description", most=_MOST_DESCRIPTION),
        metric=read_text(fields.get("evaluation_metric"), "evaluation_metric", most=100),
        lower_is_better=read_direction(fields.get("metric_direction")),
        extra=read_extra({key: value for key, value in fields.items() if key not in _DATASET_KEYS}),
        languages=read_languages(fields.get("languages")),
        results=_models(fields.get("models")),
    )


def result_wishes(fields: Mapping[str, Any]) -> ResultWishes:
    """What a request to declare a result says, checked and cleaned.

    Raises:
        UserError: a field is missing or does not do; it is named.
    """
    _want(fields, "dataset_name", "model", "score", may_be_null=("score",))
    name = read_name(fields["dataset_name"], "dataset_name")
    metric = read_text(fields.get("evaluation_metric"), "evaluation_metric", most=100)
    said = MetricSaid(metric, read_direction(fields.get("metric_direction")))
    return ResultWishes(name, read_declared(fields), said)


def _done(message: str, warnings: Sequence[str], **more: Any) -> Answered:
    return Answered({"status": "success", "message": message, **more}, tuple(warnings))


def _want(fields: Mapping[str, Any], *names: str, may_be_null: tuple[str, ...] = ()) -> None:
    missing = [
        name for name in names if fields.get(name) in (None, "") and not (name in fields and name in may_be_null)
    ]
    if missing:
        raise missing_fields(missing)


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
