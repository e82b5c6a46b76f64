"""Datasets, what is right on them, what models answered, and the results."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from podium.server.files.models import Blob
from podium.server.jobs.internal.models import InternalJob


class Dataset(models.Model):
    """A benchmark that models are compared on. `owner` is None where nobody signed in for it.

    `lower_is_better` is what its owner said, or where `direction_said` is false what the metric's name tells.
    `version` grows with everything that its board shows; `top` are the first few models as [rank, name, score], and
    `model_count` is how many there are, so that lists of datasets need no results. `item_count` is how many items its
    references have: 0 where it has none, so that results can only be declared.
    `baselines` are models that the board shows and does not rank, each by its name with what it is (a `Baseline`).
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
    languages = models.JSONField(default=list)
    items_public = models.BooleanField(default=False)
    baselines = models.JSONField(default=dict)
    item_count = models.PositiveIntegerField(default=0)
    version = models.BigIntegerField(default=1)
    top = models.JSONField(default=list)
    model_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()


class Baseline(models.TextChoices):
    """What a model is that others are only measured by."""

    HUMAN = "human", "human"
    RANDOM = "random", "random"
    OTHER = "other", "baseline"


class ReferencesState(models.TextChoices):
    """Whether references may be scored against."""

    WAITING = "waiting", "being checked"
    ACCEPTED = "accepted", "accepted"
    REFUSED = "refused", "refused"
    FAILED = "failed", "failed"


class ReferenceSet(models.Model):
    """What is right on a dataset, which nobody but its owner and administrators may read.

    The accepted one without `superseded_at` counts. `blob` is the file as it was sent and `inputs` the one with what
    models are asked, which everybody may read; `items` is made of both: what a browser of items needs. `digest`
    changes with the ids. `clusters` says whether items belong together in groups.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="reference_sets")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=ReferencesState.choices, default=ReferencesState.WAITING)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    inputs = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    inputs_name = models.CharField(max_length=255, blank=True)
    items = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    count = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    languages = models.JSONField(default=list)
    clusters = models.BooleanField(default=False)
    problems = models.JSONField(default=list)
    problem_count = models.PositiveIntegerField(default=0)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    job = models.ForeignKey(InternalJob, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="one_reference_set_per_number"),
            models.UniqueConstraint(
                fields=["dataset"],
                condition=Q(superseded_at=None, state=ReferencesState.ACCEPTED),
                name="one_reference_set_counts",
            ),
        ]


class PredictionsState(models.TextChoices):
    """How far predictions are: `refused` are wrong in themselves, `failed` could not be scored here."""

    WAITING = "waiting", "waiting"
    SCORED = "scored", "scored"
    REFUSED = "refused", "refused"
    FAILED = "failed", "failed"


class Predictions(models.Model):
    """What a model answered to all items of a dataset, as somebody sent it; read by nobody but them, the dataset's
    owner and administrators.

    `references` are those it was scored against last. `digest` is the hash of the file, `answers_digest` that of the
    answers in it, in whatever form they were sent; `same_as` are the first predictions of another model with the same
    answers. `open_labels`: labels that the references do not know are wrong
    answers, and no mistake in the file.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="predictions")
    references = models.ForeignKey(ReferenceSet, on_delete=models.PROTECT, related_name="predictions")
    model = models.CharField(max_length=200)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    answers_digest = models.CharField(max_length=64, blank=True)
    open_labels = models.BooleanField(default=False)
    submitter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_by = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=2000, blank=True)
    extra = models.JSONField(default=dict)
    same_as = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(InternalJob, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=PredictionsState.choices, default=PredictionsState.WAITING)
    problems = models.JSONField(default=list)
    problem_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    scored_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["dataset", "answers_digest"], name="predictions_by_answers"),
            models.Index(fields=["dataset", "model"], name="predictions_of_model"),
            models.Index(fields=["submitter", "-created_at"], name="predictions_of_submitter"),
        ]


class Badge(models.TextChoices):
    """Where a score comes from."""

    DECLARED = "declared", "declared"
    SCORED = "scored", "scored here"
    RERUN = "rerun", "rerun here"
    ORGANIZER = "organizer", "organizer"
    UNVERIFIED = "unverified", "unverified"


class Result(models.Model):
    """A revision of one model's result on a dataset; the one without `superseded_at` counts.

    `declared_rank` is what the client claimed; `ci` and `updated` are as they were sent, `ci_low`, `ci_high` and
    `updated_on` what they mean.

    One that was scored here names its `predictions` and the `references` they were scored against. Of it `count` items
    were scored; `metrics` has every metric by name as {"score", "low", "high", "method", "level", "seed", "resamples"},
    of which `score`, `ci_low` and `ci_high` are those of the dataset's own metric. `kept` are the numbers per item that
    comparisons are computed from, `items` what a browser of items shows.
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
    predictions = models.ForeignKey(Predictions, on_delete=models.PROTECT, null=True, related_name="results")
    references = models.ForeignKey(ReferenceSet, on_delete=models.PROTECT, null=True, related_name="+")
    count = models.PositiveIntegerField(null=True)
    metrics = models.JSONField(default=dict)
    kept = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    items = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    tables = models.JSONField(default=list)
    confusion = models.JSONField(null=True)
    created_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "model"], condition=Q(superseded_at=None), name="one_result_per_model"
            ),
            models.UniqueConstraint(fields=["dataset", "model", "revision"], name="one_result_per_revision"),
            models.CheckConstraint(
                # The interval of a resampled score may lie beside it.
                condition=Q(ci_low=None, ci_high=None)
                | Q(predictions__isnull=False)
                | Q(ci_low__lte=models.F("score"), ci_high__gte=models.F("score")),
                name="interval_lies_around_score",
            ),
        ]
        indexes = [
            models.Index(fields=["dataset", "score"], condition=Q(superseded_at=None), name="results_by_score"),
            models.Index(fields=["model"], condition=Q(superseded_at=None), name="results_of_model"),
        ]


class BoardStatistics(models.Model):
    """What the results of one version of a dataset's board say together: ranks that the data allow, ties, differences.

    `content` is what podium.server.modelboards.queries.statistics reads.
    """

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="statistics")
    version = models.BigIntegerField()
    computed_at = models.DateTimeField()
    content = models.JSONField()


class Comparison(models.Model):
    """A few models of one version of a dataset's board compared on one metric, because somebody asked for it.

    `digest` is of the numbers of their results; `content` is what podium.server.modelboards.queries.comparisons reads.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="comparisons")
    version = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    metric = models.CharField(max_length=100)
    content = models.JSONField()
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "version", "digest", "metric"], name="one_comparison_of_these_models"
            )
        ]
