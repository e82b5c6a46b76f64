"""How the scores of a submission were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from podium.rules.provenance import PREDICTIONS, Comparison, Making, StepRecord, compare, named_inputs
from podium.rules.runs import RUN_ENDED, Outcome, RunState, Step
from podium.server.accounts.people import Person
from podium.server.leaderboards.queries import columns_of_competition
from podium.server.submissions.models import Attempt, RunFile, ScoreEdit, Submission, Verification
from podium.server.submissions.queries.access import SCORING_RESULT, Sight, submission_for
from podium.server.submissions.services.making_again import made_by, prediction_of
from podium.server.submissions.services.runs import children_of


@dataclass(frozen=True)
class PartProvenance:
    """How the scores on one task were made. `corrections` is how often an organizer corrected them by hand since."""

    part_id: int
    task: str
    making: Making
    corrections: int


@dataclass(frozen=True)
class VerificationDetail:
    """A verification and how it went. `comparison` is there once it has been done; `problem` says why it could not
    be."""

    id: int
    submission_id: int
    task: str
    worker: str
    ended: bool
    problem: str
    before: Making
    now: Making | None
    comparison: Comparison | None


def provenance_of(person: Person | None, submission_id: int) -> tuple[PartProvenance, ...]:
    """How the scores of a submission were made, for each task that has some. Of a score that the person may not see
    nothing is told.

    Raises:
        NotAllowed, NotFound: the person does not see the submission.
    """
    sight = submission_for(person, submission_id)
    return tuple(found for part in children_of(sight.row) if (found := _part(sight, part)) is not None)


def verification_detail(verification: Verification) -> VerificationDetail:
    """How a verification went, or how far it is."""
    before = making_of(verification.attempt)
    runs = list(verification.runs.select_related("job").order_by("pk"))
    ended = all(run.job.state in RUN_ENDED for run in runs)
    attempts = Attempt.objects.filter(run__verification=verification, run__step=Step.SCORING, outcome=Outcome.FINISHED)
    made = attempts.select_related("run__submission__data").order_by("-pk").first()
    now = making_of(made) if made is not None else None
    failed = [run.job.reason or run.job.outcome for run in runs if run.job.state in _NOT_DONE]
    part = verification.attempt.run.submission
    return VerificationDetail(
        id=verification.pk,
        submission_id=part.pk,
        task=part.task.name if part.task else "",
        worker=verification.worker.name if verification.worker else "",
        ended=ended,
        problem=failed[-1] if failed and now is None else "",
        before=before,
        now=now,
        comparison=compare(before, now) if now is not None else None,
    )


_OUTPUT = "output"
_NOT_DONE = frozenset({RunState.FAILED, RunState.CANCELLED})


def making_of(attempt: Attempt) -> Making:
    """How a scoring attempt, and the prediction before it, made their scores."""
    predicted = _prediction_before(attempt)
    steps = [record_of(each, predicted=predicted is not None) for each in (predicted, attempt) if each is not None]
    return Making(steps, {key: float(value) for key, value in attempt.reported_scores or ()})


def record_of(attempt: Attempt, *, predicted: bool) -> StepRecord:
    """What is written down of an attempt. `predicted` says whether there was a prediction step."""
    step = Step(attempt.run.step)
    kinds = {PREDICTIONS: "predictions"} if step is Step.PREDICTION else {SCORING_RESULT: _OUTPUT}
    written = RunFile.objects.filter(attempt=attempt, kind__in=kinds).exclude(ticket__blob=None)
    return StepRecord(
        step=step,
        attempt=attempt.number,
        read=named_inputs(step, attempt.made_from, predicted=predicted),
        wrote={kinds[kind]: str(blob) for kind, blob in written.values_list("kind", "ticket__blob_id")},
        runtime=attempt.runtime,
        runtime_digest=attempt.runtime_digest,
        sandbox=attempt.sandbox,
        worker=attempt.worker_name,
        worker_version=attempt.worker_version,
        host=attempt.host,
        limits=attempt.limits,
        network=attempt.network,
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        exit_code=attempt.exit_code,
    )


def _prediction_before(attempt: Attempt) -> Attempt | None:
    if attempt.run.verification_id is None:
        return prediction_of(attempt)
    own = Attempt.objects.filter(run__verification=attempt.run.verification_id, run__step=Step.PREDICTION)
    return own.filter(outcome=Outcome.FINISHED).select_related("run__submission__data").order_by("-pk").first()


def _part(sight: Sight, part: Submission) -> PartProvenance | None:
    attempt = made_by(part)
    if attempt is None:
        return None
    making = making_of(attempt)
    columns = columns_of_competition(sight.row.phase.competition_id)
    told = making.scores if sight.staff else making.scores.keys() & (columns.keys - sight.hidden_keys)
    shown = {key: value for key, value in making.scores.items() if key in told}
    # Of what is for organizers only not even the hash is told: whoever guesses a short text could try it.
    steps = [each if sight.sees_output else replace(each, wrote=_without_output(each.wrote)) for each in making.steps]
    corrections = ScoreEdit.objects.filter(submission=part, at__gt=attempt.ended_at).count() if attempt.ended_at else 0
    return PartProvenance(part.pk, part.task.name if part.task else "", Making(steps, shown), corrections)


def _without_output(wrote: Mapping[str, str]) -> dict[str, str]:
    return {name: sha256 for name, sha256 in wrote.items() if name != _OUTPUT}
