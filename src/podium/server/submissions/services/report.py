"""What workers report of an attempt: status, scores, files. In whatever order, and however often, it arrives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from podium.rules.errors import Conflict, NotAllowed, ProgramError, UserError
from podium.rules.runs import OURS, Outcome, Step, SubmissionStatus
from podium.rules.scores import check_scores
from podium.server.jobs import leases
from podium.server.submissions.models import Attempt, RunFile
from podium.server.submissions.services.end import end_prediction, end_scoring, fail_attempt, lose
from podium.server.submissions.services.runs import locked_with_board

_REASON_LIMIT = 2000


@dataclass(frozen=True)
class StatusReport:
    """A status as a worker sends it. `outcome`, `code`, `hint` and `exit_code` come from our own workers only."""

    status: str
    details: str = ""
    outcome: str = ""
    code: str = ""
    hint: str = ""
    exit_code: int | None = None
    runtime: str = ""


def attempt_of_secret(submission_id: int, secret: str) -> Attempt:
    """The attempt of a submission that a secret belongs to.

    Raises:
        NotAllowed: none.
    """
    try:
        key = UUID(secret)
    except ValueError:
        key = None
    found = (
        Attempt.objects.select_related("run__submission__phase__competition", "run__job")
        .filter(secret=key, run__submission_id=submission_id)
        .first()
        if key
        else None
    )
    if found is None:
        raise NotAllowed("secret-wrong", "Submission secrets do not match", "Report with the secret of the run order.")
    return found


def _locked_attempt(submission_id: int, secret: str) -> Attempt:
    """The same with its submission locked, so that two reports of an attempt come one after the other."""
    attempt_of_secret(submission_id, secret)
    locked_with_board(submission_id)
    return attempt_of_secret(submission_id, secret)


def renew(submission_id: int, secret: str) -> None:
    """Prolong the lease of an attempt.

    Raises:
        NotAllowed: the secret is not right.
        Conflict: the attempt is over.
    """
    attempt = attempt_of_secret(submission_id, secret)
    leases.renew(leases.Lease(attempt.run.job_id, attempt.number))


def give_back(submission_id: int, secret: str, reason: str) -> None:
    """A worker that stops hands its run back, to be taken by another."""
    attempt = attempt_of_secret(submission_id, secret)
    lose(leases.Lease(attempt.run.job_id, attempt.number), reason[:_REASON_LIMIT])


def report_status(submission_id: int, secret: str, report: StatusReport) -> None:
    """Take a status report of the live attempt.

    A report of an attempt that ended well and says so once more changes nothing.

    Raises:
        NotAllowed: the secret is not right.
        Conflict: the attempt is over, and this is news.
        UserError: there is no such status.
    """
    try:
        status = SubmissionStatus(report.status)
    except ValueError as error:
        raise UserError("status-unknown", f"There is no status {report.status!r}.") from error
    with transaction.atomic():
        attempt = _locked_attempt(submission_id, secret)
        if attempt.outcome == Outcome.FINISHED and status in _DONE[Step(attempt.run.step)]:
            return
        leases.check_alive(leases.Lease(attempt.run.job_id, attempt.number))
        if report.runtime:
            attempt.runtime = report.runtime[:200]
            attempt.save(update_fields=["runtime"])
        if status is SubmissionStatus.FAILED:
            _fail(attempt, report)
        elif status in _DONE[Step(attempt.run.step)]:
            attempt.reported_done = True
            attempt.exit_code = report.exit_code
            attempt.save(update_fields=["reported_done", "exit_code"])
            _end_if_complete(attempt)


_DONE = {Step.PREDICTION: {SubmissionStatus.SCORING}, Step.SCORING: {SubmissionStatus.FINISHED}}
"""By which status a worker says that a step is done."""


def report_scores(submission_id: int, secret: str, scores: Mapping[str, object]) -> None:
    """Take the scores of a scoring attempt. The same ones again change nothing.

    Raises:
        NotAllowed: the secret is not right.
        Conflict: the attempt is over.
        ProgramError: they are no usable scores; the submission has failed with that reason.
    """
    problem: ProgramError | None = None
    with transaction.atomic():
        attempt = _locked_attempt(submission_id, secret)
        if attempt.run.step != Step.SCORING:
            raise Conflict("not-scoring", "Only a scoring step has scores.")
        if attempt.outcome == Outcome.FINISHED and attempt.reported_scores == scores:
            return
        leases.check_alive(leases.Lease(attempt.run.job_id, attempt.number))
        try:
            attempt.reported_scores = dict(check_scores(scores))
        except ProgramError as error:
            problem = error
            fail_attempt(attempt, Outcome.FAILED, error.code, error.message, error.hint, None)
        else:
            attempt.save(update_fields=["reported_scores"])
            _end_if_complete(attempt)
    if problem is not None:
        raise problem


def file_arrived(ticket: UUID) -> None:
    """A file that some attempt was to upload is here; it may be the last thing its step waited for."""
    with transaction.atomic():
        file = RunFile.objects.select_related("attempt__run__submission__phase__competition", "attempt__run__job")
        found = file.filter(ticket_id=ticket).first()
        if found is None or found.kind != "prediction_result":
            return
        locked_with_board(found.attempt.run.submission_id)
        found.attempt.refresh_from_db(fields=["outcome", "reported_done", "exit_code"])
        if not found.attempt.outcome:
            _end_if_complete(found.attempt)


def _end_if_complete(attempt: Attempt) -> None:
    """A step has ended when its worker says so and everything that it implies is here."""
    if not attempt.reported_done:
        return
    if attempt.run.step == Step.PREDICTION:
        if attempt.files.filter(kind="prediction_result").exclude(ticket__blob=None).exists():
            end_prediction(attempt, attempt.exit_code)
    elif attempt.reported_scores is not None:
        end_scoring(attempt, attempt.reported_scores, attempt.exit_code)


def _fail(attempt: Attempt, report: StatusReport) -> None:
    try:
        outcome = Outcome(report.outcome)
    except ValueError:
        outcome = Outcome.FAILED
    if outcome in {Outcome.FINISHED, Outcome.CANCELLED}:
        outcome = Outcome.FAILED
    message = report.details[:_REASON_LIMIT] or f"The {attempt.run.step} step failed."
    code = report.code[:40] or (outcome.value if outcome not in OURS else "internal")
    fail_attempt(attempt, outcome, code, message, report.hint[:_REASON_LIMIT], report.exit_code)
