"""From the scores of a submission to the row of the board that it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from podium.rules.board.aggregate import MultiTaskRanking, aggregate, aggregate_all
from podium.rules.board.columns import Column
from podium.rules.board.computation import BoardValues, compute
from podium.rules.board.ranking import rank_key
from podium.rules.board.ranks import rank_columns, with_ranks, without_ranks
from podium.server.leaderboards.candidates import Candidate
from podium.server.leaderboards.models import Entry
from podium.server.leaderboards.queries.plan import BoardPlan
from podium.server.leaderboards.queries.value_keys import value_keys


class TaskCells(TypedDict):
    """One task's part of a row, as it is stored: everything by column key."""

    submission: int
    values: dict[str, float | None]
    reasons: dict[str, str]
    scores: dict[str, int]


@dataclass(frozen=True)
class EntryRow:
    """What is stored of a candidate that stands on the board; `merit` sorts like the submissions of one person where
    their best is looked for, which ranks have no part in: they depend on which of them stands."""

    rank_key: bytes
    value_keys: bytes
    merit: bytes
    values: dict[str, float | None]
    reasons: dict[str, str]
    cells: dict[str, TaskCells]
    fact_sheet_answers: dict[str, object] | None

    def is_stored_in(self, entry: Entry) -> bool:
        """Whether the entry says the same already."""
        return (
            bytes(entry.rank_key) == self.rank_key
            and bytes(entry.value_keys) == self.value_keys
            and entry.values == self.values
            and entry.reasons == self.reasons
            and entry.cells == self.cells
            and entry.fact_sheet_answers == self.fact_sheet_answers
        )

    def write_to(self, entry: Entry) -> None:
        """Put the row into the entry, which is not saved."""
        entry.rank_key = self.rank_key
        entry.value_keys = self.value_keys
        entry.values = self.values
        entry.reasons = self.reasons
        entry.cells = self.cells
        entry.fact_sheet_answers = self.fact_sheet_answers


def entry_row(plan: BoardPlan, candidate: Candidate) -> EntryRow:
    """The row that a candidate makes: computed columns per task, then every column over the tasks.

    Scores of tasks that no longer belong to the phase are left out, and what comes from ranks is still missing.
    """
    by_task = {scores.task_id: scores for scores in candidate.tasks}
    cells: dict[str, TaskCells] = {}
    for task in plan.tasks:
        scores = by_task.get(task.id)
        if scores is None:
            continue
        values = compute(plan.columns, scores.values)
        cells[str(task.id)] = TaskCells(
            submission=scores.submission_id,
            values=dict(values.values),
            reasons=dict(values.reasons),
            scores=dict(scores.score_ids),
        )
    return _row(plan, candidate, cells, _plain(candidate.fact_sheet_answers))


def rows_with_ranks(plan: BoardPlan, entries: Sequence[Entry]) -> list[EntryRow]:
    """The rows of all ranked entries of a board with the values that come from ranks, task by task."""
    cells: list[dict[str, TaskCells]] = [dict(entry.cells) for entry in entries]
    for task in (str(task.id) for task in plan.tasks):
        parts = [held for held in cells if task in held]
        ranked = with_ranks(plan.columns, [_values(held[task]) for held in parts])
        for held, values in zip(parts, ranked, strict=True):
            held[task] = _with(held[task], values)
    results = [_results(plan, held) for held in cells]
    wholes = aggregate_all(plan.columns, _labels(plan), results, plan.multi_task)
    return [
        _row_of(plan, entry, held, entry.fact_sheet_answers, whole)
        for entry, held, whole in zip(entries, cells, wholes, strict=True)
    ]


def row_without_ranks(plan: BoardPlan, entry: Entry) -> EntryRow:
    """The row of an entry that is marked, and so not ranked: what it showed of ranks would be those of another day."""
    cells: dict[str, TaskCells] = {
        task: _with(part, without_ranks(plan.columns, _values(part))) for task, part in entry.cells.items()
    }
    whole = aggregate(plan.columns, _labels(plan), _results(plan, cells), plan.multi_task, ranked=False)
    return _row_of(plan, entry, cells, entry.fact_sheet_answers, whole)


