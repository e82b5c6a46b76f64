"""Durable jobs and the workers that take them."""

from __future__ import annotations

from django.db import models

from podium.server.queues.models import Queue


class Worker(models.Model):
    """A process that takes runs, perhaps on another machine. It proves itself by a token kept as a digest. One that is
    bound to queues takes the jobs of these alone; any other takes those of no queue."""

    name = models.CharField(max_length=100, unique=True)
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    slots = models.PositiveIntegerField(default=0)
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
    reports names the one they were given, and an older one is refused. `reason` says in a sentence why the job waits
    again, or why it ended as it did.
    """

    kind = models.CharField(max_length=30)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, null=True, related_name="jobs")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    priority = models.SmallIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    worker = models.ForeignKey(Worker, on_delete=models.SET_NULL, null=True, related_name="jobs")
    slot = models.PositiveIntegerField(null=True)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "-priority", "id"], condition=models.Q(state="waiting"), name="jobs_waiting"),
            models.Index(fields=["lease_until"], condition=models.Q(state="leased"), name="jobs_leased"),
        ]
