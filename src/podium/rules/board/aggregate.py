"""One row out of a submission to several tasks: each column over the tasks, as the board wants it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from podium.rules.board.columns import Column, Sorting
from podium.rules.board.computation import BoardValues, rank_awaited
from podium.rules.board.ranks import dense_ranks

MULTI_TASK_KEY = "multi_task_ranking"
"""Under `podium` of a leaderboard: how its rows rank over several tasks."""
BOARD_PER_TASK_KEY = "board_per_task"
"""Under `podium` of a leaderboard: whether each task has a tab of its own, which ranks by that task alone."""
_DECIMALS_OF_RANKS = 2


class MultiTaskRanking(StrEnum):
    """By what a row ranks that has values for several tasks."""

    MEAN = "mean"
    """The mean of each column over the tasks."""
    MEAN_RANK = "mean_rank"
    """The mean over the tasks of the row's rank in each column, which depends on all rows of the board."""
    FIRST = "first"
    """The values of the first task."""


def multi_task_ranking(extensions: Mapping[str, object]) -> MultiTaskRanking:
    """What a leaderboard says under `podium`, which a reader of bundles has checked."""
    return MultiTaskRanking(str(extensions.get(MULTI_TASK_KEY, MultiTaskRanking.MEAN)))


def board_per_task(extensions: Mapping[str, object]) -> bool:
    """Whether a leaderboard says under `podium` that each task is to have a tab of its own."""
    return extensions.get(BOARD_PER_TASK_KEY) is True


def ranking_columns(
    columns: Sequence[Column], tasks: int, how: MultiTaskRanking = MultiTaskRanking.MEAN
) -> tuple[Column, ...]:
    """The columns as the aggregated values are in them: a mean of ranks is the better the smaller it is."""
    if how is not MultiTaskRanking.MEAN_RANK or tasks == 1:
        return tuple(columns)
    return tuple(replace(column, sorting=Sorting.ASCENDING, precision=_DECIMALS_OF_RANKS) for column in columns)


def aggregate(
    columns: Sequence[Column],
    tasks: Sequence[str],
    results: Mapping[str, BoardValues],
    how: MultiTaskRanking = MultiTaskRanking.MEAN,
    *,
    ranked: bool = True,
) -> BoardValues:
    """One value for every column out of those of `tasks` (their names, in order), from the results by task name.

    A column has a value only if every task has one. A row that lacks a task lacks every value, and so ranks below the
    complete ones. A single task gives its own values. A mean of ranks has no value yet, as one row does not make it:
    `aggregate_all` does; and a row that is not `ranked` has none at all.
    """
    if len(tasks) == 1 and tasks[0] in results:
        return results[tasks[0]]
    values: dict[str, float | None] = {}
    reasons: dict[str, str] = {}
    absent = [task for task in tasks if task not in results]
    for column in columns:
        lacking = absent or _lacking(column, tasks, results, how)
        values[column.key] = None
        if lacking or not tasks:
            reasons[column.key] = f"{column.title} has no value for {', '.join(lacking) or 'any task'}."
        elif how is MultiTaskRanking.MEAN_RANK:
            reasons[column.key] = f"{column.title} ranks by the ranks of all rows, {rank_awaited(ranked=ranked)}."
        elif how is MultiTaskRanking.FIRST:
            values[column.key] = results[tasks[0]].values[column.key]
        else:
            values[column.key] = statistics.mean(_present(results[task].values[column.key]) for task in tasks)
    notes = tuple(f"{task}: {note}" for task in tasks if task in results for note in results[task].notes)
    return BoardValues(values, reasons, notes)


def aggregate_all(
    columns: Sequence[Column],
    tasks: Sequence[str],
    rows: Sequence[Mapping[str, BoardValues]],
    how: MultiTaskRanking = MultiTaskRanking.MEAN,
) -> list[BoardValues]:
    """The same of all rows that are ranked against each other, means of ranks included.

    A task ranks all rows that have a value for it; equal values share a rank, and the next one has the next number.
    """
    found = [aggregate(columns, tasks, results, how) for results in rows]
    if how is not MultiTaskRanking.MEAN_RANK or len(tasks) == 1:
        return found
    values = [dict(row.values) for row in found]
    for column in columns:
        ranks = [_ranks_of(column, task, rows) for task in tasks]
        for row, held in zip(values, zip(*ranks, strict=True), strict=True):
            present = [rank for rank in held if rank is not None]
            row[column.key] = sum(present) / len(present) if len(present) == len(tasks) else None
    return [
        BoardValues(held, {key: why for key, why in row.reasons.items() if held[key] is None}, row.notes)
        for row, held in zip(found, values, strict=True)
    ]


def _ranks_of(column: Column, task: str, rows: Sequence[Mapping[str, BoardValues]]) -> list[int | None]:
    values = [results[task].values.get(column.key) if task in results else None for results in rows]
    return dense_ranks(values, column.sorting)


def _lacking(
    column: Column, tasks: Sequence[str], results: Mapping[str, BoardValues], how: MultiTaskRanking
) -> list[str]:
    needed = tasks[:1] if how is MultiTaskRanking.FIRST else tasks
    return [task for task in needed if results[task].values.get(column.key) is None]


def _present(value: float | None) -> float:
    if value is None:
        raise ValueError("a missing value has no place in a mean")
    return value
