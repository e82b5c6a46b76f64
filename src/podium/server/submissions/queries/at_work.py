"""What the slots of the workers are doing now, for whoever keeps the site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from podium.server.jobs.models import JobState
from podium.server.submissions.models import Run


@dataclass(frozen=True)
class SlotAtWork:
    """A slot of a worker and the run it holds; `since` is when the job was first taken."""

    worker_id: int
    slot: int
    submission_id: int
    step: str
    competition_id: int
    competition: str
    since: datetime | None


def slots_at_work() -> list[SlotAtWork]:
    """Every slot that holds a run, by worker and slot."""
    rows = Run.objects.filter(job__state=JobState.LEASED, job__worker__isnull=False).select_related(
        "job", "submission__phase__competition"
    )
    return [
        SlotAtWork(
            worker_id=row.job.worker_id or 0,
            slot=row.job.slot or 0,
            submission_id=row.submission_id,
            step=row.step,
            competition_id=row.submission.phase.competition_id,
            competition=row.submission.phase.competition.title,
            since=row.job.started_at,
        )
        for row in rows.order_by("job__worker", "job__slot")
    ]
