"""Where models are good: their numbers by class, entity type, language or whatever the task type divides by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podium.server.modelboards.queries import BoardRow, ResultTables
from podium.server.pages.modelboards.charts.heat import HeatCell, HeatLine, HeatTable, heat_of
from podium.server.pages.modelboards.contents import BoardContents
from podium.server.pages.modelboards.figures import number
from podium.server.pages.modelboards.model_address import model_url
from podium.server.pages.parts import Place

MOST_MODELS, MOST_CLASSES = 30, 60
_COUNTS = frozenset({"items", "predicted", "support", "count"})
_PREFERRED = ("f1", "exact_match")


@dataclass(frozen=True)
class ByClass:
    """A heat map and links to the others that there are."""

    table: HeatTable
    choices: tuple[Place, ...]


def by_class(contents: BoardContents, tables: Mapping[int, ResultTables]) -> ByClass | None:
    """The map of the value that the view asks for, such as `class.f1`; None where there are no tables."""
    rows = [row for row in contents.chosen if row.id in tables][:MOST_MODELS]
    values = _values(rows, tables)
    if not values:
        return None
    usual = next((each for name in _PREFERRED for each in values if each.endswith(f".{name}")), values[0])
    chosen = contents.view.value if contents.view.value in values else usual
    choices = tuple(Place(_label(each), contents.view.but(value=each), current=each == chosen) for each in values)
    return ByClass(_map(rows, tables, chosen), choices)


def _values(rows: Sequence[BoardRow], tables: Mapping[int, ResultTables]) -> list[str]:
    found: dict[str, None] = {}
    for row in rows:
        for table in tables[row.id].tables:
            found |= {f"{table['name']}.{column}": None for column in table["columns"][1:] if column not in _COUNTS}
    return list(found)


def _label(value: str) -> str:
    table, _, column = value.partition(".")
    return f"{column.replace('_', ' ')} by {table}"


def _map(rows: Sequence[BoardRow], tables: Mapping[int, ResultTables], value: str) -> HeatTable:
    name, _, column = value.partition(".")
    numbers = {row.id: _column(tables[row.id], name, column) for row in rows}
    classes = list(dict.fromkeys(each for row in rows for each in numbers[row.id]))
    shown = classes[:MOST_CLASSES]
    known = [each for found in numbers.values() for each in found.values() if each is not None]
    lines = tuple(
        HeatLine(
            row.model,
            model_url(row.model),
            tuple(_cell(row.model, each, numbers[row.id].get(each), known) for each in shown),
        )
        for row in rows
    )
    left_out = f" {len(classes) - len(shown)} further ones are left out." if len(classes) > len(shown) else ""
    return HeatTable(
        title=f"Where is each model good? {_label(value).capitalize()}",
        rows_are="Model",
        columns_are=name.capitalize(),
        columns=tuple(shown),
        lines=lines,
        note=(
            "The stronger the colour of a cell, the larger its number."
            f" At most {MOST_MODELS} models, the best first.{left_out}"
        ),
    )


def _column(found: ResultTables, name: str, column: str) -> dict[str, float | None]:
    for table in found.tables:
        if table["name"] == name and column in table["columns"]:
            place = table["columns"].index(column)
            return {str(cells[0]): _number(cells[place]) for cells in table["rows"]}
    return {}


def _number(cell: Any) -> float | None:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None


def _cell(model: str, name: str, value: float | None, known: Sequence[float]) -> HeatCell:
    if value is None:
        return HeatCell("–", f"{model} has no such number for {name}.")
    return HeatCell(number(value), f"{model}, {name}: {number(value)}", heat_of(value, known))
