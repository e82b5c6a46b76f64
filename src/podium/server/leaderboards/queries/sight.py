"""What a person sees of a board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from podium.rules.access import Action
from podium.rules.board.columns import Column
from podium.rules.board.computation import computed
from podium.rules.errors import NotAllowed, NotFound
from podium.server.accounts.people import Person
from podium.server.competitions.queries.standing import Standing, standing_of
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.queries.plan import BoardPlan, BoardTask, plan_of_phase
from podium.server.leaderboards.queries.ranked import RankedEntries
from podium.server.prepared_queries import prepared

_NOT_RUN = "There are no scores for this task."
_NAMELESS = "a hidden column"


@dataclass(frozen=True)
class Question:
    """A question of the fact sheet whose answers stand on the board."""

    key: str
    title: str


@dataclass(frozen=True)
class BoardSight:
    """A board as one person may see it: `columns` are the visible ones, by index."""

    plan: BoardPlan
    standing: Standing
    columns: tuple[Column, ...]
    questions: tuple[Question, ...]
    has_fact_sheet: bool
    task: BoardTask | None = None
    """Where one task of several is looked at alone; `plan` has no other task then, and `beside` has all."""
    beside: tuple[BoardTask, ...] = ()

    def of_task(self, task_id: int) -> BoardSight:
        """The board as that one task ranks it.

        Raises:
            NotFound: the board has no tab for such a task.
        """
        task = next((task for task in self.plan.tasks if task.id == task_id), None)
        if task is None or not self.plan.board_per_task or len(self.plan.tasks) == 1:
            message = "This leaderboard has no tab for such a task."
            raise NotFound("task-not-found", message, "Choose one of those it has.")
        return replace(self, plan=replace(self.plan, tasks=(task,)), task=task, beside=self.plan.tasks)

    @property
    def whole_plan(self) -> BoardPlan:
        """The board with all its tasks, also where one of them is looked at alone."""
        return replace(self.plan, tasks=self.beside) if self.beside else self.plan

    @property
    def tabs(self) -> tuple[BoardTask, ...]:
        """The tasks that have a tab each, in their order."""
        tasks = self.beside or self.plan.tasks
        return tasks if self.plan.board_per_task and len(tasks) > 1 else ()

    def seen(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row of an entry with the values that rank here: where one task is looked at alone, those of that task."""
        if self.task is None:
            return row
        part = row["cells"].get(str(self.task.id))
        missing = {column.key: _NOT_RUN for column in self.plan.columns}
        return {**row, "values": part["values"] if part else {}, "reasons": part["reasons"] if part else missing}

    def told(self, values: Mapping[str, float | None], reasons: Mapping[str, str]) -> Mapping[str, str]:
        """Why `values` of one task are missing, as this person may read it: what is computed from a column that they do
        not see does not name it."""
        by_index, hidden = self._nameless
        if not hidden:
            return reasons
        lacking = [
            column
            for column in self.columns
            if column.computation and any(values.get(hidden.get(i, ""), 0) is None for i in column.computation_indexes)
        ]
        return {**reasons, **{column.key: computed(column, by_index, values)[1] for column in lacking}}

    @cached_property
    def _nameless(self) -> tuple[Mapping[int, Column], Mapping[int, str]]:
        """All columns by index, those without their titles that the person does not see, and the keys of these."""
        shown = {column.key for column in self.columns}
        by_index = {
            column.index: column if column.key in shown else replace(column, title=_NAMELESS)
            for column in self.plan.columns
        }
        return by_index, {column.index: column.key for column in self.plan.columns if column.key not in shown}

    @property
    def ranking_columns(self) -> tuple[Column, ...]:
        """The visible columns as they are where rows are compared (see `BoardPlan.ranking_columns`)."""
        visible = {column.key for column in self.columns}
        return tuple(column for column in self.plan.ranking_columns if column.key in visible)

    @property
    def ranked(self) -> RankedEntries:
        """The ranked entries."""
        return RankedEntries(self.plan.leaderboard_id, self.plan.phase_id)


def board_for(
    person: Person | None, phase_id: int, leaderboard_id: int | None = None, *, secret_key: UUID | None = None
) -> BoardSight:
    """One board of a phase for a person, the first where none is named; four queries.

    Raises:
        NotFound: there is no such phase or board, or its competition is not visible to this person.
        NotAllowed: the organizer keeps the board hidden.
    """
    plan = plan_of_phase(phase_id, leaderboard_id)
    standing = standing_of(person, plan.competition_id, secret_key=secret_key)
    standing.require(Action.SEE_BOARD)
    check_shown(person, standing, hidden=plan.hidden)
    return sight_of(plan, standing)


def sight_of(plan: BoardPlan, standing: Standing) -> BoardSight:
    """A board as it is for somebody of this standing, who may see it."""
    sees_hidden = standing.may(Action.SEE_HIDDEN_BOARD)
    return BoardSight(
        plan=plan,
        standing=standing,
        columns=tuple(column for column in plan.columns if sees_hidden or not column.hidden),
        questions=_questions(plan.fact_sheet),
        has_fact_sheet=bool(plan.fact_sheet),
    )


@dataclass(frozen=True)
class NamedBoard:
    """A leaderboard by its name."""

    id: int
    title: str
    hidden: bool


def boards_shown(person: Person | None, competition_id: int, *, secret_key: UUID | None = None) -> list[NamedBoard]:
    """The leaderboards of a competition that the person may see, in their order.

    Raises:
        NotFound: there is no such competition for this person.
    """
    standing = standing_of(person, competition_id, secret_key=secret_key)
    standing.require(Action.SEE_BOARD)
    sees_hidden = standing.may(Action.SEE_HIDDEN_BOARD)
    boards = [NamedBoard(*row) for row in _named(competition=competition_id)]
    return [board for board in boards if sees_hidden or not board.hidden]


@prepared
def _named(competition: int) -> QuerySet[Leaderboard, Any]:
    found = Leaderboard.objects.filter(competition_id=competition).order_by("index")
    return found.values_list("pk", "title", "hidden")


def check_shown(person: Person | None, standing: Standing, *, hidden: bool) -> None:
    """Raises NotAllowed where a board is hidden and the person is not one of those who see it all the same."""
    if hidden and not standing.may(Action.SEE_HIDDEN_BOARD):
        raise NotAllowed(
            "board-hidden",
            "The organizer keeps this leaderboard hidden.",
            "Ask the organizer when it will be shown.",
            sign_in=person is None,
        )


def owner_name(row: Mapping[str, Any]) -> str:
    """What a board calls the owner of an entry, from its `.values()` row."""
    return str(row["owner__display_name"] or row["owner__username"])


def _questions(sheet: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    return tuple(Question(each["key"], each["title"]) for each in sheet if each.get("is_on_leaderboard"))
