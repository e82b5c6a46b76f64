"""Giving a run to a worker: the lease, the attempt's secret, and the order that says what to run on what."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from podium.rules.deadlines import HEARTBEAT
from podium.rules.errors import Conflict
from podium.rules.history import EventKind
from podium.rules.limits import TIME
from podium.rules.runs import Outcome, Step, SubmissionStatus
from podium.server import clock
from podium.server.competitions.queries.running import (
    limits_asked_by,
    scores_failed_predictions,
    shows_reference_data,
    task_inputs,
)
from podium.server.configuration import configuration
from podium.server.files.links import download_url, upload_url
from podium.server.files.queries import StoredFile, stored_file
from podium.server.files.services import open_tickets
from podium.server.history.services import ChainName, append
from podium.server.jobs import leases
from podium.server.jobs.line import hold_line, next_in_line
from podium.server.jobs.models import Worker
from podium.server.jobs.queries import queues_served_by
from podium.server.jobs.services import note_worker_seen, require_sandbox
from podium.server.prepared_queries import prepared
from podium.server.queues.allowance import Allowance, allowance
from podium.server.submissions.models import Attempt, Run, RunFile, Submission
from podium.server.submissions.queries.access import DETAILED_RESULTS
from podium.server.submissions.services.end import lose
from podium.server.submissions.services.looking_back import Past, order_keys, past_again, past_of
from podium.server.submissions.services.making_again import inputs_again, keep_files_read, next_check
from podium.server.submissions.services.runs import RUN_KINDS, go_on, locked, task_of

PREDICTIONS_GONE = "What its prediction step wrote is not kept any more. Run the submission again to score it."
_PREDICTIONS = "prediction_result"
_LOG_BYTES = 64 << 20
_RESULT_BYTES = 16 << 30


def claim(worker: Worker, slot: int, *, heartbeats: bool = True) -> dict[str, Any] | None:
    """The next run for a slot of a worker, as the run arguments of the contract with a few keys of ours; None where
    nothing waits. A slot that asks holds nothing: what it had before is lost, and tried again.
    A worker without `heartbeats` does not renew its lease, which then holds for as long as the whole attempt may take.

    Raises:
        NotAllowed: the worker has no sandbox, and anybody can sign up (`worker-unsandboxed`).
    """
    require_sandbox(worker.sandbox)
    note_worker_seen(worker)
    for lease in leases.held_by(worker, slot):
        lose(lease, f"Worker {worker.name} was restarted while it worked on this.")
    served = queues_served_by(worker)
    queues = [queue for queue in served if queue is not None]
    check = next_check(worker)
    if check is not None:
        with suppress(Conflict), transaction.atomic():
            order = _take(check, worker, slot, heartbeats=heartbeats)
            if order is not None:
                return order
    # Looked up without a transaction first: workers ask often, and mostly nothing waits.
    while served and next_in_line(RUN_KINDS, queues) is not None:
        with suppress(Conflict), transaction.atomic():
            hold_line(queues)
            job_id = next_in_line(RUN_KINDS, queues)
            return None if job_id is None else _take(job_id, worker, slot, heartbeats=heartbeats)
    return None


def _take(job_id: int, worker: Worker, slot: int, *, heartbeats: bool) -> dict[str, Any] | None:
    run = Run.objects.filter(job_id=job_id).select_related("job__queue", "verification__attempt").first()
    if run is None:
        leases.cancel(job_id, "The submission that it belonged to was deleted.")
        return None
    run.submission = locked(run.submission_id)
    gone = _why_gone(run)
    if gone:
        leases.cancel(job_id, gone)
        return None
    given = _allowance(run)
    lease = leases.take(job_id, worker, slot, time_limit_s=given.time_limit_s, heartbeats=heartbeats)
    return _begin_attempt(run, lease, given, worker, slot, heartbeats=heartbeats)


def _why_gone(run: Run) -> str:
    """Why a run in the shadow cannot be done any more; empty where it can."""
    if run.verification is not None:
        try:
            inputs_again(run)
        except Conflict as gone:
            return gone.message
    elif run.in_shadow and predictions_are_gone(run.submission):
        return PREDICTIONS_GONE
    return ""


def _allowance(run: Run) -> Allowance:
    phase = run.submission.phase
    # A check of a worker waits in no queue, and is to get what the submission got.
    queue = run.job.queue if run.verification is None else phase.competition.queue
    return allowance(queue, limits_asked_by(phase, task_of(run.submission)), phase.execution_time_limit_s)


def _begin_attempt(
    run: Run, lease: leases.Lease, given: Allowance, worker: Worker, slot: int, *, heartbeats: bool
) -> dict[str, Any]:
    submission = run.submission
    step = Step(run.step)
    inputs = _inputs(run)
    # Workers of Codabench cannot lay it out.
    past = _past(run) if step is Step.SCORING and heartbeats else Past()
    now = clock.now()
    attempt = Attempt.objects.create(
        run=run,
        number=lease.attempt,
        worker=worker,
        worker_name=worker.name,
        slot=slot,
        keeps_lease=heartbeats,
        doing=SubmissionStatus.PREPARING if heartbeats else "",
        made_from={name: file.sha256 for name, file in inputs.items()} | past.made_from,
        looked_back=list(past.sources),
        sandbox=worker.sandbox,
        worker_version=worker.version,
        limits={TIME.name: given.time_limit_s, **given.limits},
        network=given.network,
        notes=[*given.remarks, *past.remarks],
        started_at=now,
    )
    if not run.in_shadow:
        _note_start(submission, now)
        go_on(submission, SubmissionStatus.RUNNING if step is Step.PREDICTION else SubmissionStatus.SCORING)
    append(
        ChainName.competition(submission.phase.competition_id),
        EventKind.ATTEMPT_STARTED,
        actor=None,
        payload={
            "submission": submission.pk,
            "step": step,
            "attempt": attempt.number,
            "worker": worker.pk,
            "made_from": attempt.made_from,
            "in_shadow": run.in_shadow,
        },
    )
    keep_files_read(task_of(submission), step, inputs)
    order = _order(attempt, submission, step, inputs, given)
    return order | order_keys(submission, past) if step is Step.SCORING and heartbeats else order


def _past(run: Run) -> Past:
    if run.verification is None:
        return past_of(run.submission)
    return past_again(run.verification.attempt) or past_of(run.submission)


def _note_start(submission: Submission, now: datetime) -> None:
    """Keep when a submission, and its parent, were begun first."""
    for begun in (submission, submission.parent):
        if begun is not None and begun.started_at is None:
            begun.started_at = now
            begun.save(update_fields=["started_at"])


def _inputs(run: Run) -> dict[str, StoredFile]:
    """What the step reads, by its names in the contract's run arguments."""
    if run.verification is not None:
        return inputs_again(run)
    task = task_inputs(task_of(run.submission).pk)
    if run.step == Step.PREDICTION:
        before = not task.ingestion_only_during_scoring
        named = {
            "program_data": stored_file(run.submission.data),
            "ingestion_program": task.ingestion_program if before else None,
            "input_data": task.input_data,
        }
    else:
        during = task.ingestion_only_during_scoring
        named = {
            "program_data": task.scoring_program,
            "ingestion_program": task.ingestion_program if during else None,
            "input_data": task.input_data if during else None,
            "reference_data": task.reference_data,
            "prediction_result": _predictions(run.submission),
        }
    return {name: file for name, file in named.items() if file is not None}


