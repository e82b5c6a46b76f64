"""The scores of one task with those that the board computes from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from podium.rules.board.columns import Column
from podium.rules.board.computation import compute


def with_computed(columns: Sequence[Column], scores: Mapping[str, float]) -> dict[str, float]:
    """Scores by column key as the program wrote them, and after them the values of computed columns that have one.

    What a program wrote for a computed column does not count.
    """
    values = compute(columns, scores).values
    computed = {column.key: values[column.key] for column in columns if column.computation is not None}
    given = {key: value for key, value in scores.items() if key not in computed}
    return given | {key: value for key, value in computed.items() if value is not None}
