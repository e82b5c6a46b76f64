"""Boards as they were at some moment, with ranks and marks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from podium.server.api.answers import answer
from podium.server.api.asking import visitor_or_person
from podium.server.api.codabench.numbers import Id, PageNumber
from podium.server.api.codabench.phases import PageSize
from podium.server.leaderboards.queries import BoardRow
from podium.server.past.moments import moment_of
from podium.server.past.queries import past_board
from podium.server.past.sight import past_phase, require_boards
from podium.server.submissions.queries.shared import answers_of


def board_then(
    request: HttpRequest,
    pk: Id,
    at: str,
    leaderboard: Id | None = None,
    task: Id | None = None,
    page: PageNumber = 1,
    page_size: PageSize = 100,
    secret_key: UUID | None = None,
) -> HttpResponse:
    """A page of a board of a phase at a moment, the first of that time where none is named, as one task alone ranked it
    where one is named: with the number of the last event before that moment, and the boards that there were."""
    person = visitor_or_person(request)
    require_boards(person, pk, secret_key=secret_key)
    phase = past_phase(person, pk, moment_of(at), secret_key=secret_key)
    found = past_board(
        phase, leaderboard, limit=page_size, offset=page_size * (page - 1), answers_of=answers_of, task_id=task
    )
    board = found.board
    return answer(
        {
            "at": found.at,
            "event": found.seq,
            "phase": pk,
            "leaderboard": board.leaderboard_id,
            "title": board.title,
            "leaderboards": [{"id": each.id, "title": each.title, "removed": each.removed} for each in phase.boards],
            "task": task,
            "tasks": [{"id": each.id, "title": each.label} for each in found.sight.tabs],
            "submission_rule": board.rule,
            "count": board.total,
            "page": page,
            "page_size": page_size,
            "withheld": found.withheld,
            "columns": [
                {"task": group.task_id, "key": column.key, "title": column.title, "hidden": column.hidden}
                for group in board.groups
                for column in group.columns
            ],
            "rows": [_row(row) for row in board.rows],
        }
    )


def _row(row: BoardRow) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "mark": row.mark.value if row.mark else None,
        "submission": row.submission_id,
        "owner": row.owner,
        "submitted_at": row.at,
        "cells": [None if cell.missing else cell.text for cell in row.cells],
    }
