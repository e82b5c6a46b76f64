"""What workers report of an attempt: status, scores, files. In whatever order, and however often, it arrives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from podium.rules.codabench_failures import Explained, explain
from podium.rules.deadlines import PREDICTIONS_GRACE, SCORES_GRACE
from podium.rules.errors import Conflict, ProgramError, UserError
from podium.rules.runs import OURS, Outcome, Program, Step, SubmissionStatus
from podium.rules.scores import check_scores
from podium.server.jobs import leases
from podium.server.submissions.models import Attempt, Run
from podium.server.submissions.services.attempts import (
    LONGEST_RUNTIME,
    LONGEST_TEXT,
    attempt_of_secret,
    clean,
    lease_of,
    locked_attempt,
)
from podium.server.submissions.services.end import REPORTED, end_prediction, end_scoring, fail_attempt, lose
from podium.server.submissions.services.on_the_way import keep_md5, note_doing
from podium.server.submissions.services.predictions import failure_in_metadata
from podium.server.submissions.services.runs import locked_with_board

# Of the site's making: an attempt that ended so did not end by its worker's word.
TAKEN_AWAY = frozenset({Outcome.LOST, Outcome.RETURNED, Outcome.CANCELLED})
_GRACE = {Step.PREDICTION: PREDICTIONS_GRACE, Step.SCORING: SCORES_GRACE}
_DONE = {Step.PREDICTION: SubmissionStatus.SCORING, Step.SCORING: SubmissionStatus.FINISHED}
"""By which status a worker says that a step is done."""
_RAN_IN = ("runtime", "runtime_digest")
_LONGEST_DIGEST = 100
_ON_THE_WAY = frozenset({SubmissionStatus.RUNNING, SubmissionStatus.PREPARING})


@dataclass(frozen=True)
class StatusReport:
    """A status as a worker sends it. What follows `details` comes from our own workers only;
    `program` is a word of podium.rules.runs.Program: whose program it was that failed. `scores` come with the end of a
    scoring step, or before it by `report_scores`."""

    status: str
    details: str = ""
    outcome: str = ""
    code: str = ""
    hint: str = ""
    exit_code: int | None = None
    runtime: str = ""
    runtime_digest: str = ""
    program: str = ""
    md5: str = ""
    scores: Mapping[str, object] | None = None


def renew(submission_id: int, secret: str, lease: str = "") -> leases.Lease:
    """Prolong the lease of an attempt, and return it.

    Raises:
        NotAllowed: the secret is not right.
        Conflict: the attempt is over.
    """
    held = lease_of(attempt_of_secret(submission_id, secret, lease))
    leases.renew(held)
    return held


def give_back(submission_id: int, secret: str, reason: str, lease: str = "") -> None:
    """A worker that stops hands its run back, to be taken by another. That does not count as an attempt."""
    lose(lease_of(attempt_of_secret(submission_id, secret, lease)), clean(reason), outcome=Outcome.RETURNED)


def report_status(submission_id: int, secret: str, report: StatusReport, lease: str = "") -> None:
    """Take a status report of the live attempt.

    A report of an attempt that ended by its worker's word, and that says so once more, changes nothing.

    Raises:
        NotAllowed: the secret is not right.
        Conflict: the attempt is over, and this is news.
        UserError: there is no such status.
    """
    try:
        status = SubmissionStatus(report.status)
    except ValueError as error:
        raise UserError("status-unknown", f"There is no status {report.status[:40]!r}.") from error
    if status in _ON_THE_WAY:
        note_doing(attempt_of_secret(submission_id, secret, lease), status, report.details, report.runtime)
        return
    with transaction.atomic():
        attempt = locked_attempt(submission_id, secret, lease)
        if _says_it_again(attempt, status):
            return
        if report.md5:
            keep_md5(attempt, report.md5)
        attempt.runtime = clean(report.runtime)[:LONGEST_RUNTIME] or attempt.runtime
        attempt.runtime_digest = clean(report.runtime_digest)[:_LONGEST_DIGEST]
        if status is SubmissionStatus.FAILED:
            _fail(attempt, report)
        elif status is _DONE[Step(attempt.run.step)]:
            _done(attempt, report)
        else:
            leases.check_alive(lease_of(attempt))
            attempt.save(update_fields=_RAN_IN)


def _done(attempt: Attempt, report: StatusReport) -> None:
    """The worker says that the step is done, perhaps with its scores."""
    attempt.reported_done = True
    attempt.exit_code = report.exit_code
    try:
        if report.scores is not None and attempt.run.step == Step.SCORING:
            attempt.reported_scores = _pairs(_numbers(report.scores))
    except ProgramError as error:
        fail_attempt(attempt, Outcome.FAILED, error.code, error.message, error.hint, report.exit_code)
        return
    _end_or_wait(attempt)


def report_scores(submission_id: int, secret: str, scores: object, lease: str = "") -> None:
    """Take the scores of a scoring attempt. The same ones again change nothing.

    Raises:
        NotAllowed: the secret is not right.
        Conflict: the attempt is over.
        ProgramError: they are no usable scores; the submission has failed with that reason.
    """
    problem: ProgramError | None = None
    with transaction.atomic():
        attempt = locked_attempt(submission_id, secret, lease)
        if attempt.run.step != Step.SCORING:
            raise Conflict("not-scoring", "Only a scoring step has scores.", "Report the end of the prediction step.")
        try:
            taken = _numbers(scores)
        except ProgramError as error:
            leases.check_alive(lease_of(attempt))
            fail_attempt(attempt, Outcome.FAILED, error.code, error.message, error.hint, None)
            problem = error
        else:
            _take_scores(attempt, taken)
    if problem is not None:
        raise problem


def predictions_arrived(attempt_id: int) -> None:
    """The predictions of an attempt are here; they may be the last thing that its step waited for."""
    with transaction.atomic():
        submission = locked_with_board(Run.objects.values_list("submission_id", flat=True).get(attempts=attempt_id))
        found = Attempt.objects.select_related("run").get(pk=attempt_id)
        found.run.submission = submission
        if not found.outcome:
            _end_if_complete(found)


def _says_it_again(attempt: Attempt, status: SubmissionStatus) -> bool:
    if attempt.outcome == Outcome.FINISHED:
        return status is _DONE[Step(attempt.run.step)]
    ended = attempt.outcome != "" and attempt.outcome not in TAKEN_AWAY
    return ended and status is SubmissionStatus.FAILED


def _numbers(scores: object) -> dict[str, float]:
    if not isinstance(scores, Mapping):
        raise ProgramError(
            "scores-invalid",
            f"The scores are a {type(scores).__name__} instead of an object of keys and numbers.",
            'Write scores.json into the output folder as one object, such as {"accuracy": 0.93}.',
        )
    return check_scores(scores)


def _pairs(scores: Mapping[str, float]) -> list[list[object]]:
    """Scores as they are kept: PostgreSQL does not keep the order of an object's keys."""
    return [[key, value] for key, value in scores.items()]


