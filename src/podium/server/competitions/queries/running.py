"""What a run of a task needs."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from podium.rules.bundle.tasks import SCORE_FAILED_KEY, SHOW_REFERENCE_KEY
from podium.rules.errors import NotFound
from podium.rules.limits import LIMITS_KEY, limits_asked
from podium.server.competitions.models import Phase, Task
from podium.server.files.queries import StoredFile, stored_file
from podium.server.prepared_objects import prepared_objects


@dataclass(frozen=True)
class TaskInputs:
    """The programs and data of a task, as files of the blob store; None where the task has none."""

    task_id: int
    scoring_program: StoredFile | None
    ingestion_program: StoredFile | None
    input_data: StoredFile | None
    reference_data: StoredFile | None
    ingestion_only_during_scoring: bool
    score_failed_predictions: bool


def scores_failed_predictions(task: Task) -> bool:
    """Whether what a prediction step left is scored also where one of its programs failed."""
    return task.extensions.get(SCORE_FAILED_KEY) is True


def shows_reference_data(task: Task) -> bool:
    """Whether an ingestion program that runs beside scoring is given the reference data."""
    return task.extensions.get(SHOW_REFERENCE_KEY) is True


def limits_asked_by(phase: Phase, task: Task | None = None) -> dict[str, float]:
    """What the competition asks for runs of a phase, and of a task there: the narrower goes first."""
    asked: dict[str, float] = {}
    for part in (phase.competition, phase, task):
        if part is not None:
            asked |= limits_asked(part.extensions.get(LIMITS_KEY))
    return asked


def task_inputs(task_id: int) -> TaskInputs:
    """What a task's runs are made from, in one query. Not checked against anybody's rights: it is for run orders.

    Raises:
        NotFound: there is no such task.
    """
    found = _task(task=task_id)
    if not found:
        raise NotFound("task-not-found", "There is no such task.", "It may have been deleted.")
    (task,) = found
    return TaskInputs(
        task_id=task.pk,
        scoring_program=stored_file(task.scoring_program),
        ingestion_program=stored_file(task.ingestion_program),
        input_data=stored_file(task.input_data),
        reference_data=stored_file(task.reference_data),
        ingestion_only_during_scoring=task.ingestion_only_during_scoring,
        score_failed_predictions=scores_failed_predictions(task),
    )


@prepared_objects
def _task(task: int) -> QuerySet[Task]:
    slots = ("scoring_program", "ingestion_program", "input_data", "reference_data")
    return Task.objects.select_related(*slots).filter(pk=task)
