"""What is kept of the items of scores, and what they say of a board together."""

from __future__ import annotations

from django.db import models

from podium.server.competitions.models import Phase
from podium.server.files.models import Blob
from podium.server.leaderboards.models import Leaderboard
from podium.server.submissions.models import Attempt


class ItemScores(models.Model):
    """What a scoring attempt wrote into per_item.csv. `columns` has by column key the `count` of its items, their
    `mean`, a digest of their names (`items`), which array of `kept` they are (`place`), and the interval of the mean
    (`low`, `high`, `method`, `level`). Names of items are not kept. Where something is wrong with the file, `problems`
    says it, and there is nothing else."""

    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, related_name="item_scores")
    kept = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    columns = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    problem_count = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField()


class BoardCertainty(models.Model):
    """What the items of the first entries of a board say together, as the board of the version `seen` was. `digest` is
    of what it was computed from. `content` is empty where nothing can be said; else it has the `column` that it is
    about, the `level`, how many `items` and entries (`compared`), the submissions that cannot be told from the first
    (`tied`), the smallest `detectable` difference, and, where there are several tasks, `intervals` (low, mean, high) by
    submission."""

    leaderboard = models.ForeignKey(Leaderboard, on_delete=models.CASCADE, related_name="+")
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="certainties")
    seen = models.BigIntegerField(default=-1)
    digest = models.CharField(max_length=64, blank=True)
    content = models.JSONField(default=dict)
    computed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["leaderboard", "phase"], name="one_certainty_per_board")]
