"""Boards as Codabench's clients read them (`GET /api/phases/<id>/get_leaderboard/`, `/api/leaderboards/<id>/`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from podium.rules.access import Action
from podium.rules.board.columns import Column
from podium.rules.board.display import shown
from podium.rules.board.ranking import column_order
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import standing_of
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.queries.plan import BoardTask, column_of, leaderboard_not_found
from podium.server.leaderboards.queries.sight import BoardSight, board_for, check_shown, owner_name


def contract_json(phase_id: int, person: Person | None, *, secret_key: UUID | None = None) -> dict[str, Any]:
    """The whole first board of a phase in rank order; nine queries, however long it is.

    Every score is a text, rounded to the precision of its column. A missing one is left out, as are hidden columns
    for everybody who may not see them. `aggregates`, which Codabench does not have, are the values that rank.

    Raises:
        NotFound: there is no such phase or board, or its competition is not visible to this person.
        NotAllowed: the organizer keeps the board hidden.
    """
    sight = board_for(person, phase_id, secret_key=secret_key)
    plan = sight.plan
    return {
        "title": plan.title,
        "id": plan.phase_id,
        "primary_index": plan.primary_index,
        "fact_sheet_keys": [[each.key, each.title] for each in sight.questions] if sight.has_fact_sheet else None,
        "tasks": [_task(sight, task) for task in plan.tasks],
        "submissions": _submissions(sight),
    }


def leaderboard_json(person: Person | None, leaderboard_id: int, *, secret_key: UUID | None = None) -> dict[str, Any]:
    """One leaderboard with the boards of all phases, in the order of the phases and each in rank order.

    Nine queries for each phase and four more.

    Raises:
        NotFound: there is no such leaderboard, or its competition is not visible to this person.
        NotAllowed: the organizer keeps it hidden.
    """
    board = Leaderboard.objects.filter(pk=leaderboard_id).first()
    if board is None:
        raise leaderboard_not_found()
    standing = standing_of(person, board.competition_id, secret_key=secret_key)
    if not standing.may(Action.SEE_BOARD):
        raise leaderboard_not_found()
    check_shown(person, standing, hidden=board.hidden)
    phases = Phase.objects.filter(competition_id=board.competition_id).order_by("index").values_list("pk", flat=True)
    sights = [board_for(person, phase_id, leaderboard_id, secret_key=secret_key) for phase_id in phases]
    return {
        **_board(board, sees_hidden=standing.may(Action.SEE_HIDDEN_BOARD)),
        "submissions": [
            {"phase": sight.plan.phase_id, **submission} for sight in sights for submission in _submissions(sight)
        ],
    }


def leaderboards_json(
    person: Person | None, competition_id: int, *, secret_key: UUID | None = None
) -> list[dict[str, Any]]:
    """The leaderboards of a competition with their columns; what is hidden is left out for everybody but its staff.

    Raises:
        NotFound: there is no such competition for this person.
    """
    standing = standing_of(person, competition_id, secret_key=secret_key)
    standing.require(Action.SEE_BOARD)
    sees_hidden = standing.may(Action.SEE_HIDDEN_BOARD)
    boards = Leaderboard.objects.filter(competition_id=competition_id).order_by("index")
    return [_board(board, sees_hidden=sees_hidden) for board in boards if sees_hidden or not board.hidden]


def _board(board: Leaderboard, *, sees_hidden: bool) -> dict[str, Any]:
    rows = board.columns.order_by("index")
    return {
        "id": board.pk,
        "primary_index": board.primary_index,
        "title": board.title,
        "key": board.key,
        "hidden": board.hidden,
        "submission_rule": board.submission_rule,
        "columns": [_column(row.pk, column_of(row)) for row in rows if sees_hidden or not row.hidden],
    }


def _submissions(sight: BoardSight) -> list[dict[str, Any]]:
    plan = sight.plan
    primary = frozenset(column.key for column in column_order(plan.columns, plan.primary_index)[:1])
    stored = sight.entries().values(
        "submission_id",
        "owner__username",
        "owner__display_name",
        "submitted_at",
        "values",
        "cells",
        "fact_sheet_answers",
    )
    return [_submission(sight, row, primary) for row in stored]


def _task(sight: BoardSight, task: BoardTask) -> dict[str, Any]:
    columns = [_column(sight.plan.column_ids[column.index], column) for column in sight.columns]
    return {"name": task.name, "id": task.id, "colWidth": len(columns), "columns": columns}


def _column(column_id: int, column: Column) -> dict[str, Any]:
    return {
        "id": column_id,
        "computation": column.computation.value if column.computation else None,
        "computation_indexes": [str(index) for index in column.computation_indexes] or None,
        "title": column.title,
        "key": column.key,
        "sorting": column.sorting.value,
        "index": column.index,
        "hidden": column.hidden,
        "precision": column.precision,
    }


def _submission(sight: BoardSight, row: Mapping[str, Any], primary: frozenset[str]) -> dict[str, Any]:
    parts = [(task.id, row["cells"][str(task.id)]) for task in sight.plan.tasks if str(task.id) in row["cells"]]
    return {
        "id": row["submission_id"],
        "owner": owner_name(row),
        "scores": [
            _score(column, part["values"][column.key], primary, id=part["scores"].get(column.key), task_id=task_id)
            for task_id, part in parts
            for column in sight.columns
            if part["values"].get(column.key) is not None
        ],
        "aggregates": [
            _score(column, row["values"][column.key], primary)
            for column in sight.ranking_columns
            if row["values"].get(column.key) is not None
        ],
        "detailed_results": [{"task": task_id, "id": part["submission"]} for task_id, part in parts],
        "fact_sheet_answers": _answers(sight, row["fact_sheet_answers"]),
        "slug_url": "",
        "organization": None,
        "created_when": row["submitted_at"].isoformat(),
    }


def _answers(sight: BoardSight, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The answers that stand on the board; the other ones are between the participant and the organizer."""
    if given is None or sight.standing.may(Action.SEE_ANY_SUBMISSION):
        return None if given is None else dict(given)
    public = {question.key for question in sight.questions}
    return {key: answer for key, answer in given.items() if key in public}


def _score(column: Column, value: float, primary: frozenset[str], **more: int | None) -> dict[str, Any]:
    return {
        **more,
        "index": column.index,
        "score": shown(value, column.precision),
        "column_key": column.key,
        "precision": column.precision,
        "is_primary": column.key in primary,
    }
