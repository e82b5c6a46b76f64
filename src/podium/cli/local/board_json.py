"""The boards of a phase as plain values: raw scores by column key, null where a value is missing."""

from __future__ import annotations

from typing import Any

from podium.cli.local.board import Board, Entry, PhaseBoards
from podium.cli.local.keep import program_as_json
from podium.cli.local.results import TaskResult
from podium.rules.errors import ProgramError, UserError


def as_json(phase: PhaseBoards) -> dict[str, Any]:
    """One phase. The keys of the first leaderboard stand outside, `leaderboards` has them all."""
    first = phase.boards[0]
    board = _board_json(phase, first)
    return {
        "phase": phase.phase.name,
        "phase_index": phase.phase.index,
        "leaderboard": first.leaderboard.title,
        "tasks": list(phase.tasks),
        "columns": board["columns"],
        "entries": [{**_scored(phase, entry), **_how_it_went(phase, entry)} for entry in first.entries],
        "leaderboards": [_board_json(phase, board) for board in phase.boards],
    }


def _board_json(phase: PhaseBoards, board: Board) -> dict[str, Any]:
    return {
        "key": board.leaderboard.key,
        "title": board.leaderboard.title,
        "hidden": board.leaderboard.hidden,
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
        "entries": [_scored(phase, entry) for entry in board.entries],
    }


def _scored(phase: PhaseBoards, entry: Entry) -> dict[str, Any]:
    """What stands on the board."""
    written: dict[str, Any] = {
        "rank": entry.rank,
        "name": entry.result.entrant.name,
        "status": _status(failed=entry.result.failed),
        "scores": dict(entry.values.values),
    }
    if len(phase.tasks) > 1:
        written["tasks"] = [
            {
                "task": task.task,
                "status": _status(failed=task.failure is not None),
                "scores": dict(entry.by_task[task.task].values) if task.task in entry.by_task else {},
            }
            for task in entry.result.tasks
        ]
    return written


def _how_it_went(phase: PhaseBoards, entry: Entry) -> dict[str, Any]:
    result = entry.result
    return {
        "problems": [_problem(task, phase) for task in result.tasks if task.failure is not None],
        "notes": [
            *entry.values.reasons.values(),
            *entry.values.notes,
            *(note for task in result.tasks for note in task.notes),
        ],
        "elapsed_s": round(result.elapsed_s, 3),
        "cpu_s": _seconds(result.cpu_s),
        "steps": [
            {
                "task": task.task,
                "step": str(step.step),
                "status": _status(failed=not step.ok),
                "elapsed_s": round(step.elapsed_s, 3),
                "cpu_s": _seconds(step.cpu_s),
                "programs": [program_as_json(step.step, run) for run in step.programs],
            }
            for task in result.tasks
            for step in task.steps
        ],
    }


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _status(*, failed: bool) -> str:
    return "Failed" if failed else "Finished"


def _problem(task: TaskResult, phase: PhaseBoards) -> dict[str, Any]:
    failure = task.failure
    problem: dict[str, Any] = {"code": "", "message": "", "hint": ""}
    if isinstance(failure, (ProgramError, UserError)):
        problem = {"code": failure.code, "message": failure.message, "hint": failure.hint}
    if len(phase.tasks) > 1:
        problem["task"] = task.task
    if isinstance(failure, ProgramError) and failure.log_tail:
        problem["log_tail"] = failure.log_tail
    return problem
