"""The whole of a board, row by row in rank order, with raw values; in constant memory, however long it is."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from podium.rules.access import Action
from podium.rules.board.marks import Mark
from podium.server.leaderboards.models import Entry, EntryMark
from podium.server.leaderboards.queries import BoardPlan, BoardSight, column_groups
from podium.server.leaderboards.queries.ranked import RankedEntries

_PORTION = 2000


@dataclass(frozen=True)
class WholeRow:
    """A row. `rank` is None, and `mark` says why, where the entry is not ranked; `cells` are by the task's id, and
    empty where they were not asked for."""

    rank: int | None
    mark: Mark | None
    submission_id: int
    owner: str
    submitted_at: datetime
    values: Mapping[str, float | None]
    cells: Mapping[str, Mapping[str, Any]]
    answers: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The participant, with the mark where there is one."""
        return f"{self.owner} ({self.mark})" if self.mark else self.owner


@dataclass(frozen=True)
class ValueColumn:
    """A column of values: those that rank where `task_id` is None, else those of one task."""

    title: str
    key: str
    precision: int
    task_id: int | None

    def of(self, row: WholeRow) -> float | None:
        """The raw value that a row has here; None where it is missing."""
        held = row.values if self.task_id is None else row.cells.get(str(self.task_id), {}).get("values", {})
        value = held.get(self.key)
        # A database may hand out a whole number for 1e300.
        return None if value is None else float(value)


def value_columns(sight: BoardSight) -> tuple[ValueColumn, ...]:
    """All columns that the person sees, from left to right as the page has them."""
    groups = column_groups(sight)
    several = len(groups) > 1
    of_tasks = {column.key: column.precision for column in sight.columns}
    ranking = {column.key: column.precision for column in sight.ranking_columns}
    return tuple(
        ValueColumn(
            title=f"{group.title}: {column.title}" if several else column.title,
            key=column.key,
            precision=(ranking if group.task_id is None else of_tasks)[column.key],
            # With one task, its values are those that rank.
            task_id=group.task_id if several else None,
        )
        for group in groups
        for column in group.columns
    )


def whole_board(plan: BoardPlan, *, sees_hidden: bool, with_cells: bool = False) -> Iterator[WholeRow]:
    """Every entry of a board in rank order. Baselines stand where their scores put them, without a rank; hidden entries
    are for `sees_hidden` only."""
    entries = Entry.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id)
    marks = {
        submission: Mark(kind)
        for submission, kind in EntryMark.objects.filter(leaderboard_id=plan.leaderboard_id).values_list(
            "submission_id", "kind"
        )
    }
    # Few entries are marked, and the many others come in the order of an index.
    marked = list(_raw(entries.filter(ranked=False), with_cells=with_cells)) if marks else []
    rank = 0
    for key, submission, name, username, at, values, answers, cells in heapq.merge(
        _raw(RankedEntries(plan.leaderboard_id, plan.phase_id).entries(), with_cells=with_cells),
        marked,
        key=itemgetter(0),
    ):
        del key
        mark = marks.get(submission)
        if mark is None:
            rank += 1
        elif mark is Mark.HIDDEN and not sees_hidden:
            continue
        yield WholeRow(
            None if mark else rank, mark, submission, name or username, at, values, cells or {}, answers or {}
        )


def sees_hidden_entries(sight: BoardSight) -> bool:
    """Whether the person is shown entries that the organizers hide."""
    return sight.standing.may(Action.SEE_HIDDEN_BOARD)


def _raw(entries: QuerySet[Entry], *, with_cells: bool) -> Iterator[tuple[Any, ...]]:
    names = ["rank_key", "submission_id", "owner__display_name", "owner__username", "submitted_at", "values"]
    names.append("fact_sheet_answers")
    if with_cells:
        names.append("cells")
    for row in entries.order_by("rank_key").values_list(*names).iterator(_PORTION):
        yield (bytes(row[0]), *row[1:]) if with_cells else (bytes(row[0]), *row[1:], None)
