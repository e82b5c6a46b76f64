"""Making scores once more from the files that they were made of, to compare them. Nothing follows from it: no board
moves, no limit counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q

from podium.rules.access import Action
from podium.rules.errors import Conflict, NotFound
from podium.rules.provenance import PREDICTIONS, PROGRAM, named_inputs
from podium.rules.runs import Outcome, Step
from podium.rules.turns import IN_SHADOW
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Task
from podium.server.files.queries import StoredFile, stored_file
from podium.server.jobs import leases
from podium.server.jobs.models import JobState, Worker
from podium.server.submissions.models import Attempt, Run, RunFile, Submission, TaskFile, Verification
from podium.server.submissions.services.runs import children_of, locked, standing_before, task_of

CHECK = "check-"
"""How the kinds of jobs begin that one worker alone may take."""


def keep_files_read(task: Task, step: Step, inputs: Mapping[str, StoredFile]) -> None:
    """Keep the programs and data that a run reads, for as long as the task. What was submitted, and what came of it,
    stays as long as the submission."""
    passing = {PREDICTIONS, PROGRAM} if step is Step.PREDICTION else {PREDICTIONS}
    TaskFile.objects.bulk_create(
        (
            TaskFile(task=task, blob_id=file.sha256, file_name=file.file_name)
            for name, file in sorted(inputs.items())
            if name not in passing
        ),
        ignore_conflicts=True,
    )


def verify(by: Person, submission_id: int) -> list[int]:
    """Make the scores of a submission once more, on all its tasks that have some. Returns the verifications' ids.

    Raises:
        NotFound, NotAllowed: the person may not.
        Conflict: it has no scores that a program made, or something that they were made of is gone.
    """
    with transaction.atomic():
        submission = locked(submission_id)
        standing_before(by, submission).require(Action.RUN_SUBMISSION)
        attempts = [each for part in children_of(submission) if (each := made_by(part)) is not None]
        if not attempts:
            raise Conflict(
                "nothing-to-verify",
                "This submission has no scores that a program made.",
                "Verify one that has finished.",
            )
        return [begin(attempt, by).pk for attempt in attempts]


def made_by(part: Submission) -> Attempt | None:
    """The attempt that the scores of a part come from; None where no program made any."""
    return (
        Attempt.objects.filter(run__submission=part, run__step=Step.SCORING, run__in_shadow=False)
        .filter(outcome=Outcome.FINISHED)
        .select_related("run__submission__phase__competition", "run__submission__task", "run__submission__data")
        .order_by("-pk")
        .first()
    )


def begin(attempt: Attempt, by: Person | None, worker: Worker | None = None) -> Verification:
    """Begin to make the scores of an attempt again, on one worker alone where one is named.

    Raises:
        Conflict: something that they were made of is gone.
    """
    predicted = require_files(attempt)
    verification = Verification.objects.create(
        attempt=attempt, worker=worker, asked_by_id=by.id if by else None, created_at=clock.now()
    )
    run_again(verification, attempt.run.submission, Step.PREDICTION if predicted else Step.SCORING)
    return verification


def require_files(attempt: Attempt) -> Attempt | None:
    """See that all is there that a scoring attempt, and the prediction before it, were made of. Returns the latter.

    Raises:
        Conflict: something is gone.
    """
    predicted = prediction_of(attempt)
    for made in (attempt, *([predicted] if predicted else [])):
        _files(made, predicted=predicted is not None)
    return predicted


def run_again(verification: Verification, submission: Submission, step: Step) -> None:
    """Make the run of a step of a verification, which waits behind all that people wait for; except for what checks a
    worker, which that worker takes at once."""
    if verification.worker_id is None:
        owner_id = verification.asked_by_id or submission.owner_id
        queue_id = submission.phase.competition.queue_id
        job = leases.create_job(step, owner_id=owner_id, priority=IN_SHADOW, queue_id=queue_id)
    else:
        job = leases.create_job(f"{CHECK}{step}")
    Run.objects.create(submission=submission, step=step, job=job, in_shadow=True, verification=verification)


def prediction_of(attempt: Attempt) -> Attempt | None:
    """The attempt of the prediction step whose result a scoring attempt read, whether that is kept or not; None where
    there was none."""
    before = Attempt.objects.filter(
        run__submission=attempt.run.submission_id,
        run__step=Step.PREDICTION,
        run__in_shadow=False,
        outcome=Outcome.FINISHED,
        pk__lt=attempt.pk,
    )
    return before.select_related("run__submission__data").order_by("-pk").first()


def inputs_again(run: Run) -> dict[str, StoredFile]:
    """What a run of a verification reads: the files of the attempt that it makes again, but its own predictions."""
    if run.verification is None:
        message = "only a run of a verification makes something again"
        raise AssertionError(message)
    original = run.verification.attempt
    predicted = prediction_of(original)
    if run.step == Step.PREDICTION and predicted is not None:
        return _files(predicted, predicted=True)
    files = _files(original, predicted=predicted is not None)
    if predicted is not None:
        files[PREDICTIONS] = _own_predictions(run.verification)
    return files


def _own_predictions(verification: Verification) -> StoredFile:
    written = RunFile.objects.filter(
        attempt__run__verification=verification, kind=PREDICTIONS, attempt__outcome=Outcome.FINISHED
    )
    file = written.exclude(ticket__blob=None).select_related("ticket__blob").order_by("-pk").first()
    if file is None or file.ticket.blob is None:
        raise Conflict("files-gone", "The predictions are not kept any more.", "Begin again.")
    return StoredFile(file.ticket.blob.sha256, file.ticket.blob.size_bytes, f"{PREDICTIONS}.zip")


def _files(attempt: Attempt, *, predicted: bool) -> dict[str, StoredFile]:
    """The files that an attempt read, by their names in the contract; without predictions where a prediction step
    made them, for it will make them again.

    Raises:
        Conflict: one is gone.
    """
    submission = attempt.run.submission
    kept = TaskFile.objects.filter(task=task_of(submission)).select_related("blob")
    known = {row.blob_id: StoredFile(row.blob_id, row.blob.size_bytes, row.file_name) for row in kept}
    sent = stored_file(submission.data)
    if sent is not None:
        known[sent.sha256] = sent
    made = {PREDICTIONS} if predicted else frozenset()
    named = {name: sha256 for name, sha256 in attempt.made_from.items() if name in _READ and name not in made}
    missing = {name: sha256 for name, sha256 in named.items() if sha256 not in known}
    if missing:
        raise _gone(list(named_inputs(Step(attempt.run.step), missing, predicted=predicted)))
    return {name: known[sha256] for name, sha256 in named.items()}


_READ = (PROGRAM, "ingestion_program", "input_data", "reference_data", PREDICTIONS)
"""The files that a run may read, by their names in the contract."""


def _gone(names: Sequence[str]) -> Conflict:
    said = " and ".join(name.replace("_", " ") for name in names)
    return Conflict(
        "files-gone",
        f"What these scores were made of is not all kept any more: the {said}.",
        "Run the submission again.",
    )


def next_check(worker: Worker) -> int | None:
    """The id of a job that checks this worker and waits for it; None where there is none."""
    due = Q(job__not_before=None) | Q(job__not_before__lte=clock.now())
    # As the site does it itself, in no queue, it stands among few others in the index of what waits.
    waiting = Run.objects.filter(due, job__state=JobState.WAITING, job__queue=None, job__owner=None)
    mine = waiting.filter(job__kind__startswith=CHECK, verification__worker=worker)
    return mine.order_by("job_id").values_list("job_id", flat=True).first()


def verification_of(by: Person, verification_id: int) -> Verification:
    """A verification of a submission that the person may run again.

    Raises:
        NotFound, NotAllowed: the person may not see it.
    """
    related = ("attempt__run__submission__phase__competition", "attempt__run__submission__task")
    found = Verification.objects.select_related(*related).filter(pk=verification_id).first()
    if found is None:
        raise NotFound("no-such-verification", "There is no such verification.", "Begin one.")
    standing_before(by, found.attempt.run.submission).require(Action.RUN_SUBMISSION)
    return found
