"""Model boards and comparisons of models as tables for a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from podium.cli.tables import plain
from podium.sdk.model_board_answers import ModelBoard, ModelComparison

_NONE = "–"
_VERDICTS = {True: "distinguishable", False: "not distinguishable", None: _NONE}


def board_table(board: ModelBoard) -> Table:
    """The models of a board."""
    dataset = board.dataset
    table = _table(dataset.name, "Rank>", "Model", f"{dataset.evaluation_metric or 'Score'}>", "Interval>", "", "Day")
    for row in board.models:
        cells = (_whole(row.rank), row.model_name, _number(row.score), _interval(row.ci_low, row.ci_high))
        _add(table, *cells, row.badge, row.updated)
    return table


def models_table(found: ModelComparison) -> Table:
    """The models that are compared."""
    table = _table(found.metric, "Model", "Score>", "Interval>", "Ranks the data allow>")
    for row in found.models:
        ranks = _NONE if row.rank_best is None else f"{row.rank_best} to {row.rank_worst}"
        _add(table, row.model, _number(row.score), _interval(row.ci_low, row.ci_high), ranks)
    return table


def pairs_table(found: ModelComparison) -> Table:
    """Each pair of models."""
    table = _table("Pairs", "First", "Second", "Difference>", "Interval>", "p>", "")
    for pair in found.pairs:
        cells = (pair.first, pair.second, f"{pair.estimate:+.4f}", _interval(pair.low, pair.high), _number(pair.p))
        _add(table, *cells, _VERDICTS[pair.distinguishable])
    return table


def print_table(table: Table) -> None:
    """Write a table to standard output."""
    Console(highlight=False, markup=False).print(table)


def _table(title: str, *headings: str) -> Table:
    table = Table(title=plain(title), title_justify="left")
    for heading in headings:
        table.add_column(plain(heading.removesuffix(">")), justify="right" if heading.endswith(">") else "left")
    return table


def _add(table: Table, *cells: str) -> None:
    table.add_row(*(plain(cell) for cell in cells))


def _number(value: float | None) -> str:
    return _NONE if value is None else f"{value:.4f}"


def _interval(low: float | None, high: float | None) -> str:
    return _NONE if low is None or high is None else f"{low:.4f} to {high:.4f}"


def _whole(value: int | None) -> str:
    return _NONE if value is None else str(value)
