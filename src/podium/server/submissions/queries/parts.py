"""What a submission did on its tasks: its runs and their attempts, what those wrote and what they scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from podium.rules.runs import SubmissionStatus
from podium.server.files.queries import StoredFile
from podium.server.leaderboards.queries import columns_of_competition
from podium.server.submissions.models import Attempt, Run, RunFile, Score, Submission
from podium.server.submissions.queries.access import Sight
from podium.server.submissions.queries.computed import with_computed
from podium.server.submissions.queries.files import file_name_of
from podium.server.submissions.queries.live import StandingLog, standing_logs
from podium.server.submissions.queries.reasons import Reason, reason_of, told_reason
from podium.server.submissions.queries.waiting import WaitDetail, wait_of

Row = TypeVar("Row")


@dataclass(frozen=True)
class WrittenFile:
    """A log or a result that an attempt wrote; `kind` is its name in the contract."""

    kind: str
    file: StoredFile


@dataclass(frozen=True)
class AttemptDetail:
    """One try at a run. `outcome` is empty while it lives; `made_from` are sha256 by the input's name;
    `limits` amounts by the names of podium.rules.limits, `notes` what the server remarked; `live_logs` are
    those of which there is no file yet."""

    id: int
    number: int
    worker: str
    host: str
    slot: int
    outcome: str
    reason: str
    exit_code: int | None
    runtime: str
    started_at: datetime
    ended_at: datetime | None
    made_from: Mapping[str, str]
    limits: Mapping[str, float]
    network: bool
    notes: tuple[str, ...]
    files: tuple[WrittenFile, ...]
    live_logs: tuple[StandingLog, ...]


@dataclass(frozen=True)
class RunDetail:
    """One step on one task. `wait` is what it waits for, and None once it has ended."""

    id: int
    step: str
    state: str
    reason: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    wait: WaitDetail | None
    attempts: tuple[AttemptDetail, ...]
    output_hidden: bool


@dataclass(frozen=True)
class ScoreDetail:
    """One living score, by its column's key, in the order written; those that the board computes come last."""

    key: str
    value: float


@dataclass(frozen=True)
class PartDetail:
    """A submission on one task: itself, or a child."""

    id: int
    task_id: int
    task_name: str
    status: SubmissionStatus
    status_details: str
    hint: str
    runs: tuple[RunDetail, ...]
    scores: tuple[ScoreDetail, ...]


def parts_of(sight: Sight) -> tuple[PartDetail, ...]:
    """The submission itself, or its children in order, as far as the person may see them."""
    row = sight.row
    parts = [row] if row.task_id is not None else list(row.children.select_related("task", "phase").order_by("pk"))
    ids = [part.pk for part in parts]
    runs = _grouped(
        Run.objects.filter(submission_id__in=ids, in_shadow=False).select_related("job").order_by("pk"),
        lambda run: run.submission_id,
    )
    attempts = _grouped(
        Attempt.objects.filter(run__submission_id__in=ids, run__in_shadow=False).order_by("number"),
        lambda attempt: attempt.run_id,
    )
    files = _grouped(
        RunFile.objects.filter(attempt__run__submission_id__in=ids, attempt__run__in_shadow=False)
        .exclude(ticket__blob=None, noted=None)
        .select_related("ticket__blob", "noted", "shared")
        .order_by("pk"),
        lambda file: file.attempt_id,
    )
    scores = _grouped(
        Score.objects.filter(submission_id__in=ids, superseded_at=None).order_by("position"),
        lambda score: score.submission_id,
    )
    live = standing_logs([attempt.pk for group in attempts.values() for attempt in group])
    columns = columns_of_competition(row.phase.competition_id)
    hidden = sight.hidden_keys
    whole = {pk: with_computed(columns, {score.column_key: score.value for score in scores.get(pk, [])}) for pk in ids}
    return tuple(
        _part(
            part,
            reason_of(part, sees_output=sight.sees_output, own=sight.own),
            tuple(_run(run, sight, attempts.get(run.pk, []), files, live) for run in runs.get(part.pk, [])),
            {key: value for key, value in whole[part.pk].items() if key not in hidden},
        )
        for part in parts
    )


def _part(part: Submission, reason: Reason, runs: tuple[RunDetail, ...], scores: Mapping[str, float]) -> PartDetail:
    return PartDetail(
        id=part.pk,
        task_id=part.task_id or 0,
        task_name=part.task.name if part.task else "",
        status=SubmissionStatus(part.status),
        status_details=reason.message,
        hint=reason.hint,
        runs=runs,
        scores=tuple(ScoreDetail(key, value) for key, value in scores.items()),
    )


def _run(
    run: Run,
    sight: Sight,
    attempts: Sequence[Attempt],
    files: Mapping[int, list[RunFile]],
    live: Mapping[int, list[StandingLog]],
) -> RunDetail:
    job = run.job
    visible = sight.may_see_output(run.step)
    return RunDetail(
        id=run.pk,
        step=run.step,
        state=job.state,
        reason=told_reason(job.reason, job.outcome, run.step, sees_output=visible),
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        wait=wait_of(job, attempts),
        attempts=tuple(
            _attempt(
                attempt,
                told_reason(attempt.reason, attempt.outcome, run.step, sees_output=visible),
                _files(sight, run.step, files.get(attempt.pk, [])),
                live.get(attempt.pk, []) if visible else [],
                visible=visible,
            )
            for attempt in attempts
        ),
        output_hidden=not visible,
    )


def _attempt(
    attempt: Attempt, reason: str, files: Iterable[WrittenFile], live_logs: Iterable[StandingLog], *, visible: bool
) -> AttemptDetail:
    return AttemptDetail(
        id=attempt.pk,
        number=attempt.number,
        worker=attempt.worker_name,
        host=attempt.host,
        slot=attempt.slot,
        outcome=attempt.outcome,
        reason=reason,
        exit_code=attempt.exit_code,
        runtime=attempt.runtime,
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        made_from=attempt.made_from,
        limits=attempt.limits,
        network=attempt.network,
        notes=tuple(attempt.notes) if visible else (),
        files=tuple(files),
        live_logs=tuple(live_logs),
    )


def _files(sight: Sight, step: str, files: Iterable[RunFile]) -> list[WrittenFile]:
    """What an attempt of that step wrote, as far as the person may see it."""
    open_files = ((file.kind, sight.blob_of(file)) for file in files if sight.may_see_file(step, file.kind))
    return [
        WrittenFile(kind, StoredFile(blob.sha256, blob.size_bytes, file_name_of(kind)))
        for kind, blob in open_files
        if blob is not None
    ]


def _grouped(rows: Iterable[Row], key: Callable[[Row], int]) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups
