"""One board as a table, in the formats that people want it in. Only CSV and JSON carry raw values; in the others they
are rounded as on the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import orjson

from podium.rules.board.display import aligned
from podium.server.exports.boards.rows import (
    ValueColumn,
    WholeRow,
    sees_hidden_entries,
    value_columns,
    whole_board,
)
from podium.server.exports.tables import Head, write_csv_table, write_latex_table, write_markdown_table
from podium.server.leaderboards.queries import BoardSight


@dataclass(frozen=True)
class BoardTable:
    """A board as one person may see it, ready to be written: `questions` are the key and title of those of the fact
    sheet, `rows` can be gone through once."""

    title: str
    phase: str
    questions: tuple[tuple[str, str], ...]
    columns: tuple[ValueColumn, ...]
    rows: Iterator[WholeRow]


Writer = Callable[[BoardTable, TextIO], None]


def table_of(sight: BoardSight, columns: Sequence[ValueColumn] | None = None) -> BoardTable:
    """The table of a board, with all columns that the person sees or with some of them."""
    chosen = tuple(value_columns(sight) if columns is None else columns)
    rows = whole_board(
        sight.plan,
        sees_hidden=sees_hidden_entries(sight),
        with_cells=any(column.task_id is not None for column in chosen),
    )
    questions = tuple((question.key, question.title) for question in sight.questions)
    return BoardTable(sight.plan.title, sight.plan.phase_name, questions, chosen, rows)


def write_csv(table: BoardTable, target: TextIO) -> None:
    """Ranks, participants, answers, raw values and moments."""
    rows = (
        (row.rank, row.name, *answers_of(row, table.questions), *_values(table, row), row.submitted_at.isoformat())
        for row in table.rows
    )
    write_csv_table([*_heads(table), Head("Submitted")], rows, target)


def write_json(table: BoardTable, target: TextIO) -> None:
    """An object with `columns` and `rows`; values that are missing are null."""
    columns = [
        {"title": column.title, "key": column.key, "task": column.task_id, "precision": column.precision}
        for column in table.columns
    ]
    head = {
        "title": table.title,
        "phase": table.phase,
        "columns": columns,
        "questions": [{"key": key, "title": title} for key, title in table.questions],
    }
    target.write(orjson.dumps(head).decode()[:-1] + ',"rows":[')
    for number, row in enumerate(table.rows):
        written: Mapping[str, Any] = {
            "rank": row.rank,
            "mark": row.mark,
            "participant": row.owner,
            "submission": row.submission_id,
            "submitted_at": row.submitted_at,
            "answers": {key: row.answers.get(key) for key, _ in table.questions},
            "values": _values(table, row),
        }
        text = orjson.dumps(written, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC).decode()
        target.write(f"{',' if number else ''}\n{text}")
    target.write("\n]}\n")


def write_markdown(table: BoardTable, target: TextIO) -> None:
    """A table of GitHub's Markdown."""
    write_markdown_table(_heads(table), (_texts(table, row) for row in table.rows), target)


def write_latex(table: BoardTable, target: TextIO) -> None:
    """A `tabular` with the rules of the package booktabs."""
    write_latex_table(_heads(table), (_texts(table, row) for row in table.rows), target)


def answers_of(row: WholeRow, questions: Iterable[tuple[str, str]]) -> list[str]:
    """What a participant answered, as text."""
    return [_answer(row.answers.get(key)) for key, _ in questions]


def _heads(table: BoardTable) -> list[Head]:
    questions = [Head(title) for _, title in table.questions]
    columns = [Head(column.title, is_number=True) for column in table.columns]
    return [Head("Rank", is_number=True), Head("Participant"), *questions, *columns]


def _values(table: BoardTable, row: WholeRow) -> list[float | None]:
    return [column.of(row) for column in table.columns]


def _texts(table: BoardTable, row: WholeRow) -> list[str]:
    rank = "" if row.rank is None else str(row.rank)
    values = [aligned(column.of(row), column.precision) for column in table.columns]
    return [rank, row.name, *answers_of(row, table.questions), *values]


def _answer(answer: object) -> str:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return "" if answer is None else str(answer)
