"""Giving jobs to workers, and taking them back.

A lease is a promise with an end, on the server's clock alone; what may happen to it is decided by podium.rules.runs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from podium.rules import deadlines, runs
from podium.server import clock
from podium.server.jobs.models import Job, JobState, Worker
from podium.server.prepared_objects import prepared_objects
from podium.server.prepared_queries import prepared

_FRESH = timedelta(seconds=2)
_PORTION = 500


@dataclass(frozen=True)
class Lease:
    """A job somebody holds: `attempt` counts from 1 and is the fencing token. Its text names it in messages."""

    job_id: int
    attempt: int

    def __str__(self) -> str:
        return f"{self.job_id}.{self.attempt}"


def create_job(kind: str, *, owner_id: int | None = None, priority: int = 0, queue_id: int | None = None) -> Job:
    """Write a job that waits to be taken. `owner_id` is whose turn it takes up; None for what the site does itself."""
    return Job.objects.create(
        kind=kind, owner_id=owner_id, priority=priority, queue_id=queue_id, created_at=clock.now()
    )


def create_jobs(
    kind: str, number: int, *, owner_id: int | None, priority: int = 0, queue_id: int | None = None
) -> list[Job]:
    """The same for many at once."""
    now = clock.now()
    return Job.objects.bulk_create(
        (
            Job(kind=kind, owner_id=owner_id, priority=priority, queue_id=queue_id, created_at=now)
            for _ in range(number)
        ),
        batch_size=_PORTION,
    )


def next_waiting(kinds: tuple[str, ...]) -> int | None:
    """The id of the oldest job of these kinds among those that the site does itself."""
    due = Q(not_before=None) | Q(not_before__lte=clock.now())
    waiting = Job.objects.filter(due, state=JobState.WAITING, queue=None, owner=None, kind__in=kinds)
    return waiting.order_by("-priority", "id").values_list("pk", flat=True).first()


def take(
    job_id: int,
    worker: Worker | None = None,
    slot: int | None = None,
    *,
    time_limit_s: int | None = None,
    heartbeats: bool = True,
) -> Lease:
    """Lease a waiting job to a slot of a worker; to the site itself where no worker is named. With a time limit the
    attempt has a deadline; without `heartbeats`, for a worker that does not renew it, the lease holds until then.

    Raises:
        Conflict: somebody else took it in the meantime.
    """
    now = clock.now()
    job = _locked(job_id)
    deadline = None if time_limit_s is None else deadlines.attempt_end(now, time_limit_s)
    until = deadlines.lease_end(now, heartbeats=heartbeats, execution_time_limit_s=time_limit_s or 0)
    after = runs.claim(_run(job), now, until, deadline)
    job.worker = worker
    job.slot = slot
    job.started_at = job.started_at or now
    job.taken_at = now
    _write(job, after)
    return Lease(job.pk, job.attempts)


def renew(lease: Lease) -> None:
    """Prolong a lease from now. One that was prolonged a moment ago is left alone, for it writes nothing.

    Raises:
        Conflict: it is over.
    """
    fresh = clock.now() + deadlines.LEASE - _FRESH
    held = Job.objects.filter(pk=lease.job_id, state=JobState.LEASED, attempts=lease.attempt)
    if held.filter(lease_until__gt=fresh).exists():
        return
    with transaction.atomic():
        job = _locked(lease.job_id)
        _write(job, runs.renew(_run(job), lease.attempt, deadlines.lease_end(clock.now())))


def hurry(lease: Lease, within: timedelta) -> None:
    """Let the live attempt be over in a while at the latest.

    Raises:
        Conflict: the lease is over.
    """
    job = _locked(lease.job_id)
    _write(job, runs.hurry(_run(job), lease.attempt, clock.now() + within))


def check_alive(lease: Lease) -> None:
    """Lock the job of a lease and see that the lease is the live one.

    Raises:
        Conflict: it is over.
    """
    job = _locked(lease.job_id)
    runs.renew(_run(job), lease.attempt, clock.now())


def is_late(lease: Lease) -> bool:
    """Whether a lease is the live one of its job, which is locked by this, and has run out."""
    job = _locked(lease.job_id)
    return job.attempts == lease.attempt and _run(job).lease_is_over(clock.now())


def is_overdue(job_id: int) -> bool:
    """Whether the live attempt of a job has reached its deadline."""
    return Job.objects.filter(pk=job_id, deadline_at__lte=clock.now()).exists()


def alive(leases: Collection[Lease]) -> set[Lease]:
    """Those of the leases that are the live ones of their jobs, in one query."""
    held = Job.objects.filter(pk__in=[lease.job_id for lease in leases], state=JobState.LEASED)
    return {Lease(*row) for row in held.values_list("pk", "attempts")} & set(leases)


def end_attempt(lease: Lease, outcome: runs.Outcome, reason: str = "") -> runs.Run:
    """End the live attempt and return what became of the job: it waits again, or it has ended.

    Raises:
        Conflict: the lease was over already; nothing may be recorded for it.
    """
    job = _locked(lease.job_id)
    after = runs.end_attempt(_run(job), lease.attempt, outcome, clock.now(), reason)
    _write(job, after)
    return after


def cancel(job_id: int, reason: str) -> None:
    """Cancel a job, whether it waits or is being worked on."""
    job = _locked(job_id)
    _write(job, runs.cancel(_run(job), reason))


def held_by(worker: Worker, slot: int) -> list[Lease]:
    """What a slot still holds by our books."""
    return [Lease(pk, attempt) for pk, attempt, where in _held_by(worker=worker.pk) if where == slot]


@prepared
def _held_by(worker: int) -> QuerySet[Job, Any]:
    return Job.objects.filter(state=JobState.LEASED, worker=worker).values_list("pk", "attempts", "slot")


def run_out(now: datetime) -> list[Lease]:
    """Every lease that ran out before `now`."""
    late = Job.objects.filter(state=JobState.LEASED, lease_until__lte=now).order_by("pk")
    return [Lease(*row) for row in late.values_list("pk", "attempts")]


def _locked(job_id: int) -> Job:
    found = _for_update(job=job_id)
    if not found:
        raise Job.DoesNotExist
    return found[0]


@prepared_objects
def _for_update(job: int) -> QuerySet[Job]:
    return Job.objects.select_for_update().filter(pk=job)


def _run(job: Job) -> runs.Run:
    return runs.Run(
        state=runs.RunState(job.state),
        attempts=job.attempts,
        excused=job.excused,
        lease_until=job.lease_until,
        deadline=job.deadline_at,
        not_before=job.not_before,
        outcome=runs.Outcome(job.outcome) if job.outcome else None,
        reason=job.reason,
    )


def _write(job: Job, run: runs.Run) -> None:
    job.state = run.state
    job.attempts = run.attempts
    job.excused = run.excused
    job.lease_until = run.lease_until
    job.deadline_at = run.deadline
    job.not_before = run.not_before
    job.outcome = run.outcome or ""
    job.reason = run.reason
    if run.ended and job.ended_at is None:
        job.ended_at = clock.now()
    if run.state is runs.RunState.WAITING:
        job.worker = None
        job.slot = None
    job.save()
