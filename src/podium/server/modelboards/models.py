"""Datasets and the results of models on them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Dataset(models.Model):
    """A benchmark that models are compared on. `owner` is None where nobody signed in for it.

    `lower_is_better` is what its owner said, or where `direction_said` is false what the metric's name tells.
    `version` grows with everything that its board shows; `top` are the first few models as [rank, name, score], and
    `model_count` is how many there are, so that lists of datasets need no results.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200, unique=True)
    slug = models.CharField(max_length=80, unique=True)
    url = models.CharField(max_length=2000, blank=True)
    task_type = models.CharField(max_length=60)
    description = models.TextField(blank=True)
    metric = models.CharField(max_length=100, blank=True)
    lower_is_better = models.BooleanField(default=False)
    direction_said = models.BooleanField(default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="datasets")
    extra = models.JSONField(default=dict)
    version = models.BigIntegerField(default=1)
    top = models.JSONField(default=list)
    model_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()


class Badge(models.TextChoices):
    """Where a score comes from."""

    DECLARED = "declared", "declared"
    ORGANIZER = "organizer", "organizer"
    UNVERIFIED = "unverified", "unverified"


class Result(models.Model):
    """A revision of one model's result on a dataset; the one without `superseded_at` counts.

    `declared_rank` is what the client claimed; `ci` and `updated` are as they were sent, `ci_low`, `ci_high` and
    `updated_on` what they mean.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="results")
    model = models.CharField(max_length=200)
    revision = models.PositiveIntegerField()
    score = models.FloatField(null=True)
    ci = models.CharField(max_length=100, blank=True)
    ci_low = models.FloatField(null=True)
    ci_high = models.FloatField(null=True)
    updated = models.CharField(max_length=100, blank=True)
    updated_on = models.DateField(null=True)
    declared_rank = models.PositiveIntegerField(null=True)
    detailed_scores = models.JSONField(default=dict)
    submitted_by = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=2000, blank=True)
    extra = models.JSONField(default=dict)
    badge = models.CharField(max_length=20, choices=Badge.choices)
    submitter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "model"], condition=Q(superseded_at=None), name="one_result_per_model"
            ),
            models.UniqueConstraint(fields=["dataset", "model", "revision"], name="one_result_per_revision"),
            models.CheckConstraint(
                condition=Q(ci_low=None, ci_high=None)
                | Q(ci_low__lte=models.F("score"), ci_high__gte=models.F("score")),
                name="interval_lies_around_score",
            ),
        ]
        indexes = [
            models.Index(fields=["dataset", "score"], condition=Q(superseded_at=None), name="results_by_score"),
            models.Index(fields=["model"], condition=Q(superseded_at=None), name="results_of_model"),
        ]
