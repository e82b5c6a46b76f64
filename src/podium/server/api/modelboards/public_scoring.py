"""Below /public: datasets with references, and results of models sent as JSON, as older clients do both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query

from podium.metrics.registry import task_type
from podium.rules.errors import NotFound, UserError
from podium.rules.modelboards.declared import missing_fields, read_extra, read_link, read_name, read_text
from podium.rules.modelboards.direction import read_direction
from podium.rules.modelboards.languages import read_languages
from podium.server.api.answers import answer
from podium.server.api.asking import caller_of
from podium.server.api.bodies import read_object
from podium.server.api.modelboards.later import answered_later
from podium.server.api.modelboards.reference_forms import FORMS, reference_files
from podium.server.modelboards.answers import first_problem
from podium.server.modelboards.models import PredictionsState
from podium.server.modelboards.queries import (
    PredictionsRow,
    answer_field,
    dataset_named,
    has_inputs,
    predictions_of,
    source_items,
)
from podium.server.modelboards.sent_lists import IDS, LISTS_FILE, RESULTS, lines_of
from podium.server.modelboards.services import (
    DatasetWishes,
    PredictionsWishes,
    SentFile,
    add_dataset_with_references,
    submit_predictions,
)

_WAIT_S = 30.0
_MOST_DESCRIPTION = 20_000
_MOST_SENTENCES = 1_000_000
_DATASET_KEYS = frozenset(
    {
        *("name", "url", "task_type", "description", "evaluation_metric", "metric_direction", "languages"),
        *("reference_data", *FORMS),
    }
)
_LARGEST_WHOLE = 2**53
Count = Annotated[int, Query(ge=1, le=_MOST_SENTENCES)]


def dataset_added(request: HttpRequest) -> HttpResponse:
    """Add a dataset with its references; the answer comes once results can be scored against them."""
    fields = read_object(request)
    _want(fields, "name", "task_type")
    task = task_type(read_text(fields["task_type"], "task_type", most=100))
    wishes = DatasetWishes(
        name=read_name(fields["name"], "name"),
        task_type=task.slug,
        url=read_link(fields.get("url"), "url"),
        description=read_text(fields.get("description"), "description", most=_MOST_DESCRIPTION),
        metric=read_text(fields.get("evaluation_metric"), "evaluation_metric", most=100),
        lower_is_better=read_direction(fields.get("metric_direction")),
        extra=read_extra({key: value for key, value in fields.items() if key not in _DATASET_KEYS}),
        languages=read_languages(fields.get("languages")),
    )
    files = reference_files(task, fields)
    references = inputs = None
    if files is not None:
        # Read before anything is added, so that a dataset is added with its references or not at all.
        found = task.read_references(files.references, "reference_data")
        if found.value is None:
            raise UserError("references-invalid", first_problem(found.problems, found.total))
        references = SentFile("references.jsonl", files.references)
        inputs = None if files.inputs is None else SentFile("inputs.jsonl", files.inputs)
    added = add_dataset_with_references(caller_of(request).person, wishes, references, inputs)
    told = {"success": True, "message": "Dataset added to leaderboard.", "dataset_id": added.key, "name": wishes.name}
    return answered_later(answer(told), added.job, _WAIT_S)


def model_submitted(request: HttpRequest) -> HttpResponse:
    """Score a model's results on a dataset; the answer comes once that is done."""
    fields = read_object(request)
    _want(fields, "benchmarkDatasetName", "modelName", RESULTS, IDS)
    results, ids = (_list(fields[name], name) for name in (RESULTS, IDS))
    if len(results) != len(ids):
        raise UserError(
            "lengths-differ",
            f"modelResults has {len(results)} elements and sentence_ids {len(ids)}.",
            "Send one result for each sentence.",
        )
    dataset = dataset_named(read_name(fields["benchmarkDatasetName"], "benchmarkDatasetName"))
    wishes = PredictionsWishes(
        model=read_name(fields["modelName"], "modelName"),
        submitted_by=read_text(fields.get("submittedBy"), "submittedBy", most=200),
        extra=read_extra(_metadata(fields.get("metadata"))),
        # A chatbot that answers with a sentence is wrong, and that is all.
        open_labels=True,
    )
    file = SentFile(LISTS_FILE, lines_of(answer_field(dataset), ids, results))
    person = caller_of(request).person
    sent = submit_predictions(person, dataset.name, file, wishes)
    response = _told(predictions_of(sent.key, person))
    return answered_later(response, sent.job, _WAIT_S, f"/public/submitted_model/?submission_id={sent.key}")


def submitted_model(request: HttpRequest, submission_id: str = "") -> HttpResponse:
    """What became of results that were sent."""
    try:
        key = UUID(submission_id)
    except ValueError as error:
        raise NotFound("predictions-not-found", "There is no such submission.", "Check submission_id.") from error
    return _told(predictions_of(key, caller_of(request).person))


def source_sentences(request: HttpRequest, dataset_name: str = "", count: Count = _MOST_SENTENCES) -> HttpResponse:  # noqa: ARG001
    """The ids of a dataset's items, and what models are asked, where that is public."""
    if not dataset_name:
        raise missing_fields(["dataset_name"])
    dataset = dataset_named(dataset_name)
    if not dataset.item_count:
        raise NotFound("no-references", "This dataset has no items to answer.", "Declare the score instead.")
    items = source_items(dataset, count)
    numbers = all(_is_whole(item.id) for item in items)
    return answer(
        {
            "success": True,
            "sentence_ids": [int(item.id) if numbers else item.id for item in items],
            "source_sentences": [item.input for item in items] if has_inputs(dataset) else [],
            "total": dataset.item_count,
        }
    )


def _told(row: PredictionsRow) -> HttpResponse:
    if row.state in {PredictionsState.REFUSED, PredictionsState.FAILED}:
        return answer({"success": False, "error": first_problem(row.problems, row.problem_count)}, 400)
    result = row.result
    return answer(
        {
            "success": True,
            "message": "Model was scored." if result else "Model waits to be scored.",
            "submission_id": row.key,
            "state": row.state,
            "dataset_name": row.dataset,
            "model_name": row.model,
            "evaluation_metric": row.metric,
            "score": result.score if result else None,
            "ci_low": result.ci_low if result else None,
            "ci_high": result.ci_high if result else None,
            "rank": result.rank if result else None,
            "detailed_scores": {
                name: each.score for name, each in (result.metrics if result else {}).items() if each.score is not None
            },
        }
    )


def _want(fields: Mapping[str, Any], *names: str) -> None:
    missing = [name for name in names if fields.get(name) in (None, "", [])]
    if missing:
        raise missing_fields(missing)


def _list(value: object, name: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise UserError("list-wanted", f"{name} must be a list.", "Send one element for each sentence.")
    return value


def _metadata(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    return value if isinstance(value, dict) else {"metadata": value}


def _is_whole(name: str) -> bool:
    """Whether an id is a whole number as JSON writes it."""
    return name.isascii() and name.isdigit() and (name == "0" or name[0] != "0") and int(name) < _LARGEST_WHOLE
