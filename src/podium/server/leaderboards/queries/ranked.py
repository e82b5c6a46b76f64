"""The ranked entries of a board: how many, which stand from a rank on, and which rank an entry has.

All of it goes by rank blocks, so that none of it takes longer on a longer board.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from podium.server.leaderboards.models import Entry, RankBlock


@dataclass(frozen=True)
class RankedEntries:
    """The ranked entries of the board of one phase."""

    leaderboard_id: int
    phase_id: int

    def entries(self) -> QuerySet[Entry]:
        """All of them, in no order."""
        # `ranked=True` would become a bare column, for which SQLite uses no index.
        return Entry.objects.filter(leaderboard_id=self.leaderboard_id, phase_id=self.phase_id, ranked__in=[True])

    def in_order(self) -> QuerySet[Entry]:
        """All of them, the best first."""
        return self.entries().order_by("rank_key")

    def total(self) -> int:
        """How many there are."""
        return self._blocks().aggregate(total=Sum("size"))["total"] or 0

    def window(self, offset: int, limit: int) -> tuple[QuerySet[Entry], slice]:
        """Where the entries of the ranks from `offset` + 1 on are: in this query, at this slice of it.

        The query begins with the block that has the first of them, so the slice skips less than a block.
        """
        if offset <= 0:
            return self.in_order(), slice(0, limit)
        skipped = offset
        for first_key, size in self._blocks().order_by("first_key").values_list("first_key", "size"):
            if skipped < size:
                return self.in_order().filter(rank_key__gte=bytes(first_key)), slice(skipped, skipped + limit)
            skipped -= size
        return self.in_order().none(), slice(0, 0)

    def rank_of(self, rank_key: bytes) -> int:
        """The rank of the entry that has this key, 1 for the best."""
        blocks = self._blocks().filter(first_key__lte=rank_key)
        begin = blocks.order_by("-first_key").values_list("first_key", flat=True).first()
        if begin is None:
            return 1
        begin = bytes(begin)
        before = blocks.filter(first_key__lt=begin).aggregate(total=Sum("size"))["total"] or 0
        return before + self.entries().filter(rank_key__gte=begin, rank_key__lt=rank_key).count() + 1

    def best_of(self, owner_id: int) -> int | None:
        """The rank of somebody's best entry; None where they have none that is ranked."""
        best = self.in_order().filter(owner_id=owner_id).values_list("rank_key", flat=True).first()
        return None if best is None else self.rank_of(bytes(best))

    def _blocks(self) -> QuerySet[RankBlock]:
        return RankBlock.objects.filter(leaderboard_id=self.leaderboard_id, phase_id=self.phase_id)
