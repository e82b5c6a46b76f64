"""Boards as tables, and what went wrong, for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from podium.cli.local.board import Board, Entry, PhaseBoards, unscored
from podium.cli.local.results import TaskResult
from podium.cli.printing import printable
from podium.cli.tables import add_row, board_table, plain
from podium.rules.errors import ProgramError
from podium.rules.runs import Step

_LOG_LINES = 15


def show_boards(phase: PhaseBoards, console: Console) -> None:
    """Print the board of every leaderboard, and below it the values by task where there are several.

    The first one also shows how long the steps took.
    """
    for board in phase.boards:
        timed = _steps_that_ran(board) if board is phase.boards[0] else []
        console.print(_rows(phase, board, timed))
        if len(phase.tasks) > 1:
            console.print(_by_task(board, timed))


def _rows(phase: PhaseBoards, board: Board, timed: Sequence[Step]) -> Table:
    columns = [column for column in board.columns if not column.hidden]
    title = f"{phase.phase.name}: {board.leaderboard.title}{' (hidden)' if board.leaderboard.hidden else ''}"
    table = board_table(title, ("Rank", "Submission"), columns, _headings(timed))
    for entry in board.entries:
        place = "failed" if entry.rank is None else str(entry.rank)
        times = [_seconds(entry.result.tasks, step) for step in timed]
        add_row(table, (place, entry.result.entrant.name), columns, entry.values.values, times)
    return table


def _by_task(board: Board, timed: Sequence[Step]) -> Table:
    columns = [column for column in board.columns if not column.hidden]
    table = board_table("By task", ("Submission", "Task"), columns, _headings(timed))
    for entry in board.entries:
        for task in entry.result.tasks:
            times = [_seconds([task], step) for step in timed]
            name = entry.result.entrant.name
            values = entry.by_task.get(task.task)
            if values is None:
                cells = ["failed", *("" for _ in columns)][: len(columns)]
                table.add_row(plain(name), plain(task.task), *cells, *times)
            else:
                add_row(table, (name, task.task), columns, values.values, times)
    return table


def _steps_that_ran(board: Board) -> list[Step]:
    ran = {run.step for entry in board.entries for task in entry.result.tasks for run in task.steps}
    return [step for step in Step if step in ran]


def _headings(timed: Sequence[Step]) -> list[str]:
    return [str(step).capitalize() for step in timed]


def _seconds(tasks: Iterable[TaskResult], step: Step) -> str:
    """How long a step took on all these tasks together; nothing where it did not run."""
    ran = [run.elapsed_s for task in tasks for run in task.steps if run.step is step]
    return f"{sum(ran):.1f} s" if ran else ""


def show_failures(phase: PhaseBoards, console: Console) -> None:
    """Print why submissions failed, with the end of the log, and why values are missing."""
    for board in phase.boards:
        for entry in board.entries:
            if board is phase.boards[0]:
                _show_failed_tasks(phase, board, entry, console)
            name = entry.result.entrant.name
            for note in _notes(phase, board, entry):
                console.print(plain(f"{name}: {note}"), soft_wrap=True)


def _show_failed_tasks(phase: PhaseBoards, board: Board, entry: Entry, console: Console) -> None:
    name = entry.result.entrant.name
    for task in entry.result.tasks:
        if task.failure is None:
            continue
        where = f"{name}, {task.task}" if len(phase.tasks) > 1 else name
        said = f"{where} failed: {task.failure.message} {task.failure.hint}".rstrip()
        console.print(Text(printable(said), "red"), soft_wrap=True)
        if isinstance(task.failure, ProgramError) and task.failure.log_tail:
            lines = task.failure.log_tail.splitlines()[-_LOG_LINES:]
            console.print(Text("\n".join(f"    {printable(line)}" for line in lines)), soft_wrap=True)
    for task_name, reason in unscored(board, entry):
        where = f"{name}, {task_name}" if len(phase.tasks) > 1 else name
        console.print(Text(printable(f"{where} was not scored: {reason}"), "red"), soft_wrap=True)


def _notes(phase: PhaseBoards, board: Board, entry: Entry) -> list[str]:
    """Why values are missing, and with the first board also the remarks of the run itself."""
    reasons = [] if entry.result.failed else list(entry.values.reasons.values())
    if board is not phase.boards[0]:
        return reasons
    remarks = [note for task in entry.result.tasks for note in task.notes]
    return [*remarks, *reasons, *(() if entry.result.failed else entry.values.notes)]
