"""The part of the description for programs that tells of references and predictions."""

from __future__ import annotations

from typing import Any

from podium.rules.modelboards.names import MOST_LETTERS

_TEXT = {"type": "string"}
_NAME = {"type": "string", "minLength": 1, "maxLength": MOST_LETTERS}
_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}
_NUMBER_OR_NULL = {"type": ["number", "null"]}
_WAIT = {"type": "integer", "minimum": 0, "description": "Seconds to wait for the outcome; 1 for half a minute."}
_PROBLEMS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "code": _TEXT,
            "message": _TEXT,
            "hint": _TEXT,
            "file": {"type": ["string", "null"]},
            "line": {"type": ["integer", "null"]},
        },
    },
}
REFERENCES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "dataset_name": _NAME,
        "references": _FILE,
        "inputs": _FILE,
        "items_public": {"enum": ["0", "1"], "description": "Whether everybody may browse items with what is right."},
        "wait": _WAIT,
    },
    "required": ["dataset_name", "references"],
}
PREDICTIONS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "dataset_name": _NAME,
        "model": _NAME,
        "file": _FILE,
        "submitted_by": _TEXT,
        "source": {"type": "string", "format": "uri"},
        "wait": _WAIT,
    },
    "required": ["dataset_name", "model", "file"],
}
CHECK: dict[str, Any] = {
    "type": "object",
    "properties": {"dataset_name": _NAME, "file": _FILE},
    "required": ["dataset_name", "file"],
}
REFERENCES_STATE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "status": {"const": "success"},
        "message": _TEXT,
        "references": {"type": "integer"},
        "state": {"enum": ["waiting", "accepted", "refused", "failed"]},
        "count": {"type": "integer"},
        "problems": _PROBLEMS,
        "problem_count": {"type": "integer"},
    },
    "required": ["status", "message", "references"],
}
PREDICTIONS_STATE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "status": {"const": "success"},
        "message": _TEXT,
        "predictions_id": {"type": "string", "format": "uuid"},
        "state": {"enum": ["waiting", "scored", "refused", "failed"]},
        "dataset_name": _TEXT,
        "model": _TEXT,
        "evaluation_metric": _TEXT,
        "score": _NUMBER_OR_NULL,
        "ci_low": _NUMBER_OR_NULL,
        "ci_high": _NUMBER_OR_NULL,
        "rank": {"type": ["integer", "null"]},
        "count": {"type": ["integer", "null"]},
        "metrics": {"type": "object"},
        "problems": _PROBLEMS,
        "problem_count": {"type": "integer"},
    },
    "required": ["status", "message", "predictions_id", "state"],
}
CHECK_STATE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "status": {"const": "success"},
        "message": _TEXT,
        "check_id": {"type": "integer"},
        "state": {"enum": ["waiting", "valid", "refused"]},
        "count": {"type": "integer"},
        "problems": _PROBLEMS,
        "problem_count": {"type": "integer"},
    },
    "required": ["status", "message", "check_id", "state"],
}
_LIST: dict[str, Any] = {"type": "array"}
_FORMS: dict[str, Any] = {
    "labels": _LIST,
    "entities": _LIST,
    "answers": _LIST,
    "reference_translations": _LIST,
    "source_texts": _LIST,
    "sentence_ids": _LIST,
    "ground_truth": {"type": "array", "items": {"type": "object"}},
}
PUBLIC_DATASET: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": _NAME,
        "task_type": _TEXT,
        "evaluation_metric": {"type": "string", "maxLength": 100},
        "url": {"type": "string", "format": "uri"},
        "description": _TEXT,
        "reference_data": {"type": ["object", "array"], "properties": _FORMS},
        **_FORMS,
    },
    "required": ["name", "task_type"],
}
PUBLIC_DATASET_ADDED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "success": {"const": True},
        "message": _TEXT,
        "dataset_id": {"type": "string", "format": "uuid"},
        "name": _TEXT,
    },
    "required": ["success", "message", "dataset_id"],
}
PUBLIC_MODEL: dict[str, Any] = {
    "type": "object",
    "properties": {
        "benchmarkDatasetName": _NAME,
        "modelName": _NAME,
        "modelResults": _LIST,
        "sentence_ids": _LIST,
        "metadata": {"type": "object"},
        "submittedBy": _TEXT,
    },
    "required": ["benchmarkDatasetName", "modelName", "modelResults", "sentence_ids"],
}
PUBLIC_MODEL_SCORED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "success": {"const": True},
        "message": _TEXT,
        "submission_id": {"type": "string", "format": "uuid"},
        "state": {"enum": ["waiting", "scored"]},
        "score": _NUMBER_OR_NULL,
        "ci_low": _NUMBER_OR_NULL,
        "ci_high": _NUMBER_OR_NULL,
        "rank": {"type": ["integer", "null"]},
        "detailed_scores": {"type": "object", "additionalProperties": {"type": "number"}},
    },
    "required": ["success", "submission_id", "state", "score"],
}
