"""Files of references and predictions made from plain lists, and what a task type makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from podium.metrics.registry import task_type
from podium.metrics.scored import Scored


def json_lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return b"\n".join(orjson.dumps(row) for row in rows)


def score(
    slug: str,
    references: Sequence[Mapping[str, Any]],
    predictions: Sequence[Mapping[str, Any]],
    *,
    opened: bool = False,
) -> Scored:
    """Rows without an id are numbered."""
    task = task_type(slug)
    right, ours = (
        json_lines([{"id": number, **row} for number, row in enumerate(rows)]) for rows in (references, predictions)
    )
    gold = task.read_references(right, "references.jsonl")
    assert gold.value is not None, gold.problems
    known = gold.value.opened() if opened else gold.value
    answers = task.read_predictions(ours, "predictions.jsonl", known)
    assert answers.value is not None, answers.problems
    return task.score(known, answers.value)


def classified(right: Sequence[Any], ours: Sequence[Any], **columns: Sequence[Any]) -> Scored:
    """A classification; `columns` are further columns of the references."""
    further = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    rows = [{"label": label, **(further[number] if further else {})} for number, label in enumerate(right)]
    return score("text_classification", rows, [{"label": label} for label in ours])


def tagged(right: Sequence[Sequence[str]], ours: Sequence[Sequence[str]]) -> Scored:
    return score("named_entity_recognition", [{"tags": tags} for tags in right], [{"tags": tags} for tags in ours])
