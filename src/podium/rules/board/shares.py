"""Columns that hold shares: of all answers so much is right."""

from __future__ import annotations

from collections.abc import Collection

from podium.rules.board.columns import Column, Sorting


def is_share(column: Column, values: Collection[float]) -> bool:
    """Whether these values of a column, all that there are, can be read as percentages: none below 0 or above 1, and
    more is better."""
    return column.sorting is Sorting.DESCENDING and bool(values) and all(0 <= value <= 1 for value in values)
