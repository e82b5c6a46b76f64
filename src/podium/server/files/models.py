"""Blobs as the database knows them, the data sets made of them, and tickets to upload more."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Blob(models.Model):
    """Bytes in the blob store. `touched_at` is set anew whenever the same bytes arrive again."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size_bytes = models.BigIntegerField()
    touched_at = models.DateTimeField()


class DataSetType(models.TextChoices):
    """What a data set is for, in the words of the contract."""

    SUBMISSION = "submission"
    COMPETITION_BUNDLE = "competition_bundle"
    SCORING_PROGRAM = "scoring_program"
    INGESTION_PROGRAM = "ingestion_program"
    INPUT_DATA = "input_data"
    REFERENCE_DATA = "reference_data"
    PUBLIC_DATA = "public_data"
    STARTING_KIT = "starting_kit"
    SOLUTION = "solution"


class DataSet(models.Model):
    """A file somebody owns: a program, data, a submission, a bundle. Without a blob it has not arrived yet."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    type = models.CharField(max_length=20, choices=DataSetType)
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="data_sets")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="data_sets")
    file_name = models.CharField(max_length=255)
    size_bytes = models.BigIntegerField(default=0)
    is_public = models.BooleanField(default=False)
    was_created_by_competition = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["owner", "type"], name="data_sets_of_owner")]


class UploadTicket(models.Model):
    """Permission to upload one file, by whoever holds a link signed for it: once, or as often as it changes while the
    ticket is `repeatable`."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)
    data_set = models.OneToOneField(DataSet, on_delete=models.CASCADE, null=True, related_name="ticket")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="tickets")
    max_bytes = models.BigIntegerField()
    repeatable = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
