"""How attempts and submissions end, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from podium.rules import runs as rules
from podium.rules.board.submission_rules import Happening
from podium.rules.errors import Conflict
from podium.rules.history import EventKind
from podium.rules.runs import Outcome, Program, Step, SubmissionStatus, check_transition, parent_status
from podium.server import clock
from podium.server.files.services import close_tickets
from podium.server.history.services import ChainName, append
from podium.server.jobs import leases
from podium.server.leaderboards.queries import CompetitionColumns, columns_of_competition
from podium.server.submissions.models import Attempt, Run, Score, Submission
from podium.server.submissions.services.board import refresh_board
from podium.server.submissions.services.item_scores import want_item_scores
from podium.server.submissions.services.making_again import run_again
from podium.server.submissions.services.notes import add_notes, shortened
from podium.server.submissions.services.runs import go_on, locked, locked_with_board, make_run

INTERNAL_CODE = "internal"
REPORTED = ("runtime", "runtime_digest", "reported_done", "reported_scores", "exit_code")
"""What an attempt keeps of the reports of its worker."""
_MOST_NOTES = 20
_REASON = ["status_details", "reason_code", "reason_hint", "failed_step", "failed_program", "internal_failure"]
_NOT_YOURS = "It is not your fault and does not count against your limit. Submit again, or tell the organizer."
_ENDED_AS = {
    SubmissionStatus.FINISHED: EventKind.SUBMISSION_FINISHED,
    SubmissionStatus.FAILED: EventKind.SUBMISSION_FAILED,
}


def end_attempt(attempt: Attempt, outcome: Outcome, reason: str = "", exit_code: int | None = None) -> rules.Run:
    """End the live attempt, inside a transaction, and tell what became of its run.

    Raises:
        Conflict: the attempt is no longer the live one.
    """
    after = leases.end_attempt(leases.Lease(attempt.run.job_id, attempt.number), outcome, reason)
    attempt.outcome = outcome
    attempt.reason = reason
    attempt.exit_code = exit_code
    attempt.ended_at = clock.now()
    attempt.save(update_fields=["outcome", "reason", "ended_at", *REPORTED])
    close_tickets(attempt.files.values_list("ticket_id", flat=True))
    _record_attempt(attempt.run, attempt.number, outcome, exit_code)
    return after


def _record_attempt(run: Run, number: int, outcome: Outcome, exit_code: int | None) -> None:
    append(
        ChainName.competition(run.submission.phase.competition_id),
        EventKind.ATTEMPT_LOST if outcome in rules.OURS else EventKind.ATTEMPT_ENDED,
        actor=None,
        payload={
            "submission": run.submission_id,
            "step": run.step,
            "attempt": number,
            "outcome": outcome,
            "exit_code": exit_code,
            "in_shadow": run.in_shadow,
        },
    )


def end_prediction(attempt: Attempt, exit_code: int | None) -> None:
    """The prediction step is done and its result has arrived: scoring comes next. The caller has locked the attempt's
    submission and its board."""
    end_attempt(attempt, Outcome.FINISHED, exit_code=exit_code)
    if attempt.run.verification is not None:
        run_again(attempt.run.verification, attempt.run.submission, Step.SCORING)
    else:
        make_run(attempt.run.submission, Step.SCORING)


@clock.one_moment()
def end_scoring(attempt: Attempt, scores: Mapping[str, float], exit_code: int | None) -> None:
    """The scoring step is done: keep its scores, finish the submission, bring the board up to date. The caller has
    locked the attempt's submission and its board. In the shadow, the scores stay with the attempt."""
    submission = attempt.run.submission
    end_attempt(attempt, Outcome.FINISHED, exit_code=exit_code)
    want_item_scores(attempt)
    if attempt.run.in_shadow:
        return
    competition_id = submission.phase.competition_id
    scores = _for_the_board(attempt, scores, columns_of_competition(competition_id))
    now = clock.now()
    Score.objects.filter(submission=submission, superseded_at=None).update(superseded_at=now)
    Score.objects.bulk_create(
        Score(submission=submission, attempt=attempt, column_key=key, position=position, value=value, created_at=now)
        for position, (key, value) in enumerate(scores.items())
    )
    append(
        ChainName.competition(competition_id),
        EventKind.SCORES_ACCEPTED,
        actor=None,
        payload={
            "submission": submission.pk,
            "task": submission.task_id,
            "attempt": attempt.number,
            "scores": scores,
        },
    )
    _become(submission, SubmissionStatus.FINISHED)


