"""One row out of a submission to several tasks: the mean of each column over the tasks."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from podium.rules.board.columns import Column
from podium.rules.board.computation import BoardValues


def aggregate(columns: Sequence[Column], tasks: Sequence[str], results: Mapping[str, BoardValues]) -> BoardValues:
    """The mean over `tasks` (their names, in order) of every column, from the results by task name.

    A column has a value only if every task has one. A row that lacks a task lacks every value, and so ranks below the
    complete ones. A single task gives its own values.
    """
    if len(tasks) == 1 and tasks[0] in results:
        return results[tasks[0]]
    values: dict[str, float | None] = {}
    reasons: dict[str, str] = {}
    absent = [task for task in tasks if task not in results]
    for column in columns:
        lacking = absent or [task for task in tasks if results[task].values.get(column.key) is None]
        if lacking or not tasks:
            values[column.key] = None
            reasons[column.key] = f"{column.title} has no value for {', '.join(lacking) or 'any task'}."
        else:
            values[column.key] = statistics.mean(_present(results[task].values[column.key]) for task in tasks)
    notes = tuple(f"{task}: {note}" for task in tasks if task in results for note in results[task].notes)
    return BoardValues(values, reasons, notes)


def _present(value: float | None) -> float:
    if value is None:
        raise ValueError("a missing value has no place in a mean")
    return value
