"""Asking for internal jobs, leasing them, and ending each exactly once.

They live as runs do: what may happen to a lease is decided by podium.rules.runs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from podium.rules import runs
from podium.rules.errors import Conflict, Problem
from podium.server import clock
from podium.server.accounts.people import Person, person_of
from podium.server.history.wakeups import notify
from podium.server.jobs.internal.models import InternalJob
from podium.server.jobs.internal.problems import kept_problems, storable_text

LEASE = timedelta(seconds=20)
HEARTBEAT_S = 5.0
"""How often whoever works on a job renews its lease."""
_SAYING_LENGTH = 200
_CANCELLED = "It was cancelled."


@dataclass(frozen=True)
class Order:
    """An internal job that was taken: what to do, and for whom; `attempt` counts from 1 and is the fencing token.

    The owner is None where nobody asked, or where whoever asked has no account any more that may act.
    """

    job_id: int
    attempt: int
    kind: str
    subject: str
    payload: Mapping[str, Any]
    owner: Person | None


def ask_for(kind: str, owner: Person | None, payload: Mapping[str, Any], *, subject: str = "") -> int:
    """Have something done as soon as the running transaction commits. Returns the number of the job."""
    job = InternalJob.objects.create(
        kind=kind,
        subject=subject,
        owner_id=None if owner is None else owner.id,
        payload=dict(payload),
        created_at=clock.now(),
    )
    notify()
    return job.pk


def take_next(kinds: Collection[str]) -> Order | None:
    """Lease the job of these kinds that waits longest; None where none waits."""
    due = Q(not_before=None) | Q(not_before__lte=clock.now())
    waiting = InternalJob.objects.filter(due, state=runs.RunState.WAITING, kind__in=kinds).order_by("id")
    while (job_id := waiting.values_list("pk", flat=True).first()) is not None:
        try:
            with transaction.atomic():
                return _take(job_id)
        except Conflict:
            continue
    return None


def _take(job_id: int) -> Order:
    job = _held(job_id)
    now = clock.now()
    job.started_at = job.started_at or now
    _write(job, runs.claim(_run(job), now, now + LEASE))
    return _order(job)


def renew(order: Order) -> None:
    """Prolong a lease from now.

    Raises:
        Conflict: it is over.
    """
    with transaction.atomic():
        job = _held(order.job_id)
        _write(job, runs.renew(_run(job), order.attempt, clock.now() + LEASE))


def note_progress(order: Order, done: int, total: int, saying: str) -> None:
    """Keep how far a job is.

    Raises:
        Conflict: the lease is over; the job was cancelled, for instance.
    """
    with transaction.atomic():
        alive = InternalJob.objects.filter(pk=order.job_id, state=runs.RunState.LEASED, attempts=order.attempt)
        if not alive.update(done=done, total=total, saying=storable_text(saying)[:_SAYING_LENGTH]):
            raise Conflict("attempt-lost", f"Attempt {order.attempt} of job {order.job_id} is over.")
        notify()


def finish(order: Order, result: Mapping[str, Any], notes: Sequence[Problem] = ()) -> None:
    """End a job that did what was asked. To be called last in the transaction that writes what it did: so that is done
    exactly once, whoever is killed when.

    Raises:
        Conflict: the lease is over; nothing may be written.
    """
    job = _held(order.job_id)
    job.result, job.problems, job.done, job.saying = dict(result), kept_problems(notes), job.total, ""
    _write(job, runs.end_attempt(_run(job), order.attempt, runs.Outcome.FINISHED, clock.now()))
    notify()


def end_unfinished(order: Order, outcome: runs.Outcome, reason: str, problems: Sequence[Problem]) -> bool:
    """End an attempt that did not do what was asked. Returns whether the job has ended with it: otherwise it waits to
    be tried again. To be called in a transaction.

    Raises:
        Conflict: the lease was over already; nothing may be recorded for it.
    """
    job = _held(order.job_id)
    after = runs.end_attempt(_run(job), order.attempt, outcome, clock.now(), storable_text(reason))
    job.done, job.saying = 0, ""
    if after.ended:
        job.problems = kept_problems(problems)
    _write(job, after)
    notify()
    return after.ended


def give_back(order: Order, reason: str) -> None:
    """Let a job wait again, because the process that works on it ends in good order.

    Raises:
        Conflict: the lease was over already.
    """
    with transaction.atomic():
        end_unfinished(order, runs.Outcome.RETURNED, reason, ())


def late_orders() -> list[Order]:
    """Every job whose lease has run out."""
    late = InternalJob.objects.filter(state=runs.RunState.LEASED, lease_until__lte=clock.now())
    return [_order(job) for job in late.select_related("owner").order_by("pk")]


def is_late(order: Order) -> bool:
    """Whether the lease is the live one of its job, which is locked by this, and has run out."""
    job = _held(order.job_id)
    return job.attempts == order.attempt and _run(job).lease_is_over(clock.now())


def forget_ended(kind: str, subject: str) -> None:
    """Delete the ended jobs of a kind that are about this: of what is done again and again nobody asks for the past."""
    ended = [runs.RunState.FINISHED, runs.RunState.FAILED, runs.RunState.CANCELLED]
    InternalJob.objects.filter(kind=kind, subject=subject, state__in=ended).delete()


def cancel(job_id: int) -> bool:
    """Cancel a job, whether it waits or is being worked on. Returns whether that changed anything. To be called in a
    transaction."""
    job = _held(job_id)
    before = _run(job)
    if before.ended:
        return False
    job.problems = kept_problems([Problem("cancelled", _CANCELLED, "Ask for it again if you want it after all.")])
    _write(job, runs.cancel(before, _CANCELLED))
    notify()
    return True


def _held(job_id: int) -> InternalJob:
    return InternalJob.objects.select_for_update(of=("self",)).select_related("owner").get(pk=job_id)


def _order(job: InternalJob) -> Order:
    return Order(job.pk, job.attempts, job.kind, job.subject, job.payload, person_of(job.owner))


def _run(job: InternalJob) -> runs.Run:
    return runs.Run(
        state=runs.RunState(job.state),
        attempts=job.attempts,
        excused=job.excused,
        lease_until=job.lease_until,
        not_before=job.not_before,
        outcome=runs.Outcome(job.outcome) if job.outcome else None,
        reason=job.reason,
    )


def _write(job: InternalJob, run: runs.Run) -> None:
    job.state = run.state
    job.attempts = run.attempts
    job.excused = run.excused
    job.lease_until = run.lease_until
    job.not_before = run.not_before
    job.outcome = run.outcome or ""
    job.reason = run.reason
    if run.ended:
        job.ended_at = clock.now()
    job.save()
