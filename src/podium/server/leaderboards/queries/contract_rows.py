"""The rows of a board as Codabench's clients read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from podium.rules.access import Action
from podium.rules.board.columns import Column
from podium.rules.board.display import shown
from podium.rules.board.ranking import column_order
from podium.server.leaderboards.queries.sight import BoardSight, owner_name
from podium.server.leaderboards.queries.stored_rows import ranked_rows, stored_rows

_STORED = (
    "submission_id",
    "owner__username",
    "owner__display_name",
    "submitted_at",
    "values",
    "cells",
    "fact_sheet_answers",
)


@dataclass(frozen=True)
class _Shape:
    """What the rows of a board have in common, found once: a row takes a part of a millisecond."""

    columns: tuple[Column, ...]
    ranking_columns: tuple[Column, ...]
    primary: frozenset[str]
    tasks: tuple[tuple[int, str], ...]
    public_answers: frozenset[str] | None

    @classmethod
    def of(cls, sight: BoardSight) -> _Shape:
        plan = sight.plan
        sees_all = sight.standing.may(Action.SEE_ANY_SUBMISSION)
        return cls(
            columns=sight.columns,
            ranking_columns=sight.ranking_columns,
            primary=frozenset(column.key for column in column_order(plan.columns, plan.primary_index)[:1]),
            tasks=tuple((task.id, str(task.id)) for task in plan.tasks),
            public_answers=None if sees_all else frozenset(question.key for question in sight.questions),
        )


def contract_rows(sight: BoardSight, page: tuple[int, int] | None = None) -> Iterator[dict[str, Any]]:
    """The ranked entries of the board, best first: all of them, or of a `page`, an offset and a limit."""
    ranked = sight.ranked
    return as_contract(sight, stored_rows(ranked.in_order(), *_STORED) if page is None else ranked_rows(ranked, *page))


def as_contract(sight: BoardSight, rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows of entries, each as the contract has it."""
    shape = _Shape.of(sight)
    return (_submission(shape, row) for row in rows)


def _submission(shape: _Shape, row: Mapping[str, Any]) -> dict[str, Any]:
    cells = row["cells"]
    parts = [(task_id, cells[key]) for task_id, key in shape.tasks if key in cells]
    by_task = [_scores(shape, shape.columns, part["values"]) for _, part in parts]
    # With one task they are the same, and what is the same is worked out once.
    same = len(parts) == 1 and parts[0][1]["values"] == row["values"] and shape.columns == shape.ranking_columns
    return {
        "id": row["submission_id"],
        "owner": owner_name(row),
        "scores": [
            {"id": part["scores"].get(score["column_key"]), "task_id": task_id, **score}
            for (task_id, part), scores in zip(parts, by_task, strict=True)
            for score in scores
        ],
        "aggregates": by_task[0] if same else _scores(shape, shape.ranking_columns, row["values"]),
        "detailed_results": [{"task": task_id, "id": part["submission"]} for task_id, part in parts],
        "fact_sheet_answers": _answers(shape, row["fact_sheet_answers"]),
        "slug_url": "",
        "organization": None,
        "created_when": row["submitted_at"].isoformat(),
    }


def _scores(shape: _Shape, columns: tuple[Column, ...], values: Mapping[str, float | None]) -> list[dict[str, Any]]:
    return [
        {
            "index": column.index,
            "score": shown(value, column.precision),
            "column_key": column.key,
            "precision": column.precision,
            "is_primary": column.key in shape.primary,
        }
        for column in columns
        if (value := values.get(column.key)) is not None
    ]


def _answers(shape: _Shape, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The answers that stand on the board; the other ones are between the participant and the organizer."""
    if given is None or shape.public_answers is None:
        return None if given is None else dict(given)
    return {key: answer for key, answer in given.items() if key in shape.public_answers}
