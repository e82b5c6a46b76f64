"""What the services of leaderboards are told about submissions, and what they answer.

Submissions lie above leaderboards, so whoever changes a submission passes in all that its owner has in the phase.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class TaskScores:
    """The living scores of one task: `values` by column key, as the scoring program gave them.

    `submission_id` is the child that ran on the task, or the submission itself where there is one task.
    `score_ids` names by column key the rows that the values come from.
    """

    task_id: int
    submission_id: int
    values: Mapping[str, float]
    score_ids: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A submission that could stand on a board: never a child, never a deleted one.

    `submission_id` is that of the parent; `finished` says whether its status is Finished; `tasks` has one element for
    each task that has scores. Whether it stands on a board is what the entries of that board say.
    """

    submission_id: int
    owner_id: int
    submitted_at: datetime
    finished: bool
    tasks: tuple[TaskScores, ...] = ()
    fact_sheet_answers: Mapping[str, object] | None = None


@dataclass(frozen=True)
class EntryChanges:
    """What became of one board, as ids of submissions: rows that came, rows that went, rows whose cells changed."""

    leaderboard_id: int

    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    updated: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.updated)
