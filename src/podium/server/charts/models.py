"""The charts that were drawn last."""

from __future__ import annotations

from django.db import models

from podium.server.competitions.models import Phase
from podium.server.leaderboards.models import Leaderboard


class Chart(models.Model):
    """A chart of one column of a board: `kind` is one of podium.server.charts.specs.Kind.

    `stamp` is the version of the board that it shows, `digest` the hash of what it was drawn from; `light` and `dark`
    are the pictures, as SVG, and `facts` the rows that tell the same. `data` are the rows behind one whose data the
    board's own file does not hold.
    """

    leaderboard = models.ForeignKey(Leaderboard, on_delete=models.CASCADE, related_name="+")
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="+")
    column_key = models.CharField(max_length=128)
    kind = models.CharField(max_length=12)
    stamp = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    title = models.TextField()
    description = models.TextField()
    facts = models.JSONField()
    data = models.JSONField(default=list)
    light = models.TextField()
    dark = models.TextField()
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["leaderboard", "phase", "column_key", "kind"], name="one_chart_of_a_kind_per_column"
            )
        ]
