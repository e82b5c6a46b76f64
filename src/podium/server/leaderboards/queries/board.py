"""A part of a board in rank order, as pages show it: every text is ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from podium.rules.board.aggregate import MultiTaskRanking
from podium.rules.board.columns import Column, Sorting
from podium.rules.board.display import aligned
from podium.rules.board.marks import Mark
from podium.rules.board.ranking import column_order
from podium.server.accounts.people import Person
from podium.server.leaderboards.models import Entry, StaleBoard
from podium.server.leaderboards.queries.arranged import (
    AS_RANKED,
    Arrangement,
    PlacedEntry,
    arranged,
    best_place_of,
)
from podium.server.leaderboards.queries.plan import BoardPlan
from podium.server.leaderboards.queries.sight import BoardSight, board_for, owner_name
from podium.server.leaderboards.queries.stored_rows import ROW, stored_rows

_NOT_RUN = "There are no scores for this task."
_WHOLE = {
    MultiTaskRanking.MEAN: "Mean over all tasks",
    MultiTaskRanking.MEAN_RANK: "Mean of the ranks over all tasks",
}


@dataclass(frozen=True)
class ShownColumn:
    """The head of a column. `better` says in two words which values lead."""

    key: str
    title: str
    better: str
    primary: bool
    hidden: bool
    computed: bool


@dataclass(frozen=True)
class ColumnGroup:
    """Columns under one heading: one group where there is one task; else the means that rank, then each task."""

    title: str
    task_id: int | None
    columns: tuple[ShownColumn, ...]


@dataclass(frozen=True)
class Cell:
    """A value as it is shown. Where it is missing, `reason` says why."""

    text: str
    missing: bool = False
    reason: str = ""


@dataclass(frozen=True)
class BoardRow:
    """A row: `cells` run through all groups from left to right, `answers` through the board's questions. `parts` are
    the ids of each task that has scores and of the submission that ran on it. Where the entry is not ranked, `rank` is
    None, and `mark` and `mark_reason` say why."""

    rank: int | None
    mark: Mark | None
    mark_reason: str
    submission_id: int
    owner_id: int
    owner: str
    mine: bool
    at: datetime
    cells: tuple[Cell, ...]
    answers: tuple[str, ...]
    parts: tuple[tuple[int, int], ...]

    @property
    def submitted_at(self) -> str:
        """When it was sent, for people, in UTC."""
        return f"{self.at:%Y-%m-%d %H:%M} UTC"

    @property
    def submitted_iso(self) -> str:
        """The same for programs."""
        return self.at.isoformat()


@dataclass(frozen=True)
class Board:
    """The rows from the one after `offset` on. `stale_since` is the time from which on what is computed from ranks is
    behind the scores; None where it is not.

    `total` counts the ranked entries, or those that `arrangement` leaves over. `refused` says
    why the board could not be arranged so. `my_place` is where the best entry of whoever asks stands
    in the order of ranks, and None where one of the rows is theirs. `sight` is what all of it was read with.
    """

    leaderboard_id: int
    competition_id: int
    phase_id: int
    phase_name: str
    title: str
    rule: str
    hidden: bool
    groups: tuple[ColumnGroup, ...]
    questions: tuple[str, ...]
    question_keys: tuple[str, ...]
    rows: tuple[BoardRow, ...]
    total: int
    offset: int
    limit: int
    stale_since: datetime | None
    arrangement: Arrangement = AS_RANKED
    refused: str = ""
    my_place: int | None = None
    sight: BoardSight | None = field(default=None, repr=False, compare=False)

    @property
    def ends(self) -> bool:
        """Whether there are no rows after these."""
        return self.offset + self.limit >= self.total


def board(
    person: Person | None,
    phase_id: int,
    leaderboard_id: int | None = None,
    *,
    limit: int = 100,
    offset: int = 0,
    secret_key: UUID | None = None,
    arrangement: Arrangement = AS_RANKED,
    task_id: int | None = None,
) -> Board:
    """A part of a board of a phase, the first where none is named, as the person may see it; a dozen queries, however
    long it is.

    Raises:
        NotFound: there is no such phase or board, or its competition is not visible to this person.
        NotAllowed: the organizer keeps the board hidden.
    """
    sight = board_for(person, phase_id, leaderboard_id, secret_key=secret_key)
    if task_id is not None:
        sight = sight.of_task(task_id)
    return board_page(sight, person, limit=limit, offset=offset, arrangement=arrangement)


def board_page(
    sight: BoardSight, person: Person | None, *, limit: int, offset: int, arrangement: Arrangement = AS_RANKED
) -> Board:
    """A part of a board that the person sees. Only where it is to be arranged otherwise, or by one task alone, all of
    it is read, as far as that is cheap."""
    plan = sight.plan
    placed = arranged(sight, arrangement, limit, offset)
    rows = shown_rows(sight, placed.rows, person)
    total = sight.ranked.total() if placed.total is None else placed.total
    elsewhere = person is not None and not any(row.mine for row in rows)
    return Board(
        leaderboard_id=plan.leaderboard_id,
        competition_id=plan.competition_id,
        phase_id=plan.phase_id,
        phase_name=plan.phase_name,
        title=plan.title,
        rule=plan.rule.value,
        hidden=plan.hidden,
        groups=column_groups(sight),
        questions=tuple(question.title for question in sight.questions),
        question_keys=tuple(question.key for question in sight.questions),
        rows=rows,
        total=total,
        offset=offset,
        limit=limit,
        stale_since=stale_since(plan),
        arrangement=AS_RANKED if placed.refused else arrangement,
        refused=placed.refused,
        my_place=best_place_of(sight, person.id) if elsewhere and person is not None else None,
        sight=sight,
    )


def shown_rows(sight: BoardSight, placed: Sequence[PlacedEntry], person: Person | None) -> tuple[BoardRow, ...]:
    """The rows of these entries as the person sees them."""
    missing = [each.entry_id for each in placed if each.stored is None]
    found = {row["pk"]: row for row in stored_rows(Entry.objects.filter(pk__in=missing), *ROW)} if missing else {}
    stored = [(each.stored or found.get(each.entry_id), each) for each in placed]
    ranking_columns = sight.ranking_columns
    return tuple(
        _row(sight, ranking_columns, row, each, mine=person is not None and row["owner_id"] == person.id)
        for row, each in stored
        # Who left the board meanwhile is not on it.
        if row is not None
    )


def stale_since(plan: BoardPlan) -> datetime | None:
    """Since when the ranks of a board are behind its scores; None where they are not."""
    if not plan.over_ranks:
        return None
    marks = StaleBoard.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id)
    return marks.values_list("since", flat=True).first()


def column_groups(sight: BoardSight) -> tuple[ColumnGroup, ...]:
    """The heads of all columns that the person sees, from left to right."""
    plan = sight.plan
    if len(plan.tasks) == 1:
        return (ColumnGroup(plan.tasks[0].label, plan.tasks[0].id, _heads(sight, sight.columns)),)
    title = _WHOLE.get(plan.multi_task) or f"By {plan.tasks[0].label if plan.tasks else 'the first task'}"
    whole = ColumnGroup(title, None, _heads(sight, sight.ranking_columns))
    return (whole, *(ColumnGroup(task.label, task.id, _heads(sight, sight.columns)) for task in plan.tasks))


def _heads(sight: BoardSight, columns: Sequence[Column]) -> tuple[ShownColumn, ...]:
    primary = {column.key for column in column_order(sight.plan.columns, sight.plan.primary_index)[:1]}
    return tuple(
        ShownColumn(
            key=column.key,
            title=column.title,
            better="higher first" if column.sorting is Sorting.DESCENDING else "lower first",
            primary=column.key in primary,
            hidden=column.hidden,
            computed=column.computation is not None,
        )
        for column in columns
    )


def _row(
    sight: BoardSight, ranking_columns: Sequence[Column], row: Mapping[str, Any], placed: PlacedEntry, *, mine: bool
) -> BoardRow:
    row = sight.seen(row)
    several = len(sight.plan.tasks) > 1
    reasons = row["reasons"] if several else sight.told(row["values"], row["reasons"])
    cells = _cells(ranking_columns, row["values"], reasons)
    if several:
        for task in sight.plan.tasks:
            part = row["cells"].get(str(task.id))
            cells += _of_task(sight, part) if part else _absent(sight.columns)
    at: datetime = row["submitted_at"].astimezone(UTC)
    answers = row["fact_sheet_answers"] or {}
    return BoardRow(
        rank=placed.rank,
        mark=placed.mark,
        mark_reason=placed.mark_reason,
        submission_id=row["submission_id"],
        owner_id=row["owner_id"],
        owner=owner_name(row),
        mine=mine,
        at=at,
        cells=tuple(cells),
        answers=tuple(_answer(answers.get(question.key)) for question in sight.questions),
        parts=tuple(
            (task.id, row["cells"][str(task.id)]["submission"])
            for task in sight.plan.tasks
            if str(task.id) in row["cells"]
        ),
    )


def _of_task(sight: BoardSight, part: Mapping[str, Any]) -> list[Cell]:
    return _cells(sight.columns, part["values"], sight.told(part["values"], part["reasons"]))


def _cells(columns: Sequence[Column], values: Mapping[str, float | None], reasons: Mapping[str, str]) -> list[Cell]:
    cells = []
    for column in columns:
        value = values.get(column.key)
        text = aligned(value, column.precision)
        cells.append(Cell(text) if value is not None else Cell(text, missing=True, reason=reasons.get(column.key, "")))
    return cells


def _absent(columns: Sequence[Column]) -> list[Cell]:
    return [Cell(aligned(None, column.precision), missing=True, reason=_NOT_RUN) for column in columns]


def _answer(answer: object) -> str:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return "" if answer is None else str(answer)
