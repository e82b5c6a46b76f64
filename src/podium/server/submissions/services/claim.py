"""Giving a run to a worker: the lease, the attempt's secret, and the order that says what to run on what."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import transaction

from podium.rules.errors import Conflict
from podium.rules.history import EventKind
from podium.rules.runs import HEARTBEAT, Outcome, Step, SubmissionStatus
from podium.server import clock
from podium.server.configuration import configuration
from podium.server.files.links import download_url, upload_url
from podium.server.files.models import DataSet
from podium.server.files.services import open_ticket
from podium.server.history.services import ChainName, append
from podium.server.jobs import leases
from podium.server.jobs.models import Worker
from podium.server.jobs.services import note_worker_seen
from podium.server.submissions.models import Attempt, Run, RunFile, Submission
from podium.server.submissions.services.end import lose
from podium.server.submissions.services.runs import RUN_KINDS, locked, task_of

_LOG_BYTES = 64 << 20
_RESULT_BYTES = 16 << 30


def claim(worker: Worker, slot: int) -> dict[str, Any] | None:
    """The next run for a slot of a worker, as the run arguments of the contract with a few keys of ours; None where
    nothing waits. A slot that asks holds nothing: what it had before is lost, and tried again.
    """
    note_worker_seen(worker)
    for lease in leases.held_by(worker, slot):
        lose(lease, f"Worker {worker.name} was restarted while it worked on this.")
    while (job_id := leases.next_waiting(RUN_KINDS)) is not None:
        with suppress(Conflict), transaction.atomic():
            return _take(job_id, worker, slot)
    return None


def _take(job_id: int, worker: Worker, slot: int) -> dict[str, Any]:
    run = Run.objects.get(job_id=job_id)
    run.submission = locked(run.submission_id)
    return _begin_attempt(run, leases.take(job_id, worker, slot), worker, slot)


def _begin_attempt(run: Run, lease: leases.Lease, worker: Worker, slot: int) -> dict[str, Any]:
    submission = run.submission
    step = Step(run.step)
    inputs = _inputs(run)
    now = clock.now()
    attempt = Attempt.objects.create(
        run=run,
        number=lease.attempt,
        worker=worker,
        worker_name=worker.name,
        slot=slot,
        made_from={name: data.blob_id for name, data in inputs.items()},
        started_at=now,
    )
    submission.status = SubmissionStatus.RUNNING if step is Step.PREDICTION else SubmissionStatus.SCORING
    submission.started_at = submission.started_at or now
    submission.save(update_fields=["status", "started_at"])
    if submission.parent_id is not None:
        Submission.objects.filter(pk=submission.parent_id, started_at=None).update(started_at=now)
        Submission.objects.filter(pk=submission.parent_id).update(status=SubmissionStatus.RUNNING)
    append(
        ChainName.competition(submission.phase.competition_id),
        EventKind.ATTEMPT_STARTED,
        actor=None,
        payload={"submission": submission.pk, "step": step, "attempt": attempt.number, "worker": worker.pk},
    )
    return _order(attempt, submission, step, inputs)


def _inputs(run: Run) -> dict[str, DataSet]:
    """The data sets that the step reads, by their names in the contract's run arguments."""
    task = task_of(run.submission)
    if run.step == Step.PREDICTION:
        named = {
            "program_data": run.submission.data,
            "ingestion_program": None if task.ingestion_only_during_scoring else task.ingestion_program,
            "input_data": task.input_data,
        }
    else:
        in_scoring = task.ingestion_only_during_scoring
        named = {
            "program_data": task.scoring_program,
            "ingestion_program": task.ingestion_program if in_scoring else None,
            "input_data": task.input_data if in_scoring else None,
            "reference_data": task.reference_data,
        }
    return {name: data for name, data in named.items() if data is not None}


def _order(attempt: Attempt, submission: Submission, step: Step, inputs: dict[str, DataSet]) -> dict[str, Any]:
    phase = submission.phase
    competition = phase.competition
    chosen = configuration()
    order: dict[str, Any] = {
        "user_pk": submission.owner_id,
        "id": submission.pk,
        "secret": str(attempt.secret),
        "submissions_api_url": f"{chosen.url}/api",
        "docker_image": competition.docker_image,
        "execution_time_limit": min(phase.execution_time_limit_s, chosen.time_limit_s),
        "is_scoring": step is Step.SCORING,
        "ingestion_only_during_scoring": task_of(submission).ingestion_only_during_scoring,
        "attempt": attempt.number,
        "heartbeat_s": HEARTBEAT.total_seconds(),
    }
    for name, data in inputs.items():
        if data.blob_id is not None:
            order[name] = download_url(data.blob_id, data.file_name, absolute=True)
    if step is Step.SCORING:
        order["prediction_result"] = _predictions_url(submission)
    else:
        order["prediction_result"] = _upload(attempt, "prediction_result", _RESULT_BYTES)
    for kind in _written(step, detailed=competition.enable_detailed_results):
        size = _RESULT_BYTES if kind == "scoring_result" else _LOG_BYTES
        order[kind] = _upload(attempt, kind.removesuffix("_url"), size)
    return order


def _written(step: Step, *, detailed: bool) -> list[str]:
    logs = [f"{step}{part}_{stream}" for part in ("", "_ingestion") for stream in ("stdout", "stderr")]
    if step is Step.PREDICTION:
        return logs
    return [*logs, "scoring_result", *(["detailed_results_url"] if detailed else [])]


def _upload(attempt: Attempt, kind: str, max_bytes: int) -> str:
    ticket = open_ticket(max_bytes)
    RunFile.objects.create(attempt=attempt, kind=kind, ticket=ticket)
    return upload_url(ticket.key, absolute=True)


def _predictions_url(submission: Submission) -> str:
    """What scoring reads: the result of the prediction step, or the submission itself where there was none."""
    written = (
        RunFile.objects.filter(
            attempt__run__submission=submission, kind="prediction_result", attempt__outcome=Outcome.FINISHED
        )
        .exclude(ticket__blob=None)
        .select_related("ticket")
        .order_by("-attempt_id")
        .first()
    )
    if written is not None and written.ticket.blob_id is not None:
        return download_url(written.ticket.blob_id, "prediction_result.zip", absolute=True)
    if submission.data.blob_id is None:
        message = "a submission that runs has arrived"
        raise AssertionError(message)
    return download_url(submission.data.blob_id, submission.data.file_name, absolute=True)
