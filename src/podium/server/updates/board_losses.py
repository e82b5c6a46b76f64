"""What a change of leaderboards would lose: rows of a board that goes, scores of a column that goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from podium.rules.board.columns import Column
from podium.rules.bundle.spec import LeaderboardSpec
from podium.server.updates.matching import Match, match_columns


@dataclass(frozen=True)
class BoardLoss:
    """A reason to refuse a change. `board` and `column` are where it stands in the new version; None where it would
    not be there."""

    code: str
    message: str
    hint: str
    board: LeaderboardSpec | None
    column: Column | None = None


def counted(number: int, what: str = "submission") -> str:
    """A number of things, in words."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def board_losses(
    boards: Match[LeaderboardSpec],
    new: Sequence[LeaderboardSpec],
    *,
    entries_of: Callable[[LeaderboardSpec], int],
    scored: Mapping[str, int],
) -> Iterator[BoardLoss]:
    """Every loss. `scored` says how many submissions have scores under each key, `entries_of` how many rows a board of
    the old version has."""
    everywhere = {column.key for board in new for column in board.columns if not column.computation}
    for board in boards.removed:
        entries = entries_of(board)
        if entries:
            message = f'The leaderboard "{board.title}" has {counted(entries, "row")}, and would not be there any more.'
            hint = f'Keep it under its key "{board.key}"; it may be hidden.'
            yield BoardLoss("leaderboard-has-entries", message, hint, None)
        for key in sorted(_given(board) - everywhere):
            if scored.get(key):
                yield _lost_column(key, scored[key], None, None)
    for old, other in boards.kept:
        instead = {before.key: after for before, after in match_columns(old.columns, other.columns).kept}
        for key in sorted(_given(old) - _given(other)):
            if scored.get(key):
                yield _lost_column(key, scored[key], other, instead.get(key))


def _lost_column(key: str, number: int, board: LeaderboardSpec | None, instead: Column | None) -> BoardLoss:
    message = f'The column "{key}" has scores of {counted(number)}, and '
    if instead is None:
        message += "would not be there any more."
    elif instead.key == key:
        message += "would be computed instead."
    else:
        message += f'would be called "{instead.key}".'
    hint = f'Keep the key "{key}" as it is. Its title may change, and the column may be hidden.'
    return BoardLoss("column-has-scores", message, hint, board, instead)


def _given(board: LeaderboardSpec) -> set[str]:
    """The keys of the columns that scoring programs fill."""
    return {column.key for column in board.columns if column.computation is None}
