"""Moving jobs from one queue to another."""

from __future__ import annotations

from collections.abc import Sequence

from podium.server.jobs.models import Job

_PORTION = 500


def move_to_queue(job_ids: Sequence[int], queue_id: int | None) -> None:
    """Let jobs belong to a queue, or to none. One that is leased stays with its worker."""
    for start in range(0, len(job_ids), _PORTION):
        jobs = Job.objects.filter(pk__in=job_ids[start : start + _PORTION])
        list(jobs.select_for_update().order_by("pk").values_list("pk"))
        jobs.update(queue_id=queue_id)