def _for_the_board(attempt: Attempt, scores: Mapping[str, float], columns: CompetitionColumns) -> dict[str, float]:
    """The scores that the leaderboard has a column for; a note for the log says which were left out, and why. The log
    is the participant's too, so a note does not name a column that participants do not see.

    Other keys are a program's free text, which has no place in what can never be erased.
    """
    computed = {column.key: column.computation is not None for column in columns.scored}
    shown = columns.shown(sees_hidden=False)
    notes = []
    for key in scores:
        if key not in computed:
            notes.append(f"The score {shortened(key)} was left out: the leaderboard has no such column.")
        elif computed[key]:
            name = f"The score {shortened(key)}" if key in shown else "A score"
            notes.append(f"{name} was left out: the leaderboard computes this column itself.")
    if notes:
        more = [f"{len(notes) - _MOST_NOTES} more scores were left out."] if len(notes) > _MOST_NOTES else []
        add_notes(attempt, [*notes[:_MOST_NOTES], *more])
    return {key: value for key, value in scores.items() if computed.get(key) is False}


def fail(submission: Submission, code: str, message: str, hint: str = "", *, internal: bool = False) -> None:
    """End a submission as failed, for a reason that its owner reads."""
    submission.status_details = message
    submission.reason_code = code
    submission.reason_hint = hint
    submission.internal_failure = internal
    submission.save(update_fields=_REASON)
    _become(submission, SubmissionStatus.FAILED)


def fail_attempt(
    attempt: Attempt,
    outcome: Outcome,
    code: str,
    message: str,
    hint: str,
    exit_code: int | None,
    program: str = "",
) -> None:
    """The attempt failed: the run is tried again where that is the site's fault, else the submission has failed.
    `program` says whose program it was; in a scoring step of which nothing is said, the one that scores. The caller has
    locked the attempt's submission and its board."""
    submission = attempt.run.submission
    after = end_attempt(attempt, outcome, message, exit_code)
    if attempt.run.in_shadow:
        return
    if not after.ended:
        go_on(submission, rules.waiting_status(Step(attempt.run.step)))
    elif outcome in rules.OURS:
        _fail_for_us(submission, message)
    else:
        submission.failed_step = attempt.run.step
        submission.failed_program = program or (Program.SCORING if attempt.run.step == Step.SCORING else "")
        fail(submission, code, message, hint)


def lose(lease: leases.Lease, reason: str = "", *, outcome: Outcome = Outcome.LOST, only_if_late: bool = False) -> None:
    """The holder of a lease is gone: its run is tried again, or ends as our failure after the last attempt.

    Without a reason the rows say it. With `only_if_late` nothing happens where the lease was prolonged in the meantime.
    """
    with transaction.atomic():
        attempt = (
            Attempt.objects.select_related("run__submission__phase__competition", "run__job")
            .filter(run__job_id=lease.job_id, number=lease.attempt)
            .get()
        )
        submission = locked_with_board(attempt.run.submission_id)
        if only_if_late and not leases.is_late(lease):
            return
        reason = reason or _why_late(attempt)
        try:
            after = end_attempt(attempt, outcome, reason)
        except Conflict:
            return
        if attempt.run.in_shadow:
            return
        if after.ended:
            _fail_for_us(submission, reason)
        else:
            go_on(submission, rules.waiting_status(Step(attempt.run.step)))


