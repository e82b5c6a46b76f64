"""Which leaderboards are published to which model boards."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from podium.server.competitions.models import Phase
from podium.server.leaderboards.models import Leaderboard
from podium.server.modelboards.models import Dataset


class Publication(models.Model):
    """A column of a leaderboard in one phase, whose ranked entries are results on a dataset.

    `seen` tells the state of the leaderboard that the dataset shows; a duty makes the results again where it is another
    one now. `note` says what could not be published, for organizers. One whose phase or leaderboard was deleted ends.
    """

    phase = models.ForeignKey(Phase, on_delete=models.SET_NULL, null=True, related_name="publications")
    leaderboard = models.ForeignKey(Leaderboard, on_delete=models.SET_NULL, null=True, related_name="publications")
    column_key = models.CharField(max_length=128)
    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="publication")
    publisher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seen = models.CharField(max_length=100, blank=True)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()
    refreshed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["phase", "leaderboard", "column_key"], name="one_publication_per_column")
        ]
