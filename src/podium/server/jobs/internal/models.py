"""What the site does by itself when it is asked to."""

from __future__ import annotations

from django.db import models

from podium.rules.runs import RunState
from podium.server.accounts.models import User


class InternalJob(models.Model):
    """Something that the site itself does, because somebody asked for it: an import, for instance.

    Its life is that of podium.rules.runs.Run, as a worker's run has it: `attempts` grows with each lease and is the
    fencing token, `excused` of them do not count. `payload` says what to do; `subject` names what it is about, so that
    it can be found. `done` and `total` count bytes, or whatever `saying` names. Once it has ended, `result` says what
    came of it and `problems` what was wrong, or worth knowing.
    """

    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=100, blank=True, db_index=True)
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="internal_jobs")
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default=RunState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    excused = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    saying = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "id"], name="internal_jobs_by_state")]
