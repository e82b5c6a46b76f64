"""Boards as Codabench's clients read them (`GET /api/phases/<id>/get_leaderboard/`, `/api/leaderboards/<id>/`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from podium.rules.access import Action
from podium.rules.board.columns import Column
from podium.rules.errors import NotFound
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import standing_of
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.queries.contract_rows import contract_rows
from podium.server.leaderboards.queries.plan import BoardTask, column_of, leaderboard_not_found
from podium.server.leaderboards.queries.sight import BoardSight, board_for, check_shown

LARGEST_PAGE = 1000
_USUAL_PAGE = 100


@dataclass(frozen=True)
class BoardPage:
    """A part of a board: page `number`, from 1, of pages of `size` rows."""

    number: int
    size: int

    @classmethod
    def wanted(cls, number: int | None, size: int | None) -> BoardPage | None:
        """The page that a client asks for; None where it names neither a page nor a size, and means the whole."""
        return None if number is None and size is None else cls(number or 1, size or _USUAL_PAGE)

    @property
    def offset(self) -> int:
        """How many rows stand before it."""
        return (self.number - 1) * self.size

    def check(self, total: int) -> None:
        """Raises NotFound where a board of so many rows has no such page; the first one exists always."""
        if self.number > 1 and self.offset >= total:
            raise NotFound("no-such-page", "Invalid page.", "Begin with page 1.")


def contract_json(
    phase_id: int, person: Person | None, *, secret_key: UUID | None = None, page: BoardPage | None = None
) -> dict[str, Any]:
    """The first board of a phase in rank order, whole or a page of it; five queries, however long it is, and two more
    for a page, which also says how many rows the board has.

    Every score is a text, rounded to the precision of its column. A missing one is left out, as are hidden columns
    for everybody who may not see them. `aggregates`, which Codabench does not have, are the values that rank.

    Raises:
        NotFound: there is no such phase, board or page, or its competition is not visible to this person.
        NotAllowed: the organizer keeps the board hidden.
    """
    sight = board_for(person, phase_id, secret_key=secret_key)
    placed = _placed(page, [sight])
    return placed | board_json(sight, [submission for _, submission in _submissions([sight], page)])


def board_json(sight: BoardSight, submissions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A board that the person sees, with these rows, as the contract has it."""
    plan = sight.plan
    return {
        "title": plan.title,
        "id": plan.phase_id,
        "primary_index": plan.primary_index,
        "fact_sheet_keys": [[each.key, each.title] for each in sight.questions] if sight.has_fact_sheet else None,
        "tasks": [_task(sight, task) for task in plan.tasks],
        "submissions": list(submissions),
    }


def leaderboard_json(
    person: Person | None,
    leaderboard_id: int,
    *,
    secret_key: UUID | None = None,
    page: BoardPage | None = None,
) -> dict[str, Any]:
    """One leaderboard with the boards of all phases, in the order of the phases and each in rank order, whole or a
    page of them all.

    Five queries for each phase and four more, and up to three for each phase where a page is asked for.

    Raises:
        NotFound: there is no such leaderboard or page, or its competition is not visible to this person.
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
        **_placed(page, sights),
        **_board(board, sees_hidden=standing.may(Action.SEE_HIDDEN_BOARD)),
        "submissions": [{"phase": phase_id, **submission} for phase_id, submission in _submissions(sights, page)],
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


def _placed(page: BoardPage | None, sights: Sequence[BoardSight]) -> dict[str, int]:
    """Where a page lies in the whole; nothing where the whole is asked for."""
    if page is None:
        return {}
    count = sum(sight.ranked.total() for sight in sights)
    page.check(count)
    return {"count": count, "page": page.number, "page_size": page.size}


def _submissions(sights: Sequence[BoardSight], page: BoardPage | None) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of several boards, one after the other, each with its phase."""
    if page is None:
        yield from ((sight.plan.phase_id, row) for sight in sights for row in contract_rows(sight))
        return
    offset, left = page.offset, page.size
    for sight in sights:
        # Where there is one board, nobody needs to know how long it is to find the next one's first row.
        total = sight.ranked.total() if len(sights) > 1 else offset + left
        if offset < total and left:
            found = list(contract_rows(sight, (offset, left)))
            left -= len(found)
            yield from ((sight.plan.phase_id, row) for row in found)
        offset = max(offset - total, 0)


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
