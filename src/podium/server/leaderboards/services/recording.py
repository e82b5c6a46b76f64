"""What the history says of the leaderboards of a competition: all that decides what they show."""

from __future__ import annotations

from collections.abc import Mapping

from podium.rules.board.aggregate import board_per_task, multi_task_ranking
from podium.rules.history import EventKind
from podium.server.accounts.people import Person
from podium.server.history.parts import PartKinds, State, record_parts
from podium.server.history.services import ChainName, keep_text
from podium.server.leaderboards.models import Column, Leaderboard

_BOARDS = PartKinds("leaderboard", EventKind.BOARD_ADDED, EventKind.BOARD_CHANGED, EventKind.BOARD_REMOVED)


def board_states(competition_id: int) -> Mapping[int, State]:
    """The leaderboards of a competition as they are now, by their numbers; titles stand for themselves."""
    boards = Leaderboard.objects.filter(competition_id=competition_id).prefetch_related("columns").order_by("index")
    return {board.pk: _board(board) for board in boards}


def record_boards(by: Person, competition_id: int, before: Mapping[int, State]) -> None:
    """Append what became of the leaderboards of a competition since `before`: an event for each that came, changed or
    went."""
    chain = ChainName.competition(competition_id)

    def written(state: State) -> State:
        columns = [{**column, "title": keep_text(chain, column["title"])} for column in state["columns"]]
        return {**state, "title": keep_text(chain, state["title"]), "columns": columns}

    record_parts(chain, _BOARDS, before, board_states(competition_id), by=by, written=written)


def _board(row: Leaderboard) -> State:
    return {
        "index": row.index,
        "key": row.key,
        "title": row.title,
        "submission_rule": row.submission_rule,
        "hidden": row.hidden,
        "primary_index": row.primary_index,
        "multi_task": multi_task_ranking(row.extensions).value,
        "board_per_task": board_per_task(row.extensions),
        "columns": [_column(column) for column in row.columns.all()],
    }


def _column(row: Column) -> State:
    return {
        "column": row.pk,
        "index": row.index,
        "key": row.key,
        "title": row.title,
        "sorting": row.sorting,
        "precision": row.precision,
        "hidden": row.hidden,
        "computation": row.computation,
        "computation_indexes": list(row.computation_indexes),
    }
