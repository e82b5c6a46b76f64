"""Boards as tables, and what went wrong, for people at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from podium.cli.local.board import Board, Entry
from podium.cli.tables import add_row, board_table, plain, printable
from podium.rules.board.columns import Column
from podium.rules.errors import ProgramError

_LOG_LINES = 15


def show_board(board: Board, console: Console) -> None:
    """Print the board, and below it the values by task where there are several."""
    columns = [column for column in board.columns if not column.hidden]
    table = board_table(f"{board.phase.name}: {board.title}", ("Rank", "Submission"), columns)
    for entry in board.entries:
        place = "failed" if entry.rank is None else str(entry.rank)
        add_row(table, (place, entry.result.entrant.name), columns, entry.values.values)
    console.print(table)
    if len(board.tasks) > 1:
        console.print(_by_task(board, columns))


def show_failures(board: Board, console: Console) -> None:
    """Print why submissions failed, with the end of the log, and why values are missing."""
    for entry in board.entries:
        name = entry.result.entrant.name
        for task in entry.result.tasks:
            if task.failure is None:
                continue
            where = f"{name}, {task.task}" if len(board.tasks) > 1 else name
            said = f"{where} failed: {task.failure.message} {task.failure.hint}".rstrip()
            console.print(Text(printable(said), "red"), soft_wrap=True)
            if isinstance(task.failure, ProgramError) and task.failure.log_tail:
                lines = task.failure.log_tail.splitlines()[-_LOG_LINES:]
                console.print(Text("\n".join(f"    {printable(line)}" for line in lines)), soft_wrap=True)
        for note in _notes(entry):
            console.print(plain(f"{name}: {note}"), soft_wrap=True)


def _notes(entry: Entry) -> list[str]:
    notes = [note for task in entry.result.tasks for note in task.notes]
    if not entry.result.failed:
        notes += [*entry.values.reasons.values(), *entry.values.notes]
    return notes


def _by_task(board: Board, columns: list[Column]) -> Table:
    table = board_table("By task", ("Submission", "Task"), columns)
    for entry in board.entries:
        for task in entry.result.tasks:
            first = (entry.result.entrant.name, task.task)
            values = entry.by_task.get(task.task)
            if values is None:
                table.add_row(*map(plain, first), "failed")
            else:
                add_row(table, first, columns, values.values)
    return table
