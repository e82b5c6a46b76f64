"""From the scores a program wrote to the value of every column, computed ones included."""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from podium.rules.board.columns import Column, Computation


@dataclass(frozen=True)
class BoardValues:
    """One value per column of a board, by column key.

    `values` has every column; None is a missing value, and `reasons` says why in a sentence for people. `notes` are
    remarks for the log: scores that were sent but not used.
    """

    values: Mapping[str, float | None]
    reasons: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


_COMPUTE: Mapping[Computation, Callable[[Sequence[float]], float]] = {
    Computation.AVERAGE: statistics.mean,
    Computation.SUM: math.fsum,
    Computation.MINIMUM: min,
    Computation.MAXIMUM: max,
}


def compute(columns: Sequence[Column], scores: Mapping[str, float]) -> BoardValues:
    """The value of every column, from finite scores by column key.

    A computed column needs all the columns it names. What comes from ranks has no value yet, as one row does not make
    it: `podium.rules.board.ranks` adds it. A score sent for a computed column, or for no column at all, is not used
    and noted.
    """
    values: dict[str, float | None] = {}
    reasons: dict[str, str] = {}
    by_index = {column.index: column for column in columns}
    ordered, circular = dependency_order(tuple(columns))
    for column in ordered:
        if column.computation is None:
            values[column.key] = scores.get(column.key)
            if column.key not in scores:
                reasons[column.key] = f"The scoring program wrote no score named {column.key}."
        else:
            value, reason = computed(column, by_index, values)
            values[column.key] = value
            if reason:
                reasons[column.key] = reason
    for column in circular:
        values[column.key] = None
        reasons[column.key] = f"{column.title} is computed from itself."
    return BoardValues({column.key: values[column.key] for column in columns}, reasons, _notes(columns, scores))


def circular_columns(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The computed columns that depend on themselves, directly or through others: they can never have a value."""
    return dependency_order(tuple(columns))[1]


def computed(
    column: Column, by_index: Mapping[int, Column], values: Mapping[str, float | None], *, ranked: bool = True
) -> tuple[float | None, str]:
    """The value of a computed column from the `values` of those it names; where it has none, None and the reason.
    `ranked` is whether the row is, or soon will be, ranked against others."""
    operands: list[float] = []
    missing: list[str] = []
    for index in column.computation_indexes:
        operand = by_index.get(index)
        value = values[operand.key] if operand else None
        if value is None:
            missing.append(operand.title if operand else f"column {index}, which does not exist")
        else:
            operands.append(value)
    if missing:
        return None, f"{column.title} needs {', '.join(missing)}."
    if not operands or column.computation is None:
        return None, f"{column.title} names no columns to compute from."
    if column.computation.over_ranks:
        return None, f"{column.title} comes from the ranks of all rows, {rank_awaited(ranked=ranked)}."
    try:
        value = float(_COMPUTE[column.computation](operands))
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        return None, f"{column.title} is too large for a number."
    return value, ""


def rank_awaited(*, ranked: bool) -> str:
    """The end of the sentence that says why a row has no rank yet, or has none at all."""
    return "which are made in a moment" if ranked else "and this one has no rank: the organizer marked it"


def _notes(columns: Sequence[Column], scores: Mapping[str, float]) -> tuple[str, ...]:
    computed = {column.key: column.computation is not None for column in columns}
    notes = [f"The score {key} was not used: its column is computed." for key in scores if computed.get(key)]
    notes += [f"The score {key} was not used: there is no such column." for key in scores if key not in computed]
    return tuple(notes)


@lru_cache(maxsize=256)
def dependency_order(columns: tuple[Column, ...]) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """The columns, each after those it needs, and the ones for which there is no such order."""
    by_index = {column.index: column for column in columns}
    needs = {column.index: _needed(column, by_index) for column in columns}
    missing = {index: len(needed) for index, needed in needs.items()}
    needed_by: dict[int, list[int]] = {index: [] for index in needs}
    for index, needed in needs.items():
        for other in needed:
            needed_by[other].append(index)
    # Taken one by one from the front: every column is looked at once, and every index that it names.
    ready = deque(index for index, number in missing.items() if not number)
    ordered: list[Column] = []
    while ready:
        index = ready.popleft()
        ordered.append(by_index[index])
        for other in needed_by[index]:
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)
    return tuple(ordered), tuple(column for column in columns if missing[column.index])


def _needed(column: Column, by_index: Mapping[int, Column]) -> frozenset[int]:
    """The indexes of the columns that have to be computed first."""
    if column.computation is None:
        return frozenset()
    return frozenset(index for index in column.computation_indexes if index in by_index)
