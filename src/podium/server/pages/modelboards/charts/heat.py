"""Tables whose cells have the more colour the more they are: a chart that is its own table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

STRONGEST = 9


@dataclass(frozen=True)
class HeatCell:
    """A cell: its text, what it means in full, and from 0 to 9 how strong its colour is."""

    text: str
    title: str = ""
    heat: int = 0


@dataclass(frozen=True)
class HeatLine:
    """A row: its head, where that leads (empty for nowhere), and its cells."""

    head: str
    url: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True)
class HeatTable:
    """A table of cells. `title` is the question it answers, `rows_are` what stands at the left, `columns_are` what
    stands above, `note` what its reader should know."""

    title: str
    rows_are: str
    columns_are: str
    columns: tuple[str, ...]
    lines: tuple[HeatLine, ...]
    note: str = ""


def heat_of(value: float, values: Sequence[float]) -> int:
    """How strong the colour of a value is among all: 0 for the lowest, 9 for the highest."""
    low, high = min(values), max(values)
    width = high - low
    if not width:
        return 0
    share = (value - low) / width if isfinite(width) else (value / 2 - low / 2) / (high / 2 - low / 2)
    return round(STRONGEST * share)
