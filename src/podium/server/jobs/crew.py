"""The workers of a site, for whoever keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from podium.rules.unsandboxed import UNSANDBOXED
from podium.server import clock
from podium.server.configuration import configuration
from podium.server.jobs.models import Job, JobState, Worker
from podium.server.prepared_queries import prepared

_HEARD_OF_WITHIN = timedelta(seconds=60)
"""A worker asks at least every 20 seconds while a slot is free, and keeps the leases of the others."""


@dataclass(frozen=True)
class WorkerRow:
    """A worker as it last said of itself. `queues` are the names of those that it is bound to."""

    id: int
    name: str
    host: str
    version: str
    sandbox: str
    slots: int
    queues: tuple[str, ...]
    last_seen_at: datetime | None
    is_alive: bool
    clock_skew_s: float | None
    refusal: str
    no_network: str
    report: Sequence[Mapping[str, str]]


def runs_without_sandbox() -> bool:
    """Whether any worker that takes runs isolates nothing, as it said of itself, or the site's own is set to."""
    if configuration().sandbox == UNSANDBOXED:
        return True
    return bool(_without_sandbox())


@prepared
def _without_sandbox() -> QuerySet[Worker, Any]:
    return Worker.objects.filter(sandbox=UNSANDBOXED, slots__gt=0, refusal="").values_list("pk")[:1]


def all_workers() -> list[WorkerRow]:
    """Every worker of the site by name. Alive is who was heard of lately, or keeps the lease of a run."""
    now = clock.now()
    holds = Job.objects.filter(worker=OuterRef("pk"), state=JobState.LEASED, lease_until__gt=now)
    rows = Worker.objects.annotate(holds=Exists(holds)).prefetch_related("queues").order_by("name")
    return [
        WorkerRow(
            id=row.pk,
            name=row.name,
            host=row.host,
            version=row.version,
            sandbox=row.sandbox,
            slots=row.slots,
            queues=tuple(sorted(queue.name for queue in row.queues.all())),
            last_seen_at=row.last_seen_at,
            is_alive=row.holds or (row.last_seen_at is not None and row.last_seen_at > now - _HEARD_OF_WITHIN),
            clock_skew_s=row.clock_skew_s,
            refusal=row.refusal,
            no_network=row.no_network,
            report=row.report,
        )
        for row in rows
    ]
