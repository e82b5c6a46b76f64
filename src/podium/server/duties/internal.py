"""Carrying out internal jobs: taken as soon as they are asked for, a few at a time, each in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

import structlog
from django.db import connections, transaction

from podium.rules.errors import Conflict, InternalError, Problem, UserError
from podium.rules.runs import MAX_ATTEMPTS, Outcome
from podium.server.jobs.internal import services
from podium.server.jobs.internal.problems import problems_of_error
from podium.server.jobs.internal.services import HEARTBEAT_S, Order
from podium.server.jobs.internal.work import Interrupted, JobKind, Work

_log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0
_AT_ONCE = 2
_END_WITHIN_S = 8.0
_LOST = "The process that worked on this was ended by force."
_STOPPED = "The site was stopped while it worked on this."


class InternalJobs:
    """Takes the jobs of these kinds while the `with` block lasts, and takes back what was lost.

    `look` is to be called after each commit: so a job is taken at once. One that is to be tried again later is taken
    within a second.
    """

    def __init__(self, kinds: Mapping[str, JobKind], stopping: threading.Event) -> None:
        self._kinds = kinds
        self._stopping = stopping
        self._woken = threading.Event()
        self._free = threading.Semaphore(_AT_ONCE)
        self._held: dict[Work, threading.Thread] = {}
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._take_all, name="internal-jobs", daemon=True),
            threading.Thread(target=self._see_to_leases, name="internal-jobs-leases", daemon=True),
        ]

    def __enter__(self) -> InternalJobs:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        self._woken.set()
        with self._lock:
            working = list(self._held.values())
        for thread in [*self._threads, *working]:
            thread.join(_END_WITHIN_S)

    def look(self) -> None:
        """Look for a job as soon as a thread is free."""
        self._woken.set()

    def _take_all(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait(_LOOK_EVERY_S)
            self._woken.clear()
            try:
                while self._take_one():
                    pass
            except Exception as error:  # noqa: BLE001 - a database that is away comes back
                _log.error("internal_jobs_not_taken", reference=InternalError(str(error)).reference, exc_info=error)
                connections.close_all()
                self._stopping.wait(_LOOK_EVERY_S)
        connections.close_all()

    def _take_one(self) -> bool:
        if self._stopping.is_set() or not self._free.acquire(blocking=False):
            return False
        order = None
        try:
            order = services.take_next(self._kinds.keys())
        finally:
            if order is None:
                self._free.release()
        if order is None:
            return False
        work = Work(order, self._stopping)
        thread = threading.Thread(target=self._carry_out, args=(work,), name=f"job-{order.job_id}", daemon=True)
        with self._lock:
            self._held[work] = thread
        thread.start()
        return True

    def _carry_out(self, work: Work) -> None:
        try:
            carry_out(self._kinds[work.order.kind], work, self._stopping)
        finally:
            connections.close_all()
            with self._lock:
                del self._held[work]
            self._free.release()
            # There may be one that waited for this thread.
            self._woken.set()

    def _see_to_leases(self) -> None:
        renewed_at = time.monotonic()
        while not self._stopping.wait(_LOOK_EVERY_S):
            try:
                sweep_internal_jobs(self._kinds)
            except Exception as error:  # noqa: BLE001 - a database that is away comes back
                _log.error("internal_jobs_not_swept", reference=InternalError(str(error)).reference, exc_info=error)
                connections.close_all()
            if time.monotonic() - renewed_at >= HEARTBEAT_S:
                renewed_at = time.monotonic()
                with self._lock:
                    held = list(self._held)
                for work in held:
                    renew(work)
        connections.close_all()


def renew(work: Work) -> None:
    """Prolong the lease of a job that is being worked on, or let whoever works on it know that it is over."""
    try:
        services.renew(work.order)
    except Conflict:
        work.over.set()
    except Exception as error:  # noqa: BLE001 - the lease outlives a few failures
        _log.warning("internal_job_not_renewed", job=work.order.job_id, exc_info=error)
        connections.close_all()


def carry_out(kind: JobKind, work: Work, stopping: threading.Event) -> None:
    """Work on a job and record how that ended. Raises nothing: what cannot be recorded is tried again later."""
    try:
        try:
            kind.carry_out(work)
            if not work.finished:
                message = f"a job of kind {kind.name} was not finished"
                raise AssertionError(message)
        except Interrupted:
            if stopping.is_set() and not work.over.is_set():
                services.give_back(work.order, _STOPPED)
        except UserError as error:
            _end(kind, work.order, Outcome.FAILED, error.message, problems_of_error(error))
        except Exception as error:  # noqa: BLE001 - whatever fails is tried again, and told at last
            _fail(kind, work.order, error)
    except Conflict:
        _log.info("internal_job_over", job=work.order.job_id, attempt=work.order.attempt)
    except Exception as error:  # noqa: BLE001 - its lease runs out, and it is tried again
        _log.error("internal_job_not_ended", job=work.order.job_id, exc_info=error)


def sweep_internal_jobs(kinds: Mapping[str, JobKind]) -> int:
    """End every lease of an internal job that has run out, so that the job is tried again. Returns how many it were."""
    ended = 0
    for order in services.late_orders():
        reference = InternalError(_LOST).reference
        _log.warning("internal_job_lost", job=order.job_id, attempt=order.attempt, reference=reference)
        with transaction.atomic():
            if services.is_late(order):
                kind = kinds.get(order.kind, JobKind(order.kind, carry_out=_nothing))
                _end_here(kind, order, Outcome.LOST, _LOST, (_ours(reference),))
                ended += 1
    return ended


def _fail(kind: JobKind, order: Order, error: Exception) -> None:
    reference = error.reference if isinstance(error, InternalError) else InternalError(str(error)).reference
    _log.error("internal_job_failed", job=order.job_id, kind=order.kind, reference=reference, exc_info=error)
    reason = f"Something failed on our side (reference {reference})."
    _end(kind, order, Outcome.INFRASTRUCTURE, reason, (_ours(reference),))


def _end(kind: JobKind, order: Order, outcome: Outcome, reason: str, problems: tuple[Problem, ...]) -> None:
    with transaction.atomic():
        _end_here(kind, order, outcome, reason, problems)


def _end_here(kind: JobKind, order: Order, outcome: Outcome, reason: str, problems: tuple[Problem, ...]) -> None:
    if services.end_unfinished(order, outcome, reason, problems):
        kind.tidy(order)


def _ours(reference: str) -> Problem:
    return Problem(
        "internal",
        f"Something failed on our side (reference {reference}), {MAX_ATTEMPTS} times.",
        "Try it again later, or tell the administrator the reference.",
    )


def _nothing(work: Work) -> None:
    """What a kind of job does that no longer exists."""
