"""From the scores of a submission to the row of the board that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from podium.rules.board.aggregate import aggregate
from podium.rules.board.computation import BoardValues, compute
from podium.rules.board.ranking import rank_key
from podium.server.leaderboards.candidates import Candidate
from podium.server.leaderboards.models import Entry
from podium.server.leaderboards.queries.plan import BoardPlan


class TaskCells(TypedDict):
    """One task's part of a row, as it is stored: everything by column key."""

    submission: int
    values: dict[str, float | None]
    reasons: dict[str, str]
    scores: dict[str, int]


@dataclass(frozen=True)
class EntryRow:
    """What is stored of a candidate that stands on the board."""

    rank_key: bytes
    values: dict[str, float | None]
    reasons: dict[str, str]
    cells: dict[str, TaskCells]
    fact_sheet_answers: dict[str, object] | None

    def is_stored_in(self, entry: Entry) -> bool:
        """Whether the entry says the same already."""
        return (
            bytes(entry.rank_key) == self.rank_key
            and entry.values == self.values
            and entry.reasons == self.reasons
            and entry.cells == self.cells
            and entry.fact_sheet_answers == self.fact_sheet_answers
        )

    def write_to(self, entry: Entry) -> None:
        """Put the row into the entry, which is not saved."""
        entry.rank_key = self.rank_key
        entry.values = self.values
        entry.reasons = self.reasons
        entry.cells = self.cells
        entry.fact_sheet_answers = self.fact_sheet_answers


def entry_row(plan: BoardPlan, candidate: Candidate) -> EntryRow:
    """The row that a candidate makes: computed columns per task, then the mean of every column over the tasks.

    Scores of tasks that no longer belong to the phase are left out.
    """
    by_task = {scores.task_id: scores for scores in candidate.tasks}
    results: dict[str, BoardValues] = {}
    cells: dict[str, TaskCells] = {}
    for task in plan.tasks:
        scores = by_task.get(task.id)
        if scores is None:
            continue
        values = compute(plan.columns, scores.values)
        results[task.label] = values
        cells[str(task.id)] = TaskCells(
            submission=scores.submission_id,
            values=dict(values.values),
            reasons=dict(values.reasons),
            scores=dict(scores.score_ids),
        )
    whole = aggregate(plan.columns, [task.label for task in plan.tasks], results)
    key = rank_key(plan.columns, plan.primary_index, whole.values, candidate.submitted_at, candidate.submission_id)
    return EntryRow(
        rank_key=key,
        values=dict(whole.values),
        reasons=dict(whole.reasons),
        cells=cells,
        fact_sheet_answers=_plain(candidate.fact_sheet_answers),
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
