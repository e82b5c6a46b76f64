"""What was worked out of events before, so that it need not be worked out again."""

from __future__ import annotations

from django.db import models

from podium.server.competitions.models import Phase


class Snapshot(models.Model):
    """A phase after the event `seq` of its competition, as podium.server.past.packing writes it. It says nothing that
    the events do not say: all snapshots may be deleted at any time."""

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="+")
    seq = models.BigIntegerField()
    form = models.PositiveSmallIntegerField()
    content = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["phase", "seq"], name="one_snapshot_per_place")]
