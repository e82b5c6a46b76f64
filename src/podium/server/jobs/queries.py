"""What waits, and behind how many."""

from __future__ import annotations

from django.db.models import Q

from podium.server.jobs.models import Job, JobState


def jobs_ahead(job: Job) -> int:
    """How many waiting jobs of the same queue will be taken before this one."""
    before = Q(priority__gt=job.priority) | Q(priority=job.priority, pk__lt=job.pk)
    return Job.objects.filter(before, state=JobState.WAITING, queue=job.queue).count()


def waiting_jobs() -> int:
    """How many jobs wait to be taken, now or later."""
    return Job.objects.filter(state=JobState.WAITING).count()
