"""Competitions, their phases, tasks, pages, solutions and the people who take part."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from podium.rules.phases import Migrated
from podium.server.files.models import Blob, DataSet
from podium.server.queues.models import Queue


class Competition(models.Model):
    """A competition, as its bundle described it and its organizer changed it since. `extensions`, here and in its
    parts, holds what the bundle says under `podium` at that level."""

    title = models.CharField(max_length=256)
    description = models.TextField(blank=True)
    logo = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    logo_type = models.CharField(max_length=40, blank=True)
    terms = models.TextField()
    terms_format = models.CharField(max_length=8, default="md")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="competitions")
    collaborators = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="collaborations")
    created_at = models.DateTimeField()
    published = models.BooleanField(default=False)
    secret_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    bundle = models.ForeignKey(DataSet, on_delete=models.PROTECT, null=True, related_name="+")
    competition_type = models.CharField(max_length=20, default="competition")
    docker_image = models.CharField(max_length=128)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, null=True, related_name="competitions")
    registration_auto_approve = models.BooleanField(default=False)
    auto_run_submissions = models.BooleanField(default=True)
    can_participants_make_submissions_public = models.BooleanField(default=True)
    enable_detailed_results = models.BooleanField(default=False)
    show_detailed_results_in_submission_panel = models.BooleanField(default=True)
    show_detailed_results_in_leaderboard = models.BooleanField(default=True)
    make_programs_available = models.BooleanField(default=False)
    make_input_data_available = models.BooleanField(default=False)
    forum_enabled = models.BooleanField(default=True)
    allow_robot_submissions = models.BooleanField(default=False)
    reward = models.CharField(max_length=256, blank=True)
    contact_email = models.CharField(max_length=254, blank=True)
    fact_sheet = models.JSONField(default=list)
    extensions = models.JSONField(default=dict)


class Page(models.Model):
    """A page of a competition; `format` is md or html."""

    competition = models.ForeignKey(Competition, on_delete=models.CASCADE, related_name="pages")
    index = models.PositiveIntegerField()
    title = models.CharField(max_length=256)
    content = models.TextField()
    format = models.CharField(max_length=8, default="md")

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["competition", "index"], name="one_page_per_place")]


class Task(models.Model):
    """What a submission is run on and scored by."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=256)
    description = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tasks")
    created_at = models.DateTimeField()
    scoring_program = models.ForeignKey(DataSet, on_delete=models.PROTECT, null=True, related_name="+")
    ingestion_program = models.ForeignKey(DataSet, on_delete=models.PROTECT, null=True, related_name="+")
    input_data = models.ForeignKey(DataSet, on_delete=models.PROTECT, null=True, related_name="+")
    reference_data = models.ForeignKey(DataSet, on_delete=models.PROTECT, null=True, related_name="+")
    ingestion_only_during_scoring = models.BooleanField(default=False)
    is_public = models.BooleanField(default=False)
    extensions = models.JSONField(default=dict)


class Phase(models.Model):
    """A phase, open in [start, end). Limits of None mean unlimited. `migrated_at` is set once the submissions of the
    phase before were taken over at this one's start; `migrate` says which of them, in the words of
    podium.rules.phases.Migrated."""

    competition = models.ForeignKey(Competition, on_delete=models.CASCADE, related_name="phases")
    index = models.PositiveIntegerField()
    name = models.CharField(max_length=256)
    description = models.TextField(blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)
    max_submissions = models.PositiveIntegerField(null=True)
    max_submissions_per_day = models.PositiveIntegerField(null=True)
    execution_time_limit_s = models.PositiveIntegerField(default=600)
    auto_migrate_to_this_phase = models.BooleanField(default=False)
    migrate = models.CharField(max_length=5, default=Migrated.ALL.value)
    migrated_at = models.DateTimeField(null=True)
    hide_output = models.BooleanField(default=False)
    hide_prediction_output = models.BooleanField(default=False)
    hide_score_output = models.BooleanField(default=False)
    starting_kit = models.ForeignKey(DataSet, on_delete=models.PROTECT, null=True, related_name="+")
    public_data = models.ForeignKey(DataSet, on_delete=models.PROTECT, null=True, related_name="+")
    extensions = models.JSONField(default=dict)
    tasks: models.ManyToManyField[Task, PhaseTask] = models.ManyToManyField(
        Task, through="PhaseTask", related_name="phases"
    )

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["competition", "index"], name="one_phase_per_place")]


class PhaseTask(models.Model):
    """A task's place in a phase."""

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="phase_tasks")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="phase_tasks")
    order_index = models.PositiveIntegerField()

    class Meta:
        ordering = ["order_index"]
        constraints = [models.UniqueConstraint(fields=["phase", "task"], name="a_task_once_per_phase")]


class Solution(models.Model):
    """A sample submission of the organizer."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=256)
    description = models.TextField(blank=True)
    data = models.ForeignKey(DataSet, on_delete=models.PROTECT, related_name="solutions")
    tasks = models.ManyToManyField(Task, related_name="solutions")
    extensions = models.JSONField(default=dict)


class ParticipantStatus(models.TextChoices):
    """Where a person's wish to take part stands, in the words of the contract."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"


class Participant(models.Model):
    """A person's part in a competition."""

    competition = models.ForeignKey(Competition, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="participations")
    status = models.CharField(max_length=10, choices=ParticipantStatus)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["competition", "user"], name="one_part_per_person")]
        indexes = [models.Index(fields=["competition", "status"], name="participants_by_status")]


class KeptHistory(models.Model):
    """What is left of a competition that was deleted: a file with all its events before the last, which the chain of
    the database still holds as well."""

    competition = models.BigIntegerField(unique=True)
    archive = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    deleted_at = models.DateTimeField()


class WhitelistedAddress(models.Model):
    """An e-mail address, in lower case, whose owner joins a competition without being approved."""

    competition = models.ForeignKey(Competition, on_delete=models.CASCADE, related_name="whitelist")
    address = models.CharField(max_length=254)

    class Meta:
        ordering = ["address"]
        constraints = [
            models.UniqueConstraint(fields=["competition", "address"], name="an_address_once_per_competition")
        ]
