"""Boards as tables, and what went wrong, for people at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from podium.cli.local.board import Board, Entry
from podium.rules.board.columns import Column
from podium.rules.board.computation import BoardValues
from podium.rules.board.display import shown
from podium.rules.errors import ProgramError

_LOG_LINES = 15


def show_board(board: Board, console: Console) -> None:
    """Print the board, and below it the values by task where there are several."""
    columns = [column for column in board.columns if not column.hidden]
    table = _table(f"{board.phase.name}: {board.title}", columns, ("Rank", "Submission"))
    for entry in board.entries:
        place = "failed" if entry.rank is None else str(entry.rank)
        table.add_row(place, Text(entry.result.entrant.name), *_cells(columns, entry.values))
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
            console.print(
                Text(f"{where} failed: {task.failure.message} {task.failure.hint}".rstrip(), "red"), soft_wrap=True
            )
            if isinstance(task.failure, ProgramError) and task.failure.log_tail:
                lines = task.failure.log_tail.splitlines()[-_LOG_LINES:]
                console.print(Text("\n".join(f"    {_printable(line)}" for line in lines)), soft_wrap=True)
        for note in _notes(entry):
            console.print(Text(f"{name}: {note}"), soft_wrap=True)


def _notes(entry: Entry) -> list[str]:
    notes = [note for task in entry.result.tasks for note in task.notes]
    if not entry.result.failed:
        notes += [*entry.values.reasons.values(), *entry.values.notes]
    return notes


def _by_task(board: Board, columns: list[Column]) -> Table:
    table = _table("By task", columns, ("Submission", "Task"))
    for entry in board.entries:
        for task in entry.result.tasks:
            values = entry.by_task.get(task.task)
            cells = _cells(columns, values) if values else ["failed", *[""] * (len(columns) - 1)]
            table.add_row(Text(entry.result.entrant.name), Text(task.task), *cells)
    return table


def _table(title: str, columns: list[Column], first: tuple[str, str]) -> Table:
    table = Table(title=Text(title), title_justify="left")
    for heading in first:
        table.add_column(heading)
    for column in columns:
        table.add_column(Text(column.title), justify="right")
    return table


def _cells(columns: list[Column], values: BoardValues) -> list[str]:
    return [shown(values.values.get(column.key), column.precision) for column in columns]


def _printable(line: str) -> str:
    """A line of a program's log without what would steer the terminal."""
    return "".join(character if character.isprintable() or character == "\t" else " " for character in line)
