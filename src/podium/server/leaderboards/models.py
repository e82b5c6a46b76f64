"""Leaderboards, their columns, and the entries as they are read: with ready cells and a key that sorts by rank."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from podium.server.competitions.models import Competition, Phase


class Leaderboard(models.Model):
    """A leaderboard of a competition; each serves all its phases. The one of index 0 is the one that clients know."""

    competition = models.ForeignKey(Competition, on_delete=models.CASCADE, related_name="leaderboards")
    index = models.PositiveIntegerField()
    title = models.CharField(max_length=128)
    key = models.CharField(max_length=128)
    submission_rule = models.CharField(max_length=32)
    hidden = models.BooleanField(default=False)
    primary_index = models.IntegerField(default=0)
    extensions = models.JSONField(default=dict)

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["competition", "index"], name="one_leaderboard_per_place")]


class Column(models.Model):
    """A column; the meaning of its fields is that of podium.rules.board.Column."""

    leaderboard = models.ForeignKey(Leaderboard, on_delete=models.CASCADE, related_name="columns")
    index = models.PositiveIntegerField()
    key = models.CharField(max_length=128)
    title = models.CharField(max_length=128)
    sorting = models.CharField(max_length=4)
    precision = models.PositiveIntegerField(default=2)
    hidden = models.BooleanField(default=False)
    computation = models.CharField(max_length=8, blank=True)
    computation_indexes = models.JSONField(default=list)

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["leaderboard", "index"], name="one_column_per_place"),
            models.UniqueConstraint(fields=["leaderboard", "key"], name="one_column_per_key"),
        ]


class Entry(models.Model):
    """A row of the board, ready to be read. That it is there is the choice of a person or of the board's rule; what it
    says can be made again from scores at any time. It names the submission by number, as the submissions app lies above
    this one.

    `values` holds the aggregated value of each column by its key, None where it is missing, and `reasons` says why;
    by them it ranks. `cells` holds the same for each task, by the task's id, with the submission that ran on it and
    the ids of its scores (podium.server.leaderboards.entry_rows). `value_keys` sorts by the values that the rank key
    does not have (podium.server.leaderboards.queries.value_keys).
    """

    leaderboard = models.ForeignKey(Leaderboard, on_delete=models.CASCADE, related_name="entries")
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="entries")
    submission_id = models.BigIntegerField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    rank_key = models.BinaryField()
    value_keys = models.BinaryField(default=bytes)
    ranked = models.BooleanField(default=True)
    values = models.JSONField()
    reasons = models.JSONField(default=dict)
    cells = models.JSONField()
    fact_sheet_answers = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["leaderboard", "submission_id"], name="one_entry_per_submission")
        ]
        indexes = [
            models.Index(fields=["leaderboard", "phase", "ranked", "rank_key"], name="entries_in_rank_order"),
            models.Index(fields=["leaderboard", "phase", "owner", "ranked", "rank_key"], name="entries_of_owner"),
        ]


class EntryMark(models.Model):
    """What an organizer decided about a submission on a board: `kind` is one of podium.rules.board.marks.Mark. Its
    entry is not ranked. The mark outlives the entry, so that nobody gets rid of it by removing and adding an entry."""

    leaderboard = models.ForeignKey(Leaderboard, on_delete=models.CASCADE, related_name="marks")
    submission_id = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["leaderboard", "submission_id"], name="one_mark_per_entry")]


class StaleBoard(models.Model):
    """The board of a phase whose ranks are behind its scores since then, until a duty has made them again: there are
    rows of it only for boards with columns that are computed from ranks."""

    leaderboard = models.ForeignKey(Leaderboard, on_delete=models.CASCADE, related_name="+")
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["leaderboard", "phase"], name="one_mark_per_board")]


class RankBlock(models.Model):
    """A stretch of the ranked entries of a board: the `size` entries whose keys lie from `first_key` on and before the
    next block's. The first block of a board begins with no bytes; a board without ranked entries has no blocks.

    With them a rank and a page are found by a sum over blocks, where counting entries would not scale.
    """

    leaderboard = models.ForeignKey(Leaderboard, on_delete=models.CASCADE, related_name="+")
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="+")
    first_key = models.BinaryField()
    size = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["leaderboard", "phase", "first_key"], name="one_block_per_first_key")
        ]


class BoardVersion(models.Model):
    """A number that is another one after each transaction that changed what readers see of the board of a phase.

    It is drawn, not counted: a database that was restored from a backup must not come to a number again under which
    readers keep something else.
    """

    leaderboard = models.ForeignKey(Leaderboard, on_delete=models.CASCADE, related_name="versions")
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="+")
    version = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["leaderboard", "phase"], name="one_version_per_board")]
