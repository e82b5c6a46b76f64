"""Submissions, the runs that they need, each run's attempts, and the scores that came of them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from podium.server.competitions.models import Phase, Task
from podium.server.files.models import Blob, DataSet, UploadTicket
from podium.server.jobs.models import Job, Worker


class Submission(models.Model):
    """What a participant sent to a phase. With several tasks it is the parent of one child for each task.

    `status` has the words of podium.rules.runs.SubmissionStatus; `reason_*` explain a failure for the person who
    sent it, and may quote what a program of `failed_step` wrote; `number` counts the participant's submissions to the
    phase from 1. `migrated_from` is the submission to an earlier phase that this one does again, `rerun_of` the one to
    the same phase; `asked_by` is who asked for that, in whose turn it is run, and None where the owner submitted it.
    `is_task_rerun` marks one that runs a task of several again, for a look at its scores and never for the board.
    `md5` is that of the file, where a worker told it.
    """

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="submissions")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, null=True, related_name="submissions")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    migrated_from = models.ForeignKey("self", on_delete=models.RESTRICT, null=True, related_name="migrations")
    rerun_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="reruns")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    is_task_rerun = models.BooleanField(default=False)
    data = models.ForeignKey(DataSet, on_delete=models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=12)
    status_details = models.TextField(blank=True)
    reason_code = models.CharField(max_length=40, blank=True)
    reason_hint = models.TextField(blank=True)
    failed_step = models.CharField(max_length=10, blank=True)
    failed_program = models.CharField(max_length=10, blank=True)
    internal_failure = models.BooleanField(default=False)
    md5 = models.CharField(max_length=32, blank=True)
    description = models.TextField(blank=True)
    fact_sheet_answers = models.JSONField(null=True)
    on_board = models.BooleanField(default=False)
    is_public = models.BooleanField(default=False)
    is_deleted = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["phase", "owner", "created_at"], name="submissions_of_owner"),
            models.Index(fields=["phase", "-created_at"], name="submissions_of_phase"),
            models.Index(fields=["status", "ended_at"], name="submissions_by_status"),
        ]
        constraints = [models.UniqueConstraint(fields=["phase", "migrated_from"], name="migrated_once_to_a_phase")]


class SubmissionCount(models.Model):
    """How many submissions a phase has, without deleted ones and children of others: every list of competitions says
    it, and counting them anew would take the longer the more there are. Whoever makes or deletes one keeps it."""

    phase = models.OneToOneField(Phase, on_delete=models.CASCADE, related_name="submission_count")
    number = models.PositiveIntegerField(default=0)


class Run(models.Model):
    """One step (prediction or scoring) of one submission on one task.

    One in the shadow is scored once more to see what would come of it. Nothing follows from its end: its scores stay
    with its attempt, and the submission's pages and state do not know of it, unless it is made a run like all others.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="runs")
    step = models.CharField(max_length=10)
    in_shadow = models.BooleanField(default=False)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="run")
    verification = models.ForeignKey("Verification", on_delete=models.CASCADE, null=True, related_name="runs")


