"""References as older clients send them within JSON: lists of labels, entities, answers or translations, or one list of
questions with their answers. They are turned into the files that everybody else sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from podium.metrics.task_type import TaskType
from podium.rules.errors import UserError

_LISTS = ("labels", "entities", "answers", "reference_translations")
_ASKED = ("question", "context", "options")
_GROUPS = ("cluster", "document", "language")
FORMS = (*_LISTS, "source_texts", "ground_truth", "sentence_ids", "ids")


@dataclass(frozen=True)
class ReferenceFiles:
    """References, and what models are asked where that was sent, as JSON Lines."""

    references: bytes
    inputs: bytes | None


def reference_files(task: TaskType, fields: Mapping[str, Any]) -> ReferenceFiles | None:
    """The references that a request brings in `reference_data`, or beside it; None where it brings none.

    Raises:
        UserError: they have none of the known forms, or their lists are not of one length.
    """
    found: dict[str, Any] = {name: fields[name] for name in FORMS if fields.get(name) is not None}
    data = fields.get("reference_data")
    if isinstance(data, list):
        found["ground_truth"] = data
    elif isinstance(data, dict):
        found |= {name: value for name, value in data.items() if name in FORMS and value is not None}
    elif data is not None:
        raise _unknown("reference_data must be an object or a list.")
    if "ground_truth" in found:
        return _of_questions(task, found["ground_truth"])
    form = next((name for name in _LISTS if name in found), None)
    if form is not None:
        return _of_lists(task, form, found)
    if data:
        raise _unknown("reference_data has no references.")
    return None


def _of_lists(task: TaskType, form: str, found: Mapping[str, Any]) -> ReferenceFiles:
    values = _list(found[form], form)
    ids = found.get("sentence_ids", found.get("ids"))
    names = list(range(len(values))) if ids is None else _list(ids, "sentence_ids", len(values))
    field = _gold_field(task, form, values)
    rows = [{"id": name, field: value} for name, value in zip(names, values, strict=True)]
    texts = found.get("source_texts")
    if texts is None:
        return ReferenceFiles(_lines(rows), None)
    asked = _list(texts, "source_texts", len(values))
    return ReferenceFiles(
        _lines(rows), _lines([{"id": name, "input": text} for name, text in zip(names, asked, strict=True)])
    )


def _of_questions(task: TaskType, sent: object) -> ReferenceFiles:
    items = _list(sent, "ground_truth")
    rows: list[dict[str, Any]] = []
    asked: list[dict[str, Any]] = []
    for number, item in enumerate(items):
        at = f"ground_truth[{number}]"
        if not isinstance(item, dict):
            raise _unknown(f"{at} must be an object with id, question and answer.")
        answer = next((item[name] for name in ("answer", "answers", "label", "entities") if name in item), None)
        if answer is None:
            raise _unknown(f"{at}.answer is missing.")
        name = item.get("id", number)
        rows.append(
            {"id": name, _gold_field(task, "answers", [answer]): answer}
            | {key: item[key] for key in _GROUPS if item.get(key) is not None}
        )
        asked.append({"id": name, **{key: item[key] for key in _ASKED if item.get(key) is not None}})
    return ReferenceFiles(_lines(rows), _lines(asked) if any(len(each) > 1 for each in asked) else None)


def _gold_field(task: TaskType, form: str, values: Sequence[Any]) -> str:
    """What the task type calls what is right. Where entities may be tags, they are what is called labels, or consists
    of words alone."""
    names = [field.name for field in task.references]
    if "tags" not in names:
        return names[1]
    words = any(isinstance(value, list) and value and all(isinstance(each, str) for each in value) for value in values)
    return "tags" if form == "labels" or words else "entities"


def _list(value: object, name: str, length: int | None = None) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _unknown(f"{name} must be a list that is not empty.")
    if length is not None and len(value) != length:
        raise _unknown(f"{name} has {len(value)} elements, the references have {length}.")
    return value


def _lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return b"\n".join(orjson.dumps(row) for row in rows)


def _unknown(message: str) -> UserError:
    known = ", ".join((*_LISTS, "ground_truth"))
    return UserError("references-invalid", message, f"Send {known}, as lists with one element per item.")
