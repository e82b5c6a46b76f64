"""Columns that are computed from ranks, for all rows of a board together.

A rank is that of CodaLab 1.5: a column ranks its values in its own direction, equal values share a rank, and the next
value has the next whole number (1, 1, 2). Only rows that have a value take part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.board.computation import BoardValues, computed, dependency_order

_OF_RANKS: Mapping[Computation, Callable[[Sequence[int]], float]] = {
    Computation.AVERAGE_RANK: lambda ranks: sum(ranks) / len(ranks),
    Computation.RECIPROCAL_RANK: lambda ranks: float(sum(Fraction(1, rank) for rank in ranks) / len(ranks)),
}


def dense_ranks(values: Sequence[float | None], sorting: Sorting) -> list[int | None]:
    """The rank of each value, 1 for the best; None for a missing one."""
    present = sorted({value for value in values if value is not None}, reverse=sorting is Sorting.DESCENDING)
    places = {value: rank for rank, value in enumerate(present, start=1)}
    return [None if value is None else places[value] for value in values]


def rank_columns(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that depend on ranks, directly or through others, each after those it needs."""
    return _rank_columns(tuple(columns))


def with_ranks(columns: Sequence[Column], rows: Sequence[BoardValues]) -> list[BoardValues]:
    """The same rows with the values that depend on ranks; `rows` are all those that are ranked against each other.

    What the rows held in those columns before does not matter. A row without a value in one of the columns that are
    named has none here either, and the reason names it.
    """
    dependent = rank_columns(columns)
    if not dependent:
        return list(rows)
    by_index = {column.index: column for column in columns}
    values = [dict(row.values) for row in rows]
    reasons = [dict(row.reasons) for row in rows]
    for column in dependent:
        found = _from_ranks(column, by_index, values) if _is_over_ranks(column) else [None] * len(rows)
        for row_values, row_reasons, of_ranks in zip(values, reasons, found, strict=True):
            value, reason = (of_ranks, "") if of_ranks is not None else computed(column, by_index, row_values)
            row_values[column.key] = value
            row_reasons.pop(column.key, None)
            if reason:
                row_reasons[column.key] = reason
    return [
        replace(row, values=row_values, reasons=row_reasons)
        for row, row_values, row_reasons in zip(rows, values, reasons, strict=True)
    ]


def without_ranks(columns: Sequence[Column], row: BoardValues) -> BoardValues:
    """The same row as that of an entry that is ranked against no other: nothing stands where values depend on ranks."""
    by_index = {column.index: column for column in columns}
    values, reasons = dict(row.values), dict(row.reasons)
    for column in rank_columns(columns):
        values[column.key], reasons[column.key] = computed(column, by_index, values, ranked=False)
    return replace(row, values=values, reasons=reasons)


def _from_ranks(
    column: Column, by_index: Mapping[int, Column], rows: Sequence[Mapping[str, float | None]]
) -> list[float | None]:
    operands = [by_index[index] for index in column.computation_indexes if index in by_index]
    if column.computation is None or not operands or len(operands) < len(column.computation_indexes):
        return [None] * len(rows)
    ranks = [dense_ranks([row[operand.key] for row in rows], operand.sorting) for operand in operands]
    of_ranks = _OF_RANKS[column.computation]
    found: list[float | None] = []
    for held in zip(*ranks, strict=True):
        present = [rank for rank in held if rank is not None]
        found.append(of_ranks(present) if len(present) == len(held) else None)
    return found


def _is_over_ranks(column: Column) -> bool:
    return column.computation is not None and column.computation.over_ranks


@lru_cache(maxsize=256)
def _rank_columns(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    found: dict[int, Column] = {}
    for column in dependency_order(columns)[0]:
        if column.computation is None:
            continue
        if column.computation.over_ranks or any(index in found for index in column.computation_indexes):
            found[column.index] = column
    return tuple(found.values())
