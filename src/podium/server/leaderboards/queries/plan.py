"""What a phase's board is made of: its columns, its rule, the tasks that it spans."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

from podium.rules.board.aggregate import MultiTaskRanking, board_per_task, multi_task_ranking, ranking_columns
from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.board.ranks import rank_columns
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.errors import NotFound
from podium.server.competitions.models import Phase, PhaseTask
from podium.server.leaderboards.models import Column as ColumnRow
from podium.server.leaderboards.models import Leaderboard
from podium.server.prepared_queries import prepared

_COLUMN_FIELDS = (
    "key",
    "title",
    "index",
    "sorting",
    "precision",
    "hidden",
    "computation",
    "computation_indexes",
)


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
    rows rank that have values for several tasks; `board_per_task` says that each task has a tab of its own.
    `fact_sheet` are the questions of the competition."""

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
    fact_sheet: tuple[Mapping[str, Any], ...] = ()

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
    """One board of a phase, the first where none is named; three queries.

    Raises:
        NotFound: there is no such phase, or its competition has no such leaderboard.
    """
    plans = plans_of_phase(phase_id)
    plan = next((plan for plan in plans if leaderboard_id in (None, plan.leaderboard_id)), None)
    if plan is None and leaderboard_id is None:
        raise NotFound("leaderboard-not-found", "This competition has no leaderboard.")
    if plan is None:
        raise leaderboard_not_found()
    return plan


def plans_of_phase(phase_id: int) -> tuple[BoardPlan, ...]:
    """All boards of a phase in their order; three queries.

    Raises:
        NotFound: there is no such phase.
    """
    boards = [_BoardFields(*row) for row in _boards(phase=phase_id)]
    if not boards:
        raise NotFound("phase-not-found", "There is no such phase.", "It may have been deleted. Check the address.")
    if boards[0].id is None:
        return ()
    columns: dict[int, dict[int, Column]] = {}
    for board_id, column_id, *fields in _columns(phase=phase_id):
        columns.setdefault(board_id, {})[column_id] = _column(*fields)
    tasks = _tasks_of(phase_id)
    return tuple(_plan(phase_id, board, columns.get(board.id or 0, {}), tasks) for board in boards)


def leaderboard_not_found() -> NotFound:
    """The one answer for a leaderboard that is not there and for one of a competition that the person may not see."""
    return NotFound("leaderboard-not-found", "There is no such leaderboard.", "Choose one of those of the competition.")


class _BoardFields(NamedTuple):
    """A row of `_boards`; everything from `id` on is None where the competition has no leaderboard."""

    competition_id: int
    phase_name: str
    fact_sheet: Sequence[Mapping[str, Any]]
    id: int | None
    place: int
    title: str
    key: str
    rule: str
    hidden: bool
    primary_index: int
    extensions: Mapping[str, Any]


@prepared
def _boards(phase: int) -> QuerySet[Phase, Any]:
    """The boards of a phase, each with what belongs to the phase; a row without a board where there is none."""
    board = "competition__leaderboards__"
    names = ("pk", "index", "title", "key", "submission_rule", "hidden", "primary_index", "extensions")
    found = Phase.objects.filter(pk=phase).order_by(f"{board}index")
    return found.values_list("competition_id", "name", "competition__fact_sheet", *(f"{board}{name}" for name in names))


@prepared
def _columns(phase: int) -> QuerySet[ColumnRow, Any]:
    found = ColumnRow.objects.filter(leaderboard__competition__phases=phase).order_by("index")
    return found.values_list("leaderboard_id", "pk", *_COLUMN_FIELDS)


def _plan(phase_id: int, board: _BoardFields, columns: Mapping[int, Column], tasks: tuple[BoardTask, ...]) -> BoardPlan:
    return BoardPlan(
        leaderboard_id=board.id or 0,
        index=board.place,
        competition_id=board.competition_id,
        phase_id=phase_id,
        phase_name=board.phase_name,
        title=board.title,
        key=board.key,
        rule=SubmissionRule(board.rule),
        hidden=board.hidden,
        primary_index=board.primary_index,
        columns=tuple(columns.values()),
        column_ids={column.index: pk for pk, column in columns.items()},
        tasks=tasks,
        multi_task=multi_task_ranking(board.extensions),
        board_per_task=board_per_task(board.extensions),
        fact_sheet=tuple(board.fact_sheet),
    )


def column_of(row: ColumnRow) -> Column:
    """A column as the rules know it."""
    return _column(*(getattr(row, name) for name in _COLUMN_FIELDS))


def _column(
    key: str,
    title: str,
    index: int,
    sorting: str,
    precision: int,
    hidden: bool,
    computation: str,
    computation_indexes: Sequence[int],
) -> Column:
    """A column from the fields of its row."""
    return Column(
        key=key,
        title=title,
        index=index,
        sorting=Sorting(sorting),
        precision=precision,
        hidden=hidden,
        computation=Computation(computation) if computation else None,
        computation_indexes=tuple(computation_indexes),
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


def _tasks_of(phase_id: int) -> tuple[BoardTask, ...]:
    named = _tasks(phase=phase_id)
    names = [name for _, name in named]
    return tuple(BoardTask(pk, name, name if names.count(name) == 1 else f"{name} ({pk})") for pk, name in named)


@prepared
def _tasks(phase: int) -> QuerySet[PhaseTask, Any]:
    return PhaseTask.objects.filter(phase_id=phase).order_by("order_index", "id").values_list("task_id", "task__name")
