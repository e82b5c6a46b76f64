"""The boards of a phase from the results of a local run, by the rules that the server uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from podium.cli.local.results import EntrantResult
from podium.rules.board.aggregate import aggregate, aggregate_all, multi_task_ranking, ranking_columns
from podium.rules.board.columns import Column
from podium.rules.board.computation import BoardValues, compute
from podium.rules.board.ranking import Row, column_order, rank
from podium.rules.board.ranks import rank_columns, with_ranks
from podium.rules.bundle.spec import CompetitionSpec, LeaderboardSpec, PhaseSpec

_ONE_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Submissions of a local run count as sent at once; equal ones stay in the order in which they were named."""


@dataclass(frozen=True)
class Entry:
    """One row: `rank` is None where the submission failed, `by_task` has the values of every task that succeeded."""

    rank: int | None
    result: EntrantResult
    values: BoardValues
    by_task: Mapping[str, BoardValues]


@dataclass(frozen=True)
class Board:
    """One leaderboard of one phase: entries in rank order, failed ones last."""

    leaderboard: LeaderboardSpec
    entries: tuple[Entry, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in order of their index."""
        return self.leaderboard.columns


@dataclass(frozen=True)
class PhaseBoards:
    """What came of one phase: the boards of all leaderboards, and the names of its tasks.

    The first leaderboard is the one that decides: a submission that has no value in its first-ranking column was not
    scored.
    """

    phase: PhaseSpec
    tasks: tuple[str, ...]
    boards: tuple[Board, ...]

    @property
    def failed(self) -> bool:
        """Whether any submission failed or got no score that could rank it."""
        first = self.boards[0]
        return any(entry.result.failed or any(unscored(first, entry)) for entry in first.entries)


def make_boards(
    spec: CompetitionSpec, phase: PhaseSpec, tasks: Sequence[str], results: Sequence[EntrantResult]
) -> PhaseBoards:
    """Rank the results of a phase on every leaderboard of the competition."""
    keys = {column.key for leaderboard in spec.leaderboards for column in leaderboard.columns}
    boards = tuple(_board(leaderboard, keys, tasks, results) for leaderboard in spec.leaderboards)
    return PhaseBoards(phase, tuple(tasks), boards)


def unscored(board: Board, entry: Entry) -> Iterator[tuple[str, str]]:
    """The tasks that gave no value for the column that ranks first, each with the reason in a sentence.

    Tasks that failed are not among them. A submission that failed is ranked against nobody, so that it misses nothing
    that comes from ranks.
    """
    primary = column_order(board.columns, board.leaderboard.primary_index)[0]
    if entry.result.failed and primary in rank_columns(board.columns):
        return
    for task, values in entry.by_task.items():
        if values.values.get(primary.key) is None:
            yield task, values.reasons.get(primary.key, f"{primary.title} has no value.")


def _board(
    leaderboard: LeaderboardSpec, keys: AbstractSet[str], tasks: Sequence[str], results: Sequence[EntrantResult]
) -> Board:
    # What another leaderboard shows is used, so nobody needs to be told that this one has no column for it.
    elsewhere = keys - {column.key for column in leaderboard.columns}
    unranked = _entries(leaderboard, elsewhere, tasks, results)
    rows = [
        Row(number, _ONE_TIME, entry.values.values) for number, entry in enumerate(unranked) if not entry.result.failed
    ]
    columns = ranking_columns(leaderboard.columns, len(tasks), multi_task_ranking(leaderboard.extensions))
    ranked = [
        replace(unranked[row.submission_id], rank=place)
        for place, row in enumerate(rank(columns, leaderboard.primary_index, rows), start=1)
    ]
    failed = [entry for entry in unranked if entry.result.failed]
    return Board(leaderboard, (*ranked, *failed))


def _entries(
    leaderboard: LeaderboardSpec, elsewhere: AbstractSet[str], tasks: Sequence[str], results: Sequence[EntrantResult]
) -> list[Entry]:
    columns, how = leaderboard.columns, multi_task_ranking(leaderboard.extensions)
    by_task = [
        {
            task.task: compute(columns, {key: value for key, value in task.scores.items() if key not in elsewhere})
            for task in result.tasks
            if task.failure is None
        }
        for result in results
    ]
    for task in tasks:
        # Failed submissions are no rows of the board: nobody is ranked against them.
        rows = [held for held, result in zip(by_task, results, strict=True) if task in held and not result.failed]
        for held, values in zip(rows, with_ranks(columns, [held[task] for held in rows]), strict=True):
            held[task] = values
    stand = [held for held, result in zip(by_task, results, strict=True) if not result.failed]
    whole = iter(aggregate_all(columns, tasks, stand, how))
    return [
        Entry(None, result, aggregate(columns, tasks, held, how) if result.failed else next(whole), held)
        for result, held in zip(results, by_task, strict=True)
    ]
