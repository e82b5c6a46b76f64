"""The description of the API of model boards, for programs: OpenAPI 3.1."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from podium.metrics.registry import task_types
from podium.rules.modelboards.names import MOST_LETTERS
from podium.server.api.answers import answer
from podium.server.api.modelboards import openapi_scoring as scoring
from podium.server.modelboards.models import Baseline

_TEXT = {"type": "string"}
_NAME = {"type": "string", "minLength": 1, "maxLength": MOST_LETTERS}
_NUMBER_OR_NULL = {"type": ["number", "null"]}
_RESULT: dict[str, Any] = {
    "model": _NAME,
    "score": {**_NUMBER_OR_NULL, "description": "A finite number; null for a model without a score."},
    "rank": {"type": ["integer", "null"], "minimum": 1, "description": "What you claim; the shown rank is computed."},
    "ci": {"type": ["string", "null"], "description": "Two bounds around the score, such as 0.93 - 0.97."},
    "updated": {"type": ["string", "null"], "description": "A day or a month, such as 2024-09 or Sep 2024."},
    "detailed_scores": {"type": "object", "additionalProperties": {"type": "number"}},
    "submitted_by": _TEXT,
    "source": {"type": "string", "format": "uri"},
}
_METRIC: dict[str, Any] = {
    "evaluation_metric": {"type": "string", "maxLength": 100},
    "metric_direction": {"enum": ["asc", "desc"], "description": "asc where the lowest score is the best."},
}


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _errors(schema: str) -> dict[str, Any]:
    told = {"400": "What was sent does not do.", "404": "There is no such dataset."}
    return {code: _answer(text, {"$ref": f"#/components/schemas/{schema}"}) for code, text in told.items()}


def _write(
    summary: str, body: dict[str, Any], done: dict[str, Any], media_type: str = "application/json"
) -> dict[str, Any]:
    refused = {
        "401": "A key is required.",
        "403": "It belongs to somebody else.",
        "429": "Too many requests; Retry-After says how many seconds to wait.",
    }
    told = {code: _answer(text, {"$ref": "#/components/schemas/Error"}) for code, text in refused.items()}
    return {
        "post": {
            "summary": summary,
            "security": [{"key": []}, {"bearer": []}],
            "requestBody": {"required": True, "content": {media_type: {"schema": body}}},
            "responses": {"200": _answer("Done.", done), **_errors("Error"), **told},
        }
    }


def _read(
    summary: str,
    error: str = "PublicError",
    within: dict[str, dict[str, Any]] | None = None,
    **parameters: dict[str, Any],
) -> dict[str, Any]:
    """`within` are the parts of the address that vary."""
    asked = [{"name": name, "in": "query", "schema": schema} for name, schema in parameters.items()]
    varying = [
        {"name": name, "in": "path", "required": True, "schema": schema} for name, schema in (within or {}).items()
    ]
    return {
        "get": {
            "summary": summary,
            "parameters": [*varying, *asked],
            "responses": {"200": _answer("What was asked for.", {"type": "object"}), **_errors(error)},
        }
    }


_IMPORT = _object(
    {
        "file": {"type": "string", "contentMediaType": "application/octet-stream"},
        "task_type": {"type": "string", "description": "Of datasets that are not there yet."},
        "model": {**_NAME, "description": "Instead of the model that the file names."},
        "dataset": {**_NAME, "description": "Instead of the name of the file's only dataset."},
        "metric": {"type": "string", "maxLength": 100, "description": "Which of the file's metrics to rank by."},
        "parts": {"enum": ["0", "1"], "description": "Whether parts of groups are datasets too."},
        "dry_run": {"enum": ["0", "1"], "description": "Only say what would become of the file."},
    },
    "file",
)
_IMPORTED = _object(
    {
        "status": {"const": "success"},
        "message": _TEXT,
        "tool": _TEXT,
        "new_datasets": {"type": "array", "items": _TEXT},
        "results": {
            "type": "array",
            "items": _object(
                {
                    "place": _TEXT,
                    "dataset": _TEXT,
                    "model": _TEXT,
                    "score": _NUMBER_OR_NULL,
                    "outcome": {"enum": ["added", "updated", "skipped"]},
                    "reason": _TEXT,
                }
            ),
        },
        "left_out": {"type": "array", "items": _object({"place": _TEXT, "reason": _TEXT})},
    },
    "status",
    "message",
)


def _scoring_paths() -> dict[str, Any]:
    form = "multipart/form-data"
    return {
        "/api/leaderboard/put_references": _write(
            "Send what is right on a dataset, and what models are asked",
            scoring.REFERENCES,
            scoring.REFERENCES_STATE,
            form,
        ),
        "/api/leaderboard/references/{slug}": _read(
            "How the references stand that were sent last", "Error", within={"slug": _TEXT}
        ),
        "/api/leaderboard/submit_predictions": _write(
            "Send what a model answered, to be scored", scoring.PREDICTIONS, scoring.PREDICTIONS_STATE, form
        ),
        "/api/leaderboard/predictions/{key}": _read(
            "How predictions stand, and what they scored",
            "Error",
            within={"key": {"type": "string", "format": "uuid"}},
            outcome={"enum": ["0", "1"]},
        ),
        "/api/leaderboard/check_predictions": _write(
            "Say what is wrong with predictions, without sending them", scoring.CHECK, scoring.CHECK_STATE, form
        ),
        "/api/leaderboard/checks/{number}": _read(
            "What a check found", "Error", within={"number": {"type": "integer"}}
        ),
        "/api/leaderboard/template": _read(
            "A file with the ids of all items", "Error", dataset=_TEXT, format={"enum": ["csv", "jsonl", "json"]}
        ),
        "/public/add_dataset": _write(
            "Add a dataset with its references", scoring.PUBLIC_DATASET, scoring.PUBLIC_DATASET_ADDED
        ),
        "/public/submit_model": _write(
            "Score a model's results on a dataset", scoring.PUBLIC_MODEL, scoring.PUBLIC_MODEL_SCORED
        ),
        "/public/submitted_model": _read("What became of results that were sent", submission_id=_TEXT),
        "/public/get_source_sentences": _read(
            "The items of a dataset, and what models are asked",
            dataset_name=_TEXT,
            count={"type": "integer", "minimum": 1},
        ),
    }


def _paths() -> dict[str, Any]:
    status = {"const": "success"}
    dataset = {
        "name": _NAME,
        "task_type": {"type": "string", "examples": [each.slug for each in task_types()]},
        "url": {"type": "string", "format": "uri"},
        "description": _TEXT,
        "models": {"type": "array", "items": _object(_RESULT, "model", "score")},
        **_METRIC,
    }
    added = _object(
        {"status": status, "message": _TEXT, "dataset_id": {"type": "string", "format": "uuid"}},
        "status",
        "message",
        "dataset_id",
    )
    return {
        "/api/leaderboard/add_dataset": _write(
            "Add a dataset with the results of models", _object(dataset, "name", "task_type"), added
        ),
        "/api/leaderboard/add_model": _write(
            "Declare a model's result on a dataset",
            _object({"dataset_name": _NAME, **_RESULT, **_METRIC}, "dataset_name", "model", "score"),
            _object({"status": status, "message": _TEXT}, "status", "message"),
        ),
        "/api/leaderboard/mark_baseline": _write(
            "Mark a model of a dataset of yours as a baseline, which is not ranked, or (null) as one to rank",
            _object(
                {"dataset_name": _NAME, "model": _NAME, "baseline": {"enum": [*Baseline.values, None]}},
                "dataset_name",
                "model",
                "baseline",
            ),
            _object({"status": status, "message": _TEXT}, "status", "message"),
        ),
        "/api/leaderboard/import": _write(
            "Declare every result of a file of another tool, or none", _IMPORT, _IMPORTED, "multipart/form-data"
        ),
        **_scoring_paths(),
        "/api/leaderboard/compare": _read(
            "Two to ten models of a board, pair by pair; ask again while the state is waiting",
            "Error",
            dataset=_TEXT,
            model={"type": "array", "items": _NAME, "minItems": 2, "maxItems": 10},
            metric=_TEXT,
        ),
        "/api/leaderboard/list": _read("All datasets with their models in order of rank", "Error"),
        "/public/datasets": _read("All datasets"),
        "/public/dataset_details": _read("One dataset", name=_TEXT),
        "/public/get_leaderboard": _read(
            "The results on one dataset, or on all, page by page",
            dataset=_TEXT,
            page={"type": "integer", "minimum": 1},
            page_size={"type": "integer", "minimum": 1},
        ),
        "/public/export/leaderboard": _read(
            "Results as a file",
            format={"enum": ["json", "csv", "every_eval_ever", "eval_results"]},
            dataset=_TEXT,
            model=_TEXT,
        ),
        "/health": _read("Whether the site works"),
    }


@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """All of it."""
    return answer(
        {
            "openapi": "3.1.0",
            "info": {"title": "Podium model boards", "version": version("podium")},
            "servers": [{"url": request.build_absolute_uri("/").rstrip("/")}],
            "paths": _paths(),
            "components": {
                "securitySchemes": {
                    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                    "bearer": {"type": "http", "scheme": "bearer"},
                },
                "schemas": {
                    "Error": _object({"status": {"const": "error"}, "message": _TEXT}, "status", "message"),
                    "PublicError": _object({"success": {"const": False}, "error": _TEXT}, "success", "error"),
                },
            },
        }
    )