class Attempt(models.Model):
    """One try at a run. `secret` is what the worker proves itself with while the attempt lives; `made_from` names by
    sha256 everything the run read; `limits` are what its programs may use, by the names of podium.rules.limits and
    `time`; `notes` are sentences of the server's own for the end of its log. `keeps_lease` says that its worker renews
    its lease; only such a worker tells what it is `doing` (Preparing or Running) since when. `host` is what the worker
    calls its machine, and `trouble` the kind of a trouble that it told before the failure. `looked_back` names the
    earlier submissions whose scores a scoring program could read: phase, number, attempt, and which of its scores were
    corrected by hand since. `sandbox` and `worker_version` are those of the worker at the start; `runtime_digest` names
    the environment or the image by its hash, as the worker told it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    secret = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    worker = models.ForeignKey(Worker, on_delete=models.SET_NULL, null=True, related_name="+")
    worker_name = models.CharField(max_length=100)
    slot = models.PositiveIntegerField()
    host = models.CharField(max_length=253, blank=True)
    keeps_lease = models.BooleanField(default=True)
    doing = models.CharField(max_length=12, blank=True)
    doing_since = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    exit_code = models.IntegerField(null=True)
    reported_done = models.BooleanField(default=False)
    reported_scores = models.JSONField(null=True)
    made_from = models.JSONField(default=dict)
    limits = models.JSONField(default=dict)
    network = models.BooleanField(default=False)
    runtime = models.CharField(max_length=200, blank=True)
    runtime_digest = models.CharField(max_length=100, blank=True)
    sandbox = models.CharField(max_length=40, blank=True)
    worker_version = models.CharField(max_length=40, blank=True)
    looked_back = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_attempt_per_number")]


class RunFile(models.Model):
    """A file that an attempt may upload: a result, a log. It exists once `ticket` is completed. `noted` is the same log
    with what the server has to say about it at its end. `shared` is what of the output of scoring is for everybody who
    may see it: without what its program wrote for the organizers only. `has_items`
    says that what each item scored is in it."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=40)
    ticket = models.OneToOneField(UploadTicket, on_delete=models.PROTECT, related_name="run_file")
    noted = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    shared = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    has_items = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "kind"], name="one_file_of_a_kind")]


class TaskFile(models.Model):
    """A program or data set that a run of a task has read. Its bytes are kept for as long as the task, whatever becomes
    of the data set, so that what came of the run can be made again."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="files_read")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "blob", "file_name"], name="a_file_once_per_task")]


class Verification(models.Model):
    """The scores of an attempt made once more, from the same files, to compare them. Its runs are in the shadow, and
    how they went is all that comes of it. `worker` alone may take them where one is named; `asked_by` is None where the
    site checks its workers."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="verifications")
    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, null=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["worker", "created_at"], name="verifications_by_worker")]


class WorkerCheck(models.Model):
    """The plan by which the site compares its workers: each makes the scores of this attempt again every so many hours.
    There is one at most."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="+")
    every_h = models.PositiveIntegerField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()


class ScoreEdit(models.Model):
    """What an organizer wrote into the scores of one submission (a child, where there are several tasks) by hand, and
    why: `scores` has by column key the new number, or null where one was taken away."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="score_edits")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    scores = models.JSONField()
    at = models.DateTimeField()


class Score(models.Model):
    """One number of one column of one submission (a child, where there are several tasks) and task. Never updated:
    a later one supersedes it. It comes from an attempt, or from the edit of an organizer."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="scores")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, null=True, related_name="scores")
    edit = models.ForeignKey(ScoreEdit, on_delete=models.PROTECT, null=True, related_name="+")
    column_key = models.CharField(max_length=128)
    position = models.PositiveSmallIntegerField()
    value = models.FloatField()
    created_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "column_key"],
                condition=models.Q(superseded_at=None),
                name="one_living_score_per_column",
            )
        ]


class LiveBook(models.Model):
    """Counts the live messages of a submission that is nobody's child. Whoever writes one locks this row first, so that
    a reader who goes by `seq` misses none."""

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, primary_key=True, related_name="live_book")
    last_seq = models.BigIntegerField(default=0)


class LiveLog(models.Model):
    """A log that is being written: `length` characters came so far, of which the messages hold the beginning and the
    end. It goes when the whole log is uploaded; `kind` is the name of that file in the contract."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="live_logs")
    kind = models.CharField(max_length=40)
    length = models.BigIntegerField(default=0)
    pieces = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "kind"], name="one_live_log_of_a_kind")]


class LiveMessage(models.Model):
    """What open pages of a submission are told beside events: a piece of a log, which begins at character `start`, or
    (with no log) that a file of this `kind` has arrived."""

    book = models.ForeignKey(LiveBook, on_delete=models.CASCADE, related_name="messages")
    seq = models.BigIntegerField()
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="live_messages")
    log = models.ForeignKey(LiveLog, on_delete=models.CASCADE, null=True, related_name="messages")
    kind = models.CharField(max_length=40)
    start = models.BigIntegerField(default=0)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book", "seq"], name="one_live_message_per_place")]
        indexes = [models.Index(fields=["log", "start"], name="live_messages_of_log")]
