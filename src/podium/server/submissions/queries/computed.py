"""The scores of one task with those that the boards compute from them."""

from __future__ import annotations

from collections.abc import Mapping

from podium.rules.board.computation import compute
from podium.server.leaderboards.queries import CompetitionColumns


def with_computed(columns: CompetitionColumns, scores: Mapping[str, float]) -> dict[str, float]:
    """Scores by column key as the program wrote them, and after them the values of computed columns that have one.

    What a program wrote for a computed column does not count, unless another board shows it as it is. What comes from
    ranks is a matter of the whole board and has no value here.
    """
    computed: dict[str, float] = {}
    for board in columns.boards:
        values = compute(board.columns, scores).values
        for column in board.columns:
            value = values[column.key]
            if column.computation is not None and value is not None:
                computed.setdefault(column.key, value)
    only_computed = {column.key for column in columns.scored if column.computation is not None}
    given = {key: value for key, value in scores.items() if key not in only_computed}
    return given | {key: value for key, value in computed.items() if key not in given}
