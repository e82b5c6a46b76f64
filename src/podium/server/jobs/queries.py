"""What waits, and behind how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from podium.server.jobs.models import Job, JobState, Worker
from podium.server.prepared_queries import prepared
from podium.server.queues.models import Queue


def waiting_jobs() -> int:
    """How many jobs wait to be taken, now or later."""
    return Job.objects.filter(state=JobState.WAITING).count()


def workers_ready() -> int:
    """How many workers have started here and said how many slots they have."""
    return Worker.objects.filter(slots__gt=0).count()


def queues_served_by(worker: Worker) -> tuple[int | None, ...]:
    """The queues whose jobs a worker takes now, None for the jobs of no queue: those that it is bound to, without those
    whose programs have a network where it cannot give them one."""
    bound = _queues_of(worker=worker.pk)
    if not bound:
        return (None,)
    if any(network for _, network in bound) and Worker.objects.filter(pk=worker.pk).exclude(no_network="").exists():
        bound = [(queue, network) for queue, network in bound if not network]
    return tuple(queue for queue, _ in bound)


@prepared
def _queues_of(worker: int) -> QuerySet[Queue, Any]:
    return Queue.objects.filter(workers=worker).order_by("pk").values_list("pk", "network")


@dataclass(frozen=True)
class QueueLoad:
    """The names of the workers that are bound to a queue, and how many jobs wait in it."""

    workers: tuple[str, ...]
    waiting: int


def load_of(queue_id: int) -> QueueLoad:
    """Who works for a queue, and how much there is to do."""
    return QueueLoad(
        workers=tuple(Worker.objects.filter(queues=queue_id).order_by("name").values_list("name", flat=True)),
        waiting=Job.objects.filter(queue=queue_id, state=JobState.WAITING).count(),
    )
