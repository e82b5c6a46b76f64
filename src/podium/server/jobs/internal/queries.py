"""How an internal job stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from podium.rules.errors import NotFound, Problem
from podium.rules.runs import RunState
from podium.server.accounts.people import Person
from podium.server.jobs.internal.models import InternalJob
from podium.server.jobs.internal.problems import read_problems
from podium.server.prepared_queries import prepared


@dataclass(frozen=True)
class JobStatus:
    """How a job stands. `reason` says why it waits again, or why it ended as it did; `problems` are there once it has
    ended, and are only notes where it finished."""

    id: int
    state: RunState
    payload: dict[str, Any]
    attempts: int
    done: int
    total: int
    saying: str
    reason: str
    result: dict[str, Any]
    problems: tuple[Problem, ...]

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in (RunState.FINISHED, RunState.FAILED, RunState.CANCELLED)


def job_status(by: Person, kind: str, job_id: int) -> JobStatus:
    """How a job stands that a person asked for.

    Raises:
        NotFound: the person asked for no job of this kind and number.
    """
    row = InternalJob.objects.filter(pk=job_id, kind=kind, owner_id=by.id).first()
    if row is None:
        raise NotFound(f"no-such-{kind}", f"You have asked for no {kind} of this number.", "Check the address.")
    return JobStatus(
        id=row.pk,
        state=RunState(row.state),
        payload=row.payload,
        attempts=row.attempts,
        done=row.done,
        total=row.total,
        saying=row.saying,
        reason=row.reason,
        result=row.result,
        problems=read_problems(row.problems),
    )


def job_ended(job_id: int) -> bool:
    """Whether nothing will change any more at a job, or there is none of this number."""
    alive = [RunState.WAITING, RunState.LEASED]
    return not InternalJob.objects.filter(pk=job_id, state__in=alive).exists()


def job_about(kind: str, subject: str) -> int | None:
    """The number of the newest job of a kind that is about this; None where there is none."""
    found = InternalJob.objects.filter(kind=kind, subject=subject).order_by("-pk")
    return found.values_list("pk", flat=True).first()


def job_waits(kind: str, subject: str) -> bool:
    """Whether a job of a kind that is about this still has to be done, or is being done."""
    return bool(_waiting(kind=kind, subject=subject))


@prepared
def _waiting(kind: str, subject: str) -> QuerySet[InternalJob, Any]:
    alive = [RunState.WAITING, RunState.LEASED]
    return InternalJob.objects.filter(kind=kind, subject=subject, state__in=alive).values_list("pk")[:1]
