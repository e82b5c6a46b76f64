"""Queues."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Queue(models.Model):
    """A group of workers under one name. Competitions name it by `vhost`; a public one may be used by everybody,
    another by its owner and its organizers. `runs_per_person` of None is what the site says for every queue.

    The rest is for administrators: `limit_defaults` and `limit_maxima` are amounts by the names of
    `podium.rules.limits`, and whatever they do not name is as for the site; `network` lets programs reach the network.
    """

    vhost = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=64)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="queues")
    organizers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="organized_queues")
    is_public = models.BooleanField(default=False)
    runs_per_person = models.PositiveSmallIntegerField(null=True)
    limit_defaults = models.JSONField(default=dict)
    limit_maxima = models.JSONField(default=dict)
    network = models.BooleanField(default=False)
    created_at = models.DateTimeField()
