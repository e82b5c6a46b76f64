"""How the workers of the site compare, for whoever keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from podium.server.submissions.models import Verification, WorkerCheck
from podium.server.submissions.queries.provenance import VerificationDetail, verification_detail


@dataclass(frozen=True)
class CheckPlan:
    """The submission that workers are compared by, and every how many hours."""

    submission_id: int
    competition: str
    task: str
    every_h: int


@dataclass(frozen=True)
class WorkerChecks:
    """The last check of a worker that has ended, when it was begun, and whether one is under way."""

    last: VerificationDetail | None
    begun_at: datetime | None
    under_way: bool


def check_plan() -> CheckPlan | None:
    """How workers are compared; None where they are not."""
    plan = WorkerCheck.objects.select_related("attempt__run__submission__phase__competition").first()
    if plan is None:
        return None
    part = plan.attempt.run.submission
    return CheckPlan(
        submission_id=part.parent_id or part.pk,
        competition=part.phase.competition.title,
        task=part.task.name if part.task else "",
        every_h=plan.every_h,
    )


def checks_of_workers() -> Mapping[int, WorkerChecks]:
    """The checks of each worker that has any, by the worker's id."""
    ids = Verification.objects.filter(worker__isnull=False).values_list("worker_id", flat=True).distinct()
    return {worker_id: _checks(worker_id) for worker_id in ids if worker_id is not None}


def _checks(worker_id: int) -> WorkerChecks:
    related = ("attempt__run__submission__task", "attempt__run__submission__data", "worker")
    newest = Verification.objects.select_related(*related).filter(worker=worker_id).order_by("-created_at", "-pk")[:2]
    under_way = False
    for verification in newest:
        found = verification_detail(verification)
        if found.ended:
            return WorkerChecks(found, verification.created_at, under_way)
        under_way = True
    return WorkerChecks(None, None, under_way)
