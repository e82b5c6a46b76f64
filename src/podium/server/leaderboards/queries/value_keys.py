"""Where each value of an entry is found as bytes that sort like it, so that a database can sort a board by any column.

The rank key begins with the columns that rank. What it does not have, `Entry.value_keys` does: the hidden columns, and
where there are several tasks every column of each. On most boards that is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from podium.rules.board.columns import Sorting
from podium.rules.board.ranking import VALUE_BYTES, column_order, value_key
from podium.server.leaderboards.queries.plan import BoardPlan

ValueName = tuple[int | None, str]
"""The id of a task and the key of a column; None for the value over all tasks."""


@dataclass(frozen=True)
class KeyPlace:
    """Where the VALUE_BYTES of a value are: in this field from this byte on, the first being 1. They sort as
    `sorting` says, a missing value last."""

    field: Literal["rank_key", "value_keys"]
    start: int
    sorting: Sorting


def key_places(plan: BoardPlan) -> Mapping[ValueName, KeyPlace]:
    """The place of every value that an entry of the board can have."""
    ranks = column_order(plan.ranking_columns, plan.primary_index)
    places: dict[ValueName, KeyPlace] = {
        (None, column.key): KeyPlace("rank_key", 1 + VALUE_BYTES * at, column.sorting)
        for at, column in enumerate(ranks)
    }
    for at, (name, sorting) in enumerate(_others(plan).items()):
        places[name] = KeyPlace("value_keys", 1 + VALUE_BYTES * at, sorting)
    return places


def value_keys(
    plan: BoardPlan, whole: Mapping[str, float | None], by_task: Mapping[int, Mapping[str, float | None]]
) -> bytes:
    """What `Entry.value_keys` is of an entry with these values, over all tasks and of each."""
    return b"".join(
        value_key((whole if task is None else by_task.get(task, {})).get(key), sorting)
        for (task, key), sorting in _others(plan).items()
    )


def _others(plan: BoardPlan) -> Mapping[ValueName, Sorting]:
    """The values that the rank key does not have, in their order."""
    ranks = {column.key for column in column_order(plan.ranking_columns, plan.primary_index)}
    found: dict[ValueName, Sorting] = {
        (None, column.key): column.sorting for column in plan.ranking_columns if column.key not in ranks
    }
    if len(plan.tasks) > 1:
        # By their numbers: tasks that change places change no value.
        for task in sorted(task.id for task in plan.tasks):
            found |= {(task, column.key): column.sorting for column in plan.columns}
    return found
