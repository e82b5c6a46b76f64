"""What hangs on the parts of a competition, counted before one of them is changed or taken away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Count

from podium.rules.runs import TERMINAL, SubmissionStatus
from podium.server.submissions.models import Score, Submission

_AT_REST = frozenset({*TERMINAL, SubmissionStatus.SUBMITTING})


@dataclass(frozen=True)
class Dependents:
    """Numbers of submissions, deleted ones included, because their scores stay in the history.

    `by_phase` counts what was sent to each phase, by its id; `by_task` what is run on each task of a phase, by both
    ids; `under_way` what is being run on a task now, or waits for a worker.
    """

    by_phase: Mapping[int, int]
    by_task: Mapping[tuple[int, int], int]
    under_way: Mapping[int, int]

    def of_task(self, task_id: int) -> int:
        """How many submissions are run on a task, in all phases."""
        return sum(count for (_, task), count in self.by_task.items() if task == task_id)


def dependents_of(competition_id: int) -> Dependents:
    """What hangs on the phases and tasks of a competition; three queries."""
    sent = Submission.objects.filter(phase__competition_id=competition_id)
    run = sent.exclude(task=None).order_by()
    by_task = run.values_list("phase_id", "task_id").annotate(Count("pk"))
    under_way = run.filter(is_deleted=False).exclude(status__in=_AT_REST).values_list("task_id").annotate(Count("pk"))
    by_phase = sent.filter(parent=None).order_by().values_list("phase_id").annotate(Count("pk"))
    return Dependents(
        by_phase=dict(by_phase),
        by_task={(phase_id, task_id): count for phase_id, task_id, count in by_task if task_id is not None},
        under_way={task_id: count for task_id, count in under_way if task_id is not None},
    )


def scored_under(competition_id: int) -> Mapping[str, int]:
    """How many submissions of a competition have scores under each key, whether a column has it or not."""
    scores = Score.objects.filter(submission__phase__competition_id=competition_id).order_by()
    counted = scores.values_list("column_key").annotate(Count("submission", distinct=True))
    return dict(counted)


def answered_under(competition_id: int, keys: Collection[str]) -> Mapping[str, int]:
    """How many submissions of a competition answer each of these questions of its fact sheet, by its key."""
    if not keys:
        return {}
    sent = Submission.objects.filter(phase__competition_id=competition_id, parent=None)
    given = sent.exclude(fact_sheet_answers=None).values_list("fact_sheet_answers", flat=True)
    counted: Counter[str] = Counter()
    for answers in given.iterator(chunk_size=1000):
        counted.update(key for key in keys if (answers or {}).get(key) not in (None, "", False))
    return counted
