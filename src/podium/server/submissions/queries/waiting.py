"""What a run that has not ended waits for, in a sentence and in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from podium.rules.runs import MAX_ATTEMPTS, Step, SubmissionStatus
from podium.rules.waits import Waiting
from podium.server import clock
from podium.server.jobs.models import Job, JobState
from podium.server.jobs.place import Crew, place_of
from podium.server.submissions.models import Attempt, Run, Submission
from podium.server.submissions.services.runs import RUN_KINDS


@dataclass(frozen=True)
class WaitDetail:
    """What is waited for since when, and until when at most. `message` says it without a moment in it, so that whoever
    shows it writes moments in their own way. `ahead` and `estimate_s` are known while it waits in the queue, `worker`,
    its `host` as far as it tells, `slot` and `attempt` while it runs."""

    waiting: Waiting
    message: str
    hint: str
    since: datetime
    until: datetime | None = None
    ahead: int | None = None
    estimate_s: int | None = None
    worker: str = ""
    host: str = ""
    slot: int | None = None
    attempt: int | None = None


def wait_of(job: Job, attempts: Sequence[Attempt]) -> WaitDetail | None:
    """What a run with this job waits for; None where it has ended. `attempts` are all of it."""
    if job.state == JobState.LEASED:
        live = next((attempt for attempt in attempts if attempt.number == job.attempts), None)
        return None if live is None else _at_work(job, live)
    return _queued(job) if job.state == JobState.WAITING else None


def waits_of(submission: Submission) -> list[WaitDetail]:
    """What a submission, or its children, wait for: what is being worked on first."""
    parts = Q(submission=submission) | Q(submission__parent=submission)
    alive = Run.objects.filter(parts, in_shadow=False, job__state__in=(JobState.LEASED, JobState.WAITING))
    runs = alive.select_related("job").prefetch_related("attempts").order_by("job__state", "pk")
    found = (wait_of(run.job, list(run.attempts.all())) for run in runs)
    waits = [wait for wait in found if wait is not None]
    if not waits and submission.ended_at is None:
        waits.append(waits_for_start(submission.created_at))
    return waits


def waits_for_start(since: datetime) -> WaitDetail:
    """How a submission stands that its organizer is to start."""
    return WaitDetail(
        Waiting.START,
        "It waits for the organizer to start it.",
        "This competition does not run submissions by itself, and there is no time limit for that.",
        since,
    )


def _at_work(job: Job, attempt: Attempt) -> WaitDetail:
    machine = f" ({attempt.host})" if attempt.host else ""
    waiting, since = Waiting.PROGRAM, attempt.doing_since or attempt.started_at
    message = f"The {job.kind} step runs on worker {attempt.worker_name}{machine}, slot {attempt.slot}."
    if attempt.reported_done:
        scoring = job.kind == Step.SCORING
        waiting = Waiting.SCORES if scoring else Waiting.PREDICTIONS
        message = f"Worker {attempt.worker_name} is done and sends the {'scores' if scoring else 'predictions'}."
    elif attempt.reported_scores is not None:
        waiting, message = Waiting.WORD, f"Worker {attempt.worker_name} has sent scores and is about to end the step."
    elif attempt.doing == SubmissionStatus.PREPARING:
        waiting = Waiting.INPUTS
        message = f"Worker {attempt.worker_name}{machine} fetches what the {job.kind} step needs."
    tried = job.attempts - job.excused
    if tried > 1:
        message += f" It is attempt {tried} of {MAX_ATTEMPTS}."
    return WaitDetail(
        waiting,
        message,
        "If the worker is not heard of any more, the run is tried again.",
        since,
        until=job.deadline_at,
        worker=attempt.worker_name,
        host=attempt.host,
        slot=attempt.slot,
        attempt=attempt.number,
    )


def _queued(job: Job) -> WaitDetail:
    since = job.created_at if job.taken_at is None else job.taken_at
    if job.not_before is not None and job.not_before > clock.now():
        return WaitDetail(Waiting.RETRY, "It is tried again in a moment.", "", since, until=job.not_before)
    place = place_of(job, RUN_KINDS)
    if not place.crew.slots:
        return _unattended(job, place.crew, since, place.ahead)
    if place.at_limit:
        message = f"It waits until one of your other runs ends: {place.limit} of one person run here at a time."
        return WaitDetail(Waiting.OWN_RUNS, message, "", since, ahead=place.ahead)
    others = f"{place.ahead:,} {'run is' if place.ahead == 1 else 'runs are'} ahead of it"
    message = f"It waits for a free worker; {others if place.ahead else 'it is next'}."
    estimate = None if place.estimate_s is None else round(place.estimate_s)
    return WaitDetail(Waiting.TURN, message, "", since, ahead=place.ahead, estimate_s=estimate)


def _unattended(job: Job, crew: Crew, since: datetime, ahead: int) -> WaitDetail:
    queue = "this site" if job.queue_id is None else "its queue"
    if crew.without_network or crew.refusing:
        why = "programs of its queue have a network, and no worker there can give them one."
        if not crew.without_network:
            why = f"there is one of {queue}, but it takes no runs."
        hint = "The administrator reads why on the page Workers; nothing is lost, and it goes on by itself then."
        return WaitDetail(Waiting.WORKERS, f"It waits for a worker: {why}", hint, since, ahead=ahead)
    if crew.last_heard_at is None:
        message = f"It waits for a worker: none of {queue} was ever heard of."
    else:
        heard = crew.last_heard_at.strftime("%Y-%m-%d %H:%M UTC")
        message = f"It waits for a worker: none of {queue} has been heard of since {heard}."
    hint = "The administrator has to start one with `podium worker`; nothing is lost, and it goes on by itself then."
    return WaitDetail(Waiting.WORKERS, message, hint, since, ahead=ahead)
