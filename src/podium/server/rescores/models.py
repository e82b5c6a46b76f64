"""Rescores: submissions that are scored once more, all of them before any counts."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from podium.server.competitions.models import Competition, Phase
from podium.server.submissions.models import Run, Submission


class RescoreState(models.TextChoices):
    """What became of a rescore."""

    OPEN = "open"
    APPLIED = "applied"
    CANCELLED = "cancelled"


class Rescore(models.Model):
    """A set of submissions of a competition that are scored once more: all, those to one phase, or some.

    `made_from` has by the number of each task the sha256 of what its scoring reads beside predictions, as it was at the
    beginning. `sampled` of the submissions are scored twice, to see whether the programs give the same scores each
    time. Participants read the `reason`.
    """

    competition = models.ForeignKey(Competition, on_delete=models.CASCADE, related_name="rescores")
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, null=True, related_name="+")
    chosen = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=RescoreState, default=RescoreState.OPEN)
    reason = models.TextField()
    made_from = models.JSONField()
    sampled = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["competition"], condition=models.Q(state="open"), name="one_open_rescore_per_competition"
            )
        ]


class RescoreItem(models.Model):
    """One submission (a child, where there are several tasks) of a rescore. What it is scored now stays with the
    attempts of its `run` in the shadow; `twin` does the same once more, where it is sampled. One without a run cannot
    be scored: `problem` says why. `before` has its scores as the rescore took their place, by column key."""

    rescore = models.ForeignKey(Rescore, on_delete=models.CASCADE, related_name="items")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="rescore_items")
    run = models.OneToOneField(Run, on_delete=models.CASCADE, null=True, related_name="+")
    twin = models.OneToOneField(Run, on_delete=models.CASCADE, null=True, related_name="+")
    problem = models.TextField(blank=True)
    applied = models.BooleanField(default=False)
    before = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rescore", "submission"], name="one_item_per_submission")]
