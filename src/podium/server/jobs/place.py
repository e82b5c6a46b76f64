"""Where a waiting job stands in its queue, and who there is to take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db.models import Count, Exists, Max, OuterRef, Q, Sum

from podium.rules.deadlines import WORKER_HEARD_WITHIN
from podium.rules.turns import FIRST_STEP, Line, Turn, in_shadow, jobs_ahead, wait_estimate_s
from podium.server import clock
from podium.server.jobs.line import runs_per_person, turns
from podium.server.jobs.models import Job, JobState, Worker
from podium.server.queues.models import Queue

_SAMPLE = 50
_SMALLEST_SAMPLE = 5


@dataclass(frozen=True)
class Crew:
    """The workers of a queue: how many slots those have that were heard of lately, and when any was last. Slots without
    the network that programs of the queue have are `without_network`, and not counted. `last_able_at` is when one was
    heard of last that takes the queue's runs, as it says of itself now."""

    slots: int
    last_heard_at: datetime | None
    without_network: int = 0
    last_able_at: datetime | None = None
    refusing: bool = False
    """Whether a worker was heard of lately that takes no runs at all."""


@dataclass(frozen=True)
class Place:
    """Where a waiting job stands. `estimate_s` is how long until it is taken, None where nothing is known to reckon
    with; `at_limit` says that its owner has as much running as one person may, which is `limit`."""

    ahead: int
    estimate_s: float | None
    at_limit: bool
    limit: int
    crew: Crew


def crew_of(queue_id: int | None) -> Crew:
    """Who works for a queue; None is for what belongs to no queue."""
    now = clock.now()
    holds = Job.objects.filter(worker=OuterRef("pk"), state=JobState.LEASED, lease_until__gt=now)
    workers = Worker.objects.filter(queues=queue_id).annotate(holds=Exists(holds))
    alive = workers.filter(Q(holds=True) | Q(last_seen_at__gt=now - WORKER_HEARD_WITHIN))
    slots = alive.aggregate(n=Sum("slots"))["n"] or 0
    networked = queue_id is not None and Queue.objects.filter(pk=queue_id, network=True).exists()
    without = (alive.exclude(no_network="").aggregate(n=Sum("slots"))["n"] or 0) if networked else 0
    able = Q(refusal="", no_network="") if networked else Q(refusal="")
    heard = workers.aggregate(at=Max("last_seen_at"), able=Max("last_seen_at", filter=able))
    refusing = alive.exclude(refusal="").exists()
    return Crew(slots - without, heard["at"], without, heard["able"], refusing)


def place_of(job: Job, kinds: Sequence[str]) -> Place:
    """Where a waiting job stands among those of these kinds."""
    now = clock.now()
    due = {turn.owner_id: turn for turn in turns(kinds, job.queue_id)}
    mine = due.pop(job.owner_id or 0, Turn(job.pk, job.owner_id or 0, job.priority, 0, None, job.created_at))
    waiting = Job.objects.filter(state=JobState.WAITING, queue=job.queue_id, owner__isnull=False, kind__in=kinds)
    shadow = Q(priority__lt=FIRST_STEP)
    alike = waiting.filter(shadow) if in_shadow(job.priority) else waiting.exclude(shadow)
    counts = dict(alike.values("owner").annotate(count=Count("pk")).order_by().values_list("owner", "count"))
    others = [Line(counts[owner], turn) for owner, turn in due.items() if owner in counts]
    sooner = Q(priority__gt=job.priority) | Q(priority=job.priority, pk__lt=job.pk)
    before = alike.filter(sooner, owner=job.owner_id).count()
    ahead = jobs_ahead(Line(before + 1, mine), before, others, now)
    if in_shadow(job.priority):
        ahead += waiting.exclude(shadow).count()
    limit = runs_per_person([] if job.queue_id is None else [job.queue_id])[job.queue_id]
    crew = crew_of(job.queue_id)
    at_limit = bool(limit) and mine.running >= limit
    length = None if at_limit else usual_length_s(job.queue_id)
    estimate = wait_estimate_s(ahead, crew.slots, length) if length is not None and crew.slots else None
    return Place(ahead, estimate, at_limit, limit, crew)


def usual_length_s(queue_id: int | None) -> float | None:
    """How long a job of a queue took lately, the median, in seconds; None where too few have ended to tell."""
    ended = Job.objects.filter(queue=queue_id, ended_at__isnull=False, taken_at__isnull=False)
    times = ended.order_by("-ended_at").values_list("taken_at", "ended_at")[:_SAMPLE]
    lengths = [(end - start).total_seconds() for start, end in times if start and end]
    return median(lengths) if len(lengths) >= _SMALLEST_SAMPLE else None