def _take_scores(attempt: Attempt, scores: Mapping[str, float]) -> None:
    pairs = _pairs(scores)
    if attempt.outcome == Outcome.FINISHED and attempt.reported_scores == pairs:
        return
    attempt.reported_scores = pairs
    _end_or_wait(attempt)


def _end_or_wait(attempt: Attempt) -> None:
    """End the step if it is complete; otherwise keep what came, and the other half of its end must come soon.

    Raises:
        Conflict: the attempt is over.
    """
    if not _end_if_complete(attempt):
        attempt.save(update_fields=REPORTED)
        leases.hurry(lease_of(attempt), _GRACE[Step(attempt.run.step)])


def _end_if_complete(attempt: Attempt) -> bool:
    """A step has ended when its worker says so and everything that it implies is here. Returns whether it has.

    A worker of ours says itself that a program failed; of another's, which names no runtime, the predictions tell.
    """
    if not attempt.reported_done:
        return False
    if attempt.run.step == Step.PREDICTION:
        if not attempt.files.filter(kind="prediction_result").exclude(ticket__blob=None).exists():
            return False
        failure = None if attempt.runtime else failure_in_metadata(attempt)
        if failure is not None:
            fail_attempt(attempt, Outcome.FAILED, failure.code, failure.message, failure.hint, failure.exit_code)
        else:
            end_prediction(attempt, attempt.exit_code)
    elif attempt.reported_scores is None:
        return False
    else:
        scores = {key: float(value) for key, value in attempt.reported_scores}
        end_scoring(attempt, scores, attempt.exit_code)
    return True


def _fail(attempt: Attempt, report: StatusReport) -> None:
    known = None if report.code else _explained(attempt, report)
    if known is not None:
        fail_attempt(attempt, known.outcome, known.code, known.message, known.hint, known.exit_code)
        return
    try:
        outcome = Outcome(report.outcome)
    except ValueError:
        outcome = Outcome.FAILED
    if outcome in TAKEN_AWAY | {Outcome.FINISHED}:
        outcome = Outcome.FAILED
    said = clean(report.details) or f"The {attempt.run.step} step failed."
    noted = attempt.reason
    message = f"{said} {noted}"[:LONGEST_TEXT] if noted and noted not in said else said
    code = clean(report.code)[:40] or (outcome.value if outcome not in OURS else "internal")
    blamed = report.program if report.program in tuple(Program) else ""
    fail_attempt(attempt, outcome, code, message, clean(report.hint), report.exit_code, blamed)


def _explained(attempt: Attempt, report: StatusReport) -> Explained | None:
    """What a worker of Codabench means by its words."""
    return explain(Step(attempt.run.step), clean(report.details), attempt.trouble, attempt.reason)