def with_ranks_of(plan: BoardPlan, row: EntryRow, entry: Entry) -> EntryRow:
    """The row with what the entry shows of ranks, so that it does not fall to the end of the board until they are made
    again."""
    if not plan.over_ranks:
        return row
    keys = {column.key for column in rank_columns(plan.columns)}
    cells: dict[str, TaskCells] = {}
    for task, part in row.cells.items():
        before = entry.cells.get(task)
        if before is None:
            cells[task] = part
            continue
        values = {key: (before if key in keys else part)["values"].get(key) for key in part["values"]}
        kept = {key: reason for key, reason in before["reasons"].items() if key in keys}
        reasons = {key: reason for key, reason in part["reasons"].items() if key not in keys}
        cells[task] = _with(part, BoardValues(values, reasons | kept))
    whole = aggregate(plan.columns, _labels(plan), _results(plan, cells), plan.multi_task)
    if plan.multi_task is MultiTaskRanking.MEAN_RANK and len(plan.tasks) > 1:
        whole = BoardValues({key: entry.values.get(key) for key in whole.values}, entry.reasons)
    return _row_of(plan, entry, cells, row.fact_sheet_answers, whole)


def _row(plan: BoardPlan, whose: Candidate, cells: dict[str, TaskCells], answers: dict[str, object] | None) -> EntryRow:
    """The row that the cells of the tasks make by themselves."""
    whole = aggregate(plan.columns, _labels(plan), _results(plan, cells), plan.multi_task)
    return _row_of(plan, whose, cells, answers, whole)


def _row_of(
    plan: BoardPlan,
    whose: Candidate | Entry,
    cells: dict[str, TaskCells],
    answers: dict[str, object] | None,
    whole: BoardValues,
) -> EntryRow:
    def key(columns: Sequence[Column], values: Mapping[str, float | None]) -> bytes:
        return rank_key(columns, plan.primary_index, values, whose.submitted_at, whose.submission_id)

    place = key(plan.ranking_columns, whole.values)
    merit = place
    if plan.multi_task is MultiTaskRanking.MEAN_RANK:
        merit = key(plan.columns, aggregate(plan.columns, _labels(plan), _results(plan, cells)).values)
    return EntryRow(
        rank_key=place,
        value_keys=value_keys(plan, whole.values, {int(task): part["values"] for task, part in cells.items()}),
        merit=merit,
        values=dict(whole.values),
        reasons=dict(whole.reasons),
        cells=cells,
        fact_sheet_answers=answers,
    )


def _labels(plan: BoardPlan) -> list[str]:
    return [task.label for task in plan.tasks]


def _results(plan: BoardPlan, cells: Mapping[str, TaskCells]) -> dict[str, BoardValues]:
    return {task.label: _values(cells[str(task.id)]) for task in plan.tasks if str(task.id) in cells}


def _values(part: TaskCells) -> BoardValues:
    return BoardValues(part["values"], part["reasons"])


def _with(part: TaskCells, values: BoardValues) -> TaskCells:
    return TaskCells(
        submission=part["submission"],
        values=dict(values.values),
        reasons=dict(values.reasons),
        scores=part["scores"],
    )


def new_entry(plan: BoardPlan, candidate: Candidate, row: EntryRow) -> Entry:
    """An entry for the candidate, which is not saved."""
    entry = Entry(
        leaderboard_id=plan.leaderboard_id,
        phase_id=plan.phase_id,
        submission_id=candidate.submission_id,
        owner_id=candidate.owner_id,
        submitted_at=candidate.submitted_at,
    )
    row.write_to(entry)
    return entry


def _plain(answers: Mapping[str, object] | None) -> dict[str, object] | None:
    return None if answers is None else dict(answers)
