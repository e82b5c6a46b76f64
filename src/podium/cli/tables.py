"""Boards as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from rich.table import Table
from rich.text import Text

from podium.cli.printing import printable
from podium.rules.board.display import aligned


class ShownColumn(Protocol):
    """What a table needs to know of a board's column."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def precision(self) -> int: ...


def board_table(title: str, first: Sequence[str], columns: Sequence[ShownColumn], last: Sequence[str] = ()) -> Table:
    """An empty table: the headings `first`, then one for each column of the board, then the headings `last`."""
    table = Table(title=plain(title), title_justify="left")
    for heading in first:
        table.add_column(heading)
    for column in columns:
        table.add_column(plain(column.title), justify="right")
    for heading in last:
        table.add_column(heading, justify="right")
    return table


def add_row(
    table: Table,
    first: Iterable[str],
    columns: Sequence[ShownColumn],
    values: Mapping[str, float | None],
    last: Iterable[str] = (),
) -> None:
    """Add a row: the texts `first`, then the value of each column, then the texts `last`."""
    cells = [aligned(values.get(column.key), column.precision) for column in columns]
    table.add_row(*(plain(text) for text in first), *cells, *last)


def plain(text: str) -> Text:
    """Text of others as it is: no markup, and nothing that would steer the terminal."""
    return Text(printable(text))