def _why_late(attempt: Attempt) -> str:
    """Why an attempt is over that nobody ended."""
    worker = attempt.worker_name
    if attempt.reported_done:
        missing = "the predictions" if attempt.run.step == Step.PREDICTION else "the scores"
        return f"Worker {worker} said that it was done, but {missing} did not arrive."
    if attempt.reported_scores is not None:
        return f"Worker {worker} sent scores, but never said that it was done."
    if leases.is_overdue(attempt.run.job_id):
        return f"Worker {worker} had this for much longer than the time limit allows."
    return f"Worker {worker} was not heard of any more."


def cancel_runs(submission: Submission, reason: str) -> None:
    """Take everything of a submission from workers and queues."""
    for run in submission.runs.select_related("job").exclude(job__state__in=rules.RUN_ENDED):
        cancel_run(run, reason)
    _become(submission, SubmissionStatus.CANCELLED)


def cancel_run(run: Run, reason: str) -> None:
    """Take one run, which has not ended, from the worker or the queue that has it."""
    leases.cancel(run.job_id, reason)
    live = run.attempts.filter(outcome="")
    numbers = list(live.values_list("number", flat=True))
    live.update(outcome=Outcome.CANCELLED, reason=reason, ended_at=clock.now())
    for number in numbers:
        _record_attempt(run, number, Outcome.CANCELLED, None)


def give_up(submission: Submission, reason: str) -> None:
    """End a submission that cannot be run here, as the site's failure, with whatever of it still waits."""
    for run in submission.runs.select_related("job").exclude(job__state__in=rules.RUN_ENDED):
        leases.cancel(run.job_id, reason)
    fail(submission, INTERNAL_CODE, f"This site failed to run your submission. {reason}", _NOT_YOURS, internal=True)


def _fail_for_us(submission: Submission, reason: str) -> None:
    fail(
        submission,
        INTERNAL_CODE,
        f"This site failed to run your submission {rules.MAX_ATTEMPTS} times. {reason}",
        _NOT_YOURS,
        internal=True,
    )


def _become(submission: Submission, status: SubmissionStatus) -> None:
    """Put a submission that is run into another state, its parent into the one that follows, and the board after."""
    check_transition(SubmissionStatus(submission.status), status)
    submission.status = status
    if status in rules.TERMINAL:
        submission.ended_at = clock.now()
    submission.save(update_fields=["status", "ended_at"])
    _record_end(submission)
    top = submission
    if submission.parent_id is not None:
        top = _updated_parent(submission.parent_id)
        _record_end(top)
    if top.status == SubmissionStatus.FINISHED:
        refresh_board(top, Happening.SCORED)


def _record_end(submission: Submission) -> None:
    kind = _ENDED_AS.get(SubmissionStatus(submission.status))
    if kind is None:
        return
    payload: dict[str, object] = {"submission": submission.pk}
    if kind is EventKind.SUBMISSION_FAILED:
        payload |= {"step": submission.failed_step, "internal": submission.internal_failure}
    append(ChainName.competition(submission.phase.competition_id), kind, actor=None, payload=payload)


def _updated_parent(parent_id: int) -> Submission:
    parent = locked(parent_id)
    children = list(parent.children.order_by("pk"))
    status = parent_status([SubmissionStatus(child.status) for child in children])
    parent.status = status
    if status in rules.TERMINAL:
        parent.ended_at = clock.now()
        failed = [child for child in children if child.status == SubmissionStatus.FAILED]
        if failed:
            parent.status_details = failed[0].status_details
            parent.reason_code = failed[0].reason_code
            parent.reason_hint = failed[0].reason_hint
            parent.failed_step = failed[0].failed_step
            parent.failed_program = failed[0].failed_program
        ours = [child.internal_failure for child in failed]
        # One that has scores would have more of them but for the site; one without any may have itself to blame.
        parent.internal_failure = any(ours) if status is SubmissionStatus.FINISHED else bool(ours) and all(ours)
    parent.save()
    return parent
