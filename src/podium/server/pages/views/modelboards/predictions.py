"""The page of a set of predictions, and all that a person has on model boards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from podium.metrics.registry import task_type
from podium.server.modelboards.answers import predictions_answer
from podium.server.modelboards.models import PredictionsState
from podium.server.modelboards.queries import (
    PredictionsRow,
    ScoredResult,
    dataset_at,
    my_predictions,
    predictions_of,
)
from podium.server.modelboards.queries.following import follow_predictions, stamps
from podium.server.modelboards.queries.mine import OwnDataset, own_datasets
from podium.server.modelboards.sent_lists import LISTS_FILE
from podium.server.pages import wording
from podium.server.pages.modelboards.commands import to_submit
from podium.server.pages.modelboards.figures import number
from podium.server.pages.modelboards.kept import predictions_stream
from podium.server.pages.news import page_or_part
from podium.server.pages.people import signed_in

_STATES = {
    PredictionsState.SCORED: ("good", "Scored"),
    PredictionsState.REFUSED: ("bad", "Refused"),
    PredictionsState.FAILED: ("bad", "Could not be scored"),
}


@never_cache
@require_safe
def predictions(request: HttpRequest, key: UUID) -> HttpResponse:
    """How far the predictions are, what is wrong with them, or what they scored."""
    person = signed_in(request)
    subject = follow_predictions(person, key)
    stamp = stamps([subject])[subject]
    row = predictions_of(key, person)
    sent = {"dataset_name": row.dataset, "model": row.model, "submitted_by": row.submitted_by, "source": row.source}
    fields = {name: value for name, value in sent.items() if value}
    commands = to_submit(request.build_absolute_uri("/").rstrip("/"), fields, row.file_name)
    context = {
        "row": row,
        **_state(row),
        "size": wording.size(row.size_bytes),
        "sent_at": wording.ago(row.created_at),
        "problems": row.problems,
        "more": max(row.problem_count - len(row.problems), 0),
        "result": None if row.result is None else _result(row, row.result),
        "board_url": reverse("model_board", args=[row.dataset_slug]),
        "answer": orjson.dumps(predictions_answer(row), option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode(),
        "live_url": predictions_stream(key, stamp),
        # Of lists within a request there is no file that could be sent like this.
        "commands": None if row.file_name == LISTS_FILE else commands,
    }
    page, part = (f"podium/modelboards/{name}.html" for name in ("predictions", "predictions_part"))
    return page_or_part(request, page, part, context, (key, stamp))


@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """A person's datasets and predictions."""
    person = signed_in(request)
    sent = [
        {
            "row": row,
            **_state(row),
            "score": "–" if row.result is None or row.result.score is None else number(row.result.score),
            "at": wording.ago(row.created_at),
        }
        for row in my_predictions(person)
    ]
    context = {"tab": "boards", "datasets": [_own(each) for each in own_datasets(person)], "sent": sent}
    return render(request, "podium/work/model_boards.html", context)


def _own(own: OwnDataset) -> dict[str, Any]:
    newest = own.newest
    refused = newest is not None and bool(newest.problems)
    said = "no references" if newest is None else f"references {newest.number} {newest.state.label}"
    return {
        "dataset": own.dataset,
        "models": wording.counted(own.dataset.model_count, "model"),
        "references": said,
        "items": wording.counted(own.dataset.item_count, "item") if own.dataset.item_count else "",
        "changed": wording.ago(own.dataset.changed_at),
        "problems": newest.problems if newest is not None and refused else (),
        "more": max(newest.problem_count - len(newest.problems), 0) if newest is not None else 0,
    }


def _state(row: PredictionsRow) -> dict[str, str]:
    """How far predictions are, in a word and the way it is meant."""
    if row.state in _STATES:
        kind, word = _STATES[row.state]
        return {"kind": kind, "word": word}
    return {"kind": "run", "word": "Being scored" if row.attempts else "Waiting to be scored"}


def _result(row: PredictionsRow, result: ScoredResult) -> dict[str, Any]:
    """The metrics with their intervals, the one that the board ranks by first, and the tables below them."""
    titles = {each.name: each.title for each in task_type(dataset_at(row.dataset_slug).task_type).metrics}
    names = sorted(result.metrics, key=lambda name: name != row.metric)
    metrics = [
        {
            "title": titles.get(name, name),
            "score": _text(result.metrics[name].score),
            "interval": _between(result.metrics[name].low, result.metrics[name].high),
            "main": name == row.metric,
        }
        for name in names
    ]
    return {
        "counts": result.counts,
        "items": wording.counted(result.count, "item"),
        "metrics": metrics,
        "tables": [_table(each["name"], each["columns"], each["rows"]) for each in result.tables.tables],
    }


def _table(name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, Any]:
    return {
        "name": name.replace("_", " ").capitalize(),
        "columns": [column.replace("_", " ") for column in columns],
        "rows": [(row[0], [_text(cell) for cell in row[1:]]) for row in rows],
    }


def _text(cell: object) -> str:
    if cell is None:
        return "–"
    return number(cell) if isinstance(cell, float) else str(cell)


def _between(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{number(low)} to {number(high)}"
