"""What a phase's board is made of: its columns, its rule, the tasks that it spans."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from podium.rules.board.aggregate import MultiTaskRanking, board_per_task, multi_task_ranking, ranking_columns
from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.board.ranks import rank_columns
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.errors import NotFound
from podium.server.competitions.models import Phase, PhaseTask
from podium.server.leaderboards.models import Column as ColumnRow
from podium.server.leaderboards.models import Leaderboard


@dataclass(frozen=True)
class BoardTask:
    """A task of the phase, in its order. `label` is its name, with the id where two tasks have the same name."""

    id: int
    name: str
    label: str


@dataclass(frozen=True)
class BoardPlan:
    """How the board of one phase is made. `columns` are in the order of their index, hidden ones included, and
    `column_ids` are their rows by index. The board of `index` 0 is the competition's first. `multi_task` is by what
    rows rank that have values for several tasks; `board_per_task` says that each task has a tab of its own."""

    leaderboard_id: int
    index: int
    competition_id: int
    phase_id: int
    phase_name: str
    title: str
    key: str
    rule: SubmissionRule
    hidden: bool
    primary_index: int
    columns: tuple[Column, ...]
    column_ids: Mapping[int, int]
    tasks: tuple[BoardTask, ...]
    multi_task: MultiTaskRanking = MultiTaskRanking.MEAN
    board_per_task: bool = False

    @property
    def ranking_columns(self) -> tuple[Column, ...]:
        """The columns as they are where rows are compared: a mean of ranks is the better the smaller it is."""
        return ranking_columns(self.columns, len(self.tasks), self.multi_task)

    @property
    def over_ranks(self) -> bool:
        """Whether one new row may move values in all rows, because something is made of ranks."""
        whole = self.multi_task is MultiTaskRanking.MEAN_RANK and len(self.tasks) > 1
        return whole or bool(rank_columns(self.columns))


def plan_of_phase(phase_id: int, leaderboard_id: int | None = None) -> BoardPlan:
    """One board of a phase, the first where none is named; four queries.

    Raises:
        NotFound: there is no such phase, or its competition has no such leaderboard.
    """
    phase = _phase(phase_id)
    boards = Leaderboard.objects.filter(competition_id=phase.competition_id).order_by("index")
    board = (boards if leaderboard_id is None else boards.filter(pk=leaderboard_id)).first()
    if board is None and leaderboard_id is None:
        raise NotFound("leaderboard-not-found", "This competition has no leaderboard.")
    if board is None:
        raise leaderboard_not_found()
    rows = list(ColumnRow.objects.filter(leaderboard_id=board.pk).order_by("index"))
    return _plan(phase, board, rows, _tasks(phase_id))


def plans_of_phase(phase_id: int) -> tuple[BoardPlan, ...]:
    """All boards of a phase in their order; four queries.

    Raises:
        NotFound: there is no such phase.
    """
    phase = _phase(phase_id)
    boards = list(Leaderboard.objects.filter(competition_id=phase.competition_id).order_by("index"))
    columns: dict[int, list[ColumnRow]] = {}
    for row in ColumnRow.objects.filter(leaderboard_id__in=[board.pk for board in boards]).order_by("index"):
        columns.setdefault(row.leaderboard_id, []).append(row)
    tasks = _tasks(phase_id)
    return tuple(_plan(phase, board, columns.get(board.pk, []), tasks) for board in boards)


def leaderboard_not_found() -> NotFound:
    """The one answer for a leaderboard that is not there and for one of a competition that the person may not see."""
    return NotFound("leaderboard-not-found", "There is no such leaderboard.", "Choose one of those of the competition.")


def _phase(phase_id: int) -> Phase:
    phase = Phase.objects.filter(pk=phase_id).only("pk", "competition_id", "name").first()
    if phase is None:
        raise NotFound("phase-not-found", "There is no such phase.", "It may have been deleted. Check the address.")
    return phase


def _plan(phase: Phase, board: Leaderboard, rows: Sequence[ColumnRow], tasks: tuple[BoardTask, ...]) -> BoardPlan:
    return BoardPlan(
        leaderboard_id=board.pk,
        index=board.index,
        competition_id=board.competition_id,
        phase_id=phase.pk,
        phase_name=phase.name,
        title=board.title,
        key=board.key,
        rule=SubmissionRule(board.submission_rule),
        hidden=board.hidden,
        primary_index=board.primary_index,
        columns=tuple(column_of(row) for row in rows),
        column_ids={row.index: row.pk for row in rows},
        tasks=tasks,
        multi_task=multi_task_ranking(board.extensions),
        board_per_task=board_per_task(board.extensions),
    )


def column_of(row: ColumnRow) -> Column:
    """A column as the rules know it."""
    return Column(
        key=row.key,
        title=row.title,
        index=row.index,
        sorting=Sorting(row.sorting),
        precision=row.precision,
        hidden=row.hidden,
        computation=Computation(row.computation) if row.computation else None,
        computation_indexes=tuple(row.computation_indexes),
    )


@dataclass(frozen=True)
class BoardColumns:
    """The columns of one leaderboard, by index."""

    index: int
    hidden: bool
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class CompetitionColumns:
    """The columns of all leaderboards of a competition, in their order. A score belongs to every column of its key."""

    boards: tuple[BoardColumns, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all columns."""
        return frozenset(column.key for board in self.boards for column in board.columns)

    @property
    def scored(self) -> tuple[Column, ...]:
        """One column for each key: one that shows the score as it was sent, if there is such a one on any board."""
        found: dict[str, Column] = {}
        for column in (column for board in self.boards for column in board.columns):
            if column.key not in found or column.computation is None:
                found[column.key] = column
        return tuple(found.values())

    def shown(self, *, sees_hidden: bool) -> dict[str, Column]:
        """By key, the first column that the person sees. One of a hidden board is for the staff alone, except for the
        first board: who sends to it learns their own scores."""
        found: dict[str, Column] = {}
        for board in self.boards:
            if sees_hidden or not board.hidden or board.index == 0:
                for column in board.columns:
                    if sees_hidden or not column.hidden:
                        found.setdefault(column.key, column)
        return found


def columns_of_competition(competition_id: int) -> CompetitionColumns:
    """The columns of a competition's leaderboards."""
    return columns_of_competitions([competition_id])[competition_id]


def columns_of_competitions(competition_ids: Collection[int]) -> dict[int, CompetitionColumns]:
    """The same of several competitions, by id, in one query."""
    rows = ColumnRow.objects.filter(leaderboard__competition_id__in=competition_ids).select_related("leaderboard")
    columns: dict[int, list[Column]] = {}
    boards: dict[int, Leaderboard] = {}
    for row in rows.order_by("leaderboard__index", "index"):
        boards[row.leaderboard_id] = row.leaderboard
        columns.setdefault(row.leaderboard_id, []).append(column_of(row))
    found = {pk: CompetitionColumns() for pk in competition_ids}
    for pk, board in boards.items():
        made = BoardColumns(board.index, board.hidden, tuple(columns[pk]))
        found[board.competition_id] = CompetitionColumns((*found[board.competition_id].boards, made))
    return found


def _tasks(phase_id: int) -> tuple[BoardTask, ...]:
    placed = PhaseTask.objects.filter(phase_id=phase_id).order_by("order_index", "id")
    named = list(placed.values_list("task_id", "task__name"))
    names = [name for _, name in named]
    return tuple(BoardTask(pk, name, name if names.count(name) == 1 else f"{name} ({pk})") for pk, name in named)
