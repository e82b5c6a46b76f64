"""Durable jobs and the workers that take them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from podium.server.queues.models import Queue


class Worker(models.Model):
    """A process that takes runs, perhaps on another machine. It proves itself by a token kept as a digest. One that is
    bound to queues takes the jobs of these alone; any other takes those of no queue.

    What it said of itself when it started last: `report` is how its sandbox enforces each limit, `refusal` why it takes
    no runs, `no_network` why it takes none of queues whose programs have a network, `clock_skew_s` by how much its
    clock was ahead of the server's. One that is `leaving` has said that it takes no more.
    """

    name = models.CharField(max_length=100, unique=True)
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    slots = models.PositiveIntegerField(default=0)
    leaving = models.BooleanField(default=False)
    sandbox = models.CharField(max_length=40, blank=True)
    version = models.CharField(max_length=40, blank=True)
    host = models.CharField(max_length=100, blank=True)
    clock_skew_s = models.FloatField(null=True)
    refusal = models.TextField(blank=True)
    no_network = models.TextField(blank=True)
    report = models.JSONField(default=list)
    queues = models.ManyToManyField(Queue, related_name="workers")


class JobState(models.TextChoices):
    """Where a job stands. Only WAITING and LEASED are alive."""

    WAITING = "waiting"
    LEASED = "leased"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(models.Model):
    """The durable row that makes something happen.

    Its life is that of podium.rules.runs.Run. `attempts` grows with each lease and is the fencing token: whoever
    reports names the one they were given, and an older one is refused; `excused` of them do not count. `reason` says in
    a sentence why the job waits again, or why it ended as it did. `owner` is whose turn it takes up: whoever asked for
    it; None for what the site does for itself. `started_at` is when it was taken first, `taken_at` when last.
    """

    kind = models.CharField(max_length=30)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, null=True, related_name="jobs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    priority = models.SmallIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    excused = models.PositiveIntegerField(default=0)
    worker = models.ForeignKey(Worker, on_delete=models.SET_NULL, null=True, related_name="jobs")
    slot = models.PositiveIntegerField(null=True)
    lease_until = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "queue", "owner", "-priority", "id"], name="jobs_in_line"),
            models.Index(fields=["state", "lease_until"], name="jobs_by_lease"),
            models.Index(fields=["queue", "owner", "taken_at"], name="jobs_served"),
            models.Index(fields=["queue", "ended_at"], name="jobs_ended"),
        ]
