"""A leaderboard as somebody edits it: columns in their order, which name one another by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from podium.rules.board.aggregate import (
    BOARD_PER_TASK_KEY,
    MULTI_TASK_KEY,
    MultiTaskRanking,
    board_per_task,
    multi_task_ranking,
)
from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.board.computation import circular_columns
from podium.rules.board.ranking import column_order
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.keys import COLUMN, LONGEST_NAME
from podium.rules.bundle.spec import LeaderboardSpec
from podium.rules.errors import BoardError, Problem

MOST_COLUMNS = 100
_MOST_DECIMALS = COLUMN["precision"].limit


@dataclass(frozen=True)
class ColumnDraft:
    """A column; `computed_from` are the keys of the columns that a `computation` takes its values from."""

    key: str
    title: str
    sorting: Sorting = Sorting.DESCENDING
    precision: int = 2
    hidden: bool = False
    computation: Computation | None = None
    computed_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class BoardDraft:
    """What an editor decides about a leaderboard; `primary` is the key of the column that ranks first."""

    title: str
    hidden: bool
    submission_rule: SubmissionRule
    multi_task_ranking: MultiTaskRanking
    primary: str
    columns: tuple[ColumnDraft, ...]
    board_per_task: bool = False


def drafted(board: LeaderboardSpec) -> BoardDraft:
    """A leaderboard as an editor shows it."""
    keys = {column.index: column.key for column in board.columns}
    primary = column_order(board.columns, board.primary_index)[:1]
    return BoardDraft(
        title=board.title,
        hidden=board.hidden,
        submission_rule=board.submission_rule,
        multi_task_ranking=multi_task_ranking(board.extensions),
        primary=primary[0].key if primary else "",
        columns=tuple(
            ColumnDraft(
                key=column.key,
                title=column.title,
                sorting=column.sorting,
                precision=column.precision,
                hidden=column.hidden,
                computation=column.computation,
                computed_from=tuple(keys[index] for index in column.computation_indexes if index in keys),
            )
            for column in board.columns
        ),
        board_per_task=board_per_task(board.extensions),
    )


def edited(board: LeaderboardSpec, draft: BoardDraft) -> LeaderboardSpec:
    """The leaderboard as the draft wants it. Columns keep their indexes as far as their order allows.

    Raises:
        BoardError: with everything that is wrong with the draft.
    """
    problems = list(_problems(draft))
    if problems:
        raise BoardError(problems)
    indexes = _indexes(board, draft)
    columns = tuple(_column(column, indexes) for column in draft.columns)
    circle = circular_columns(columns)
    if circle:
        names = ", ".join(column.key for column in circle[:10])
        message = f"The columns {names} cannot be computed: they are computed from one another."
        raise BoardError([Problem("computation-circle", message, "Break the circle.")])
    extensions = {key: value for key, value in board.extensions.items() if key != MULTI_TASK_KEY}
    if draft.multi_task_ranking is not multi_task_ranking({}) or MULTI_TASK_KEY in board.extensions:
        extensions[MULTI_TASK_KEY] = draft.multi_task_ranking.value
    if draft.board_per_task is not board_per_task(board.extensions):
        extensions[BOARD_PER_TASK_KEY] = draft.board_per_task
    return LeaderboardSpec(
        title=draft.title.strip(),
        key=board.key,
        columns=columns,
        submission_rule=draft.submission_rule,
        hidden=draft.hidden,
        primary_index=indexes[draft.primary],
        extensions=extensions,
    )


def _indexes(board: LeaderboardSpec, draft: BoardDraft) -> dict[str, int]:
    """The index of each column by its key: the one it had, or the next that its place allows."""
    before = {column.key: column.index for column in board.columns}
    found: dict[str, int] = {}
    least = 0
    for column in draft.columns:
        found[column.key] = max(least, before.get(column.key, least))
        least = found[column.key] + 1
    return found


def _column(draft: ColumnDraft, indexes: dict[str, int]) -> Column:
    return Column(
        key=draft.key,
        title=draft.title.strip(),
        index=indexes[draft.key],
        sorting=draft.sorting,
        precision=draft.precision,
        hidden=draft.hidden,
        computation=draft.computation,
        computation_indexes=tuple(dict.fromkeys(indexes[key] for key in draft.computed_from)),
    )


def _problems(draft: BoardDraft) -> Iterator[Problem]:
    yield from name_problems("The leaderboard's title", draft.title)
    if not draft.columns:
        yield Problem("board-without-columns", "The leaderboard has no column.", "Keep one that ranks.")
    if len(draft.columns) > MOST_COLUMNS:
        message = f"The leaderboard has {len(draft.columns)} columns; at most {MOST_COLUMNS} are possible."
        yield Problem("too-many-columns", message, "Remove some.")
    keys = [column.key for column in draft.columns]
    for column in draft.columns:
        yield from _column_problems(column, keys)
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Problem("key-repeated", f'Two columns have the key "{key}".', "Give each its own key.")
    if draft.columns and draft.primary not in keys:
        message = f'The column "{draft.primary}" is to rank first, and there is no such column.'
        yield Problem("primary-unknown", message, "Choose one that stays.")


def _column_problems(column: ColumnDraft, keys: Sequence[str]) -> Iterator[Problem]:
    called = f'The column "{column.key or column.title}"'
    yield from name_problems(f'The key of the column "{column.title}"', column.key)
    yield from name_problems(f'The title of the column "{column.key}"', column.title)
    if not 0 <= column.precision <= _MOST_DECIMALS:
        message = f"{called} is to show {column.precision} decimals; it must be from 0 to {_MOST_DECIMALS}."
        yield Problem("number-out-of-range", message, "Ranking uses the raw value in any case.")
    if column.computation is not None and not column.computed_from:
        yield Problem("computation-without-columns", f"{called} is computed from no column.", "Name the columns.")
    if column.computation is None and column.computed_from:
        message = f"{called} names columns to compute from, and is not computed."
        yield Problem("columns-without-computation", message, "Choose a computation, or name none.")
    for key in dict.fromkeys(column.computed_from):
        if key == column.key:
            yield Problem("computation-of-itself", f"{called} is computed from itself.", "Name other columns.")
        elif key not in keys:
            message = f'{called} is computed from "{key}", and there is no such column.'
            yield Problem("computation-of-unknown", message, "Name columns that stay, by their keys.")


def name_problems(called: str, text: str) -> Iterator[Problem]:
    """What keeps a text from being a title or a key; `called` is what the text is, at the beginning of a sentence."""
    if not text.strip():
        yield Problem("text-missing", f"{called} is empty.", "Write one.")
    elif len(text.strip()) > LONGEST_NAME:
        message = f"{called} has {len(text.strip())} characters; at most {LONGEST_NAME} are possible."
        yield Problem("text-long", message, "Shorten it.")
    elif any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        yield Problem("text-characters", f"{called} has control characters.", "Remove them.")
