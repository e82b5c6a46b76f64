"""The board of a phase from the results of a local run, by the rules that the server uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from podium.cli.local.phase import EntrantResult, TaskResult
from podium.rules.board.aggregate import aggregate
from podium.rules.board.columns import Column
from podium.rules.board.computation import BoardValues, compute
from podium.rules.board.ranking import Row, rank
from podium.rules.bundle.spec import CompetitionSpec, PhaseSpec
from podium.rules.errors import ProgramError, UserError

_ONE_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Submissions of a local run count as sent at once; equal ones stay in the order in which they were named."""


@dataclass(frozen=True)
class Entry:
    """One row: `rank` is None where the submission failed, `by_task` has the values of every task that succeeded."""

    rank: int | None
    result: EntrantResult
    values: BoardValues
    by_task: Mapping[str, BoardValues]


@dataclass(frozen=True)
class Board:
    """The board of one phase: entries in rank order, failed ones last. `tasks` are the names of its tasks."""

    phase: PhaseSpec
    title: str
    columns: tuple[Column, ...]
    tasks: tuple[str, ...]
    entries: tuple[Entry, ...]

    @property
    def failed(self) -> bool:
        """Whether any submission failed."""
        return any(entry.result.failed for entry in self.entries)


def make_board(
    spec: CompetitionSpec, phase: PhaseSpec, tasks: Sequence[str], results: Sequence[EntrantResult]
) -> Board:
    """Rank the results of a phase on the competition's first leaderboard, which serves all its phases."""
    leaderboard = spec.leaderboards[0]
    columns = leaderboard.columns
    unranked = [_entry(columns, tasks, result) for result in results]
    rows = [
        Row(number, _ONE_TIME, entry.values.values) for number, entry in enumerate(unranked) if not entry.result.failed
    ]
    ranked = [
        Entry(
            place,
            unranked[row.submission_id].result,
            unranked[row.submission_id].values,
            unranked[row.submission_id].by_task,
        )
        for place, row in enumerate(rank(columns, leaderboard.primary_index, rows), start=1)
    ]
    failed = [entry for entry in unranked if entry.result.failed]
    return Board(phase, leaderboard.title, columns, tuple(tasks), (*ranked, *failed))


def _entry(columns: Sequence[Column], tasks: Sequence[str], result: EntrantResult) -> Entry:
    by_task = {task.task: compute(columns, task.scores) for task in result.tasks if task.failure is None}
    return Entry(None, result, aggregate(columns, tasks, by_task), by_task)


def as_json(board: Board) -> dict[str, Any]:
    """The board as plain values: raw scores by column key, null where a value is missing."""
    return {
        "phase": board.phase.name,
        "phase_index": board.phase.index,
        "leaderboard": board.title,
        "tasks": list(board.tasks),
        "columns": [
            {
                "key": column.key,
                "title": column.title,
                "sorting": str(column.sorting),
                "precision": column.precision,
                "hidden": column.hidden,
                "computation": str(column.computation) if column.computation else None,
            }
            for column in board.columns
        ],
        "entries": [_entry_json(board, entry) for entry in board.entries],
    }


def _entry_json(board: Board, entry: Entry) -> dict[str, Any]:
    written: dict[str, Any] = {
        "rank": entry.rank,
        "name": entry.result.entrant.name,
        "status": _status(entry.result.failed),
        "scores": dict(entry.values.values),
        "problems": [_problem(task, board) for task in entry.result.tasks if task.failure is not None],
        "notes": [
            *entry.values.reasons.values(),
            *entry.values.notes,
            *(note for task in entry.result.tasks for note in task.notes),
        ],
        "elapsed_s": round(sum(task.elapsed_s for task in entry.result.tasks), 3),
    }
    if len(board.tasks) > 1:
        written["tasks"] = [
            {
                "task": task.task,
                "status": _status(task.failure is not None),
                "scores": dict(entry.by_task[task.task].values) if task.task in entry.by_task else {},
            }
            for task in entry.result.tasks
        ]
    return written


def _status(failed: bool) -> str:
    return "Failed" if failed else "Finished"


def _problem(task: TaskResult, board: Board) -> dict[str, Any]:
    failure = task.failure
    problem: dict[str, Any] = {"code": "", "message": "", "hint": ""}
    if isinstance(failure, (ProgramError, UserError)):
        problem = {"code": failure.code, "message": failure.message, "hint": failure.hint}
    if len(board.tasks) > 1:
        problem["task"] = task.task
    if isinstance(failure, ProgramError) and failure.log_tail:
        problem["log_tail"] = failure.log_tail
    return problem