def _predictions(submission: Submission) -> StoredFile | None:
    """What scoring reads: the result of the prediction step, or the submission itself where there was none."""
    return _written_predictions(submission) or stored_file(submission.data)


def _written_predictions(submission: Submission) -> StoredFile | None:
    """The result of the prediction step; None where there was none."""
    written = _predictions_kept(submission=submission.pk)
    if not written:
        return None
    sha256, size_bytes = written[0]
    return StoredFile(sha256, size_bytes, f"{_PREDICTIONS}.zip")


@prepared
def _predictions_kept(submission: int) -> QuerySet[RunFile, Any]:
    done = RunFile.objects.filter(kind=_PREDICTIONS, attempt__outcome=Outcome.FINISHED, ticket__blob__isnull=False)
    newest = done.filter(attempt__run__submission=submission, attempt__run__in_shadow=False).order_by("-attempt_id")
    return newest.values_list("ticket__blob__sha256", "ticket__blob__size_bytes")[:1]


def predictions_are_gone(submission: Submission) -> bool:
    """Whether a prediction step was done of whose result nothing is kept any more."""
    predicted = submission.runs.filter(step=Step.PREDICTION, in_shadow=False).exists()
    return predicted and _written_predictions(submission) is None


def _order(
    attempt: Attempt, submission: Submission, step: Step, inputs: dict[str, StoredFile], given: Allowance
) -> dict[str, Any]:
    competition = submission.phase.competition
    chosen = configuration()
    order: dict[str, Any] = {
        "user_pk": submission.owner_id,
        "id": submission.pk,
        "secret": str(attempt.secret),
        "submissions_api_url": f"{chosen.url}/api",
        "docker_image": competition.docker_image,
        "execution_time_limit": given.time_limit_s,
        "is_scoring": step is Step.SCORING,
        "ingestion_only_during_scoring": task_of(submission).ingestion_only_during_scoring,
        "score_failed_predictions": scores_failed_predictions(task_of(submission)),
        "ingestion_sees_reference_data": shows_reference_data(task_of(submission)),
        "limits": dict(given.limits),
        "network": given.network,
        "attempt": attempt.number,
        "lease": str(leases.Lease(attempt.run.job_id, attempt.number)),
        "predictions_ran": step is Step.SCORING and _written_predictions(submission) is not None,
        "heartbeat_s": HEARTBEAT.total_seconds(),
        "scores_with_status": True,
    }
    for name, file in inputs.items():
        order[name] = download_url(file.sha256, file.file_name, absolute=True)
    return order | _uploads(attempt, _written(step, detailed=competition.enable_detailed_results))


def _written(step: Step, *, detailed: bool) -> dict[str, int]:
    """What the step may upload, by its names in the contract's run arguments, and how many bytes of it."""
    logs = {f"{step}{part}_{stream}": _LOG_BYTES for part in ("", "_ingestion") for stream in ("stdout", "stderr")}
    if step is Step.PREDICTION:
        return {_PREDICTIONS: _RESULT_BYTES, **logs}
    return {**logs, "scoring_result": _RESULT_BYTES, **({f"{DETAILED_RESULTS}_url": _LOG_BYTES} if detailed else {})}


def _uploads(attempt: Attempt, sizes: Mapping[str, int]) -> dict[str, str]:
    """Links to upload to, by their names in the contract's run arguments."""
    kinds = {name: name.removesuffix("_url") for name in sizes}
    # Its program may write detailed results again and again while it runs.
    tickets = open_tickets((sizes[name], kinds[name] == DETAILED_RESULTS) for name in sizes)
    pairs = list(zip(kinds.items(), tickets, strict=True))
    RunFile.objects.bulk_create(RunFile(attempt=attempt, kind=kind, ticket=ticket) for (_, kind), ticket in pairs)
    return {name: upload_url(ticket.key, absolute=True) for (name, _), ticket in pairs}
