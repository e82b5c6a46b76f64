"""The rows that a submission is run by."""

from __future__ import annotations

from django.db import connection
from django.db.models import QuerySet

from podium.rules.access import Action
from podium.rules.errors import NotFound
from podium.rules.runs import Step, SubmissionStatus, parent_status, waiting_status
from podium.rules.turns import FIRST_STEP, NEXT_STEP
from podium.server.accounts.people import Person
from podium.server.competitions.models import Task
from podium.server.competitions.queries.standing import Standing, standing_of
from podium.server.jobs import leases
from podium.server.leaderboards.services import hold_board
from podium.server.prepared_objects import prepared_objects
from podium.server.submissions.models import Run, Submission

RUN_KINDS = (Step.PREDICTION.value, Step.SCORING.value)
"""The kinds of jobs that workers take."""


def locked(submission_id: int) -> Submission:
    """A submission's row, locked until the transaction ends, and its parent's before it.

    Every transaction takes its locks in one order: board, parent, child, job, chain of events. Otherwise a
    cancellation and a worker's report could wait for each other for ever.

    Raises:
        NotFound: there is none, or it was deleted.
    """
    if rows_are_locked():
        # Locked before they are read: what is joined may have been changed by whoever held the lock.
        parent_id = Submission.objects.filter(pk=submission_id).values_list("parent_id", flat=True).first()
        for pk in (submission_id,) if parent_id is None else (parent_id, submission_id):
            list(Submission.objects.select_for_update().filter(pk=pk).values_list("pk"))
    alive = _alive(submission=submission_id)
    if not alive:
        raise _not_found()
    (found,) = alive
    if found.parent_id is not None:
        parent = Submission.objects.get(pk=found.parent_id)
        parent.phase = found.phase
        found.parent = parent
    return found


@prepared_objects
def _alive(submission: int) -> QuerySet[Submission]:
    return Submission.objects.select_related("phase__competition", "task").filter(pk=submission, is_deleted=False)


def rows_are_locked() -> bool:
    """Whether transactions lock rows. On SQLite one transaction writes at a time, from its beginning on: nobody can
    change what it reads, and there is nothing to lock."""
    return connection.features.has_select_for_update


def locked_with_board(submission_id: int) -> Submission:
    """The same, with the board of its phase locked before it: for whatever may change the board."""
    if rows_are_locked():
        phase_id = Submission.objects.filter(pk=submission_id).values_list("phase_id", flat=True).first()
        if phase_id is not None:
            hold_board(phase_id)
    return locked(submission_id)


def standing_before(by: Person, submission: Submission) -> Standing:
    """A person's standing in the competition of a submission that the person sees.

    Raises:
        NotFound: the person does not see it, and does not learn that it exists.
    """
    standing = standing_of(by, submission.phase.competition_id)
    sees = Action.SEE_OWN_SUBMISSION if submission.owner_id == by.id else Action.SEE_ANY_SUBMISSION
    if not standing.may(sees):
        raise _not_found()
    return standing


def _not_found() -> NotFound:
    return NotFound("submission-not-found", "There is no such submission.", "Check the address; it may be deleted.")


def children_of(submission: Submission) -> list[Submission]:
    """What is run: the submission itself where it has a task, else its children in order."""
    if submission.task_id is not None:
        return [submission]
    return list(submission.children.select_related("task", "phase__competition", "data").order_by("pk"))


def task_of(submission: Submission) -> Task:
    """The task of a submission that is run."""
    if submission.task is None:
        message = "only a submission with a task is run"
        raise AssertionError(message)
    return submission.task


def make_run(submission: Submission, step: Step, *, first: bool = False) -> Run:
    """Make the run of a step and the job that waits for a worker to take it. `first` says that nothing of the
    submission was run before."""
    job = leases.create_job(
        step,
        owner_id=submission.asked_by_id or submission.owner_id,
        priority=FIRST_STEP if first else NEXT_STEP,
        queue_id=submission.phase.competition.queue_id,
    )
    run = Run.objects.create(submission=submission, step=step, job=job)
    go_on(submission, waiting_status(step))
    return run


def go_on(submission: Submission, status: SubmissionStatus) -> None:
    """Put a submission that is run into a state that is not its last, and its parent into the one that follows."""
    if submission.status == status:
        return
    submission.status = status
    submission.save(update_fields=["status"])
    if submission.parent_id is None:
        return
    children = Submission.objects.filter(parent_id=submission.parent_id).order_by("pk")
    statuses = [SubmissionStatus(each) for each in children.values_list("status", flat=True)]
    Submission.objects.filter(pk=submission.parent_id).update(status=parent_status(statuses))
