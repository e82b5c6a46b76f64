"""What a phase's board is made of: its columns, its rule, the tasks that it spans."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from podium.rules.board.columns import Column, Computation, Sorting
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
    `column_ids` are their rows by index."""

    leaderboard_id: int
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


def plan_of_phase(phase_id: int) -> BoardPlan:
    """The board of a phase; four queries.

    Raises:
        NotFound: there is no such phase, or its competition has no leaderboard.
    """
    phase = Phase.objects.filter(pk=phase_id).values("competition_id", "name").first()
    if phase is None:
        raise NotFound("phase-not-found", "There is no such phase.", "It may have been deleted. Check the address.")
    board = Leaderboard.objects.filter(competition_id=phase["competition_id"]).order_by("index").first()
    if board is None:
        raise NotFound("leaderboard-not-found", "This competition has no leaderboard.")
    rows = list(ColumnRow.objects.filter(leaderboard_id=board.pk).order_by("index"))
    return BoardPlan(
        leaderboard_id=board.pk,
        competition_id=board.competition_id,
        phase_id=phase_id,
        phase_name=phase["name"],
        title=board.title,
        key=board.key,
        rule=SubmissionRule(board.submission_rule),
        hidden=board.hidden,
        primary_index=board.primary_index,
        columns=tuple(column_of(row) for row in rows),
        column_ids={row.index: row.pk for row in rows},
        tasks=_tasks(phase_id),
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


def columns_of_competition(competition_id: int) -> tuple[Column, ...]:
    """The columns of the leaderboard that serves all phases of a competition; empty where there is none."""
    return columns_of_competitions([competition_id])[competition_id]


def columns_of_competitions(competition_ids: Collection[int]) -> dict[int, tuple[Column, ...]]:
    """The same of several competitions, by id, in one query."""
    rows = ColumnRow.objects.filter(leaderboard__competition_id__in=competition_ids, leaderboard__index=0)
    found: dict[int, tuple[Column, ...]] = dict.fromkeys(competition_ids, ())
    for row in rows.select_related("leaderboard").order_by("index"):
        competition_id = row.leaderboard.competition_id
        found[competition_id] = (*found[competition_id], column_of(row))
    return found


def _tasks(phase_id: int) -> tuple[BoardTask, ...]:
    placed = PhaseTask.objects.filter(phase_id=phase_id).order_by("order_index", "id")
    named = list(placed.values_list("task_id", "task__name"))
    names = [name for _, name in named]
    return tuple(BoardTask(pk, name, name if names.count(name) == 1 else f"{name} ({pk})") for pk, name in named)
