"""The ranked entries of a board: how many, which stand from a rank on, and which rank an entry has.

All of it goes by rank blocks, so that none of it takes longer on a longer board.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum

from podium.server.leaderboards.models import Entry, RankBlock
from podium.server.leaderboards.queries.plan import BoardPlan
from podium.server.prepared_queries import prepared


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
        return _only(_totals(board=self.leaderboard_id, phase=self.phase_id))

    def key_at(self, offset: int) -> bytes | None:
        """A key from which on exactly the entries of the ranks from `offset` + 1 on stand; None where there are none.
        At most two queries."""
        if offset <= 0:
            return b""
        skipped = offset
        for first_key, size in _blocks(board=self.leaderboard_id, phase=self.phase_id):
            if skipped < size:
                # Of what is skipped, less than a block, only the index is read.
                board, phase, begin = self.leaderboard_id, self.phase_id, bytes(first_key)
                found = _keys_after(board=board, phase=phase, begin=begin, skipped=skipped)
                return bytes(found[0][0]) if found else None
            skipped -= size
        return None

    def window(self, offset: int, limit: int) -> tuple[QuerySet[Entry], slice]:
        """The same entries, at most `limit`: in this query, at this slice of it."""
        first_key = self.key_at(offset)
        if first_key is None:
            return self.in_order().none(), slice(0, 0)
        return self.in_order().filter(rank_key__gte=first_key), slice(0, limit)

    def rank_of(self, rank_key: bytes) -> int:
        """The rank of the entry that has this key, 1 for the best."""
        board, phase = self.leaderboard_id, self.phase_id
        block = _block_of(board=board, phase=phase, key=rank_key)
        if not block:
            return 1
        begin = bytes(block[0][0])
        before = _only(_totals_before(board=board, phase=phase, key=begin))
        return before + _only(_numbers_between(board=board, phase=phase, begin=begin, end=rank_key)) + 1

    def best_of(self, owner_id: int) -> int | None:
        """The rank of somebody's best entry; None where they have none that is ranked."""
        best = _best_key(board=self.leaderboard_id, phase=self.phase_id, owner=owner_id)
        return self.rank_of(bytes(best[0][0])) if best else None


def _of(board: int, phase: int) -> QuerySet[RankBlock]:
    return RankBlock.objects.filter(leaderboard_id=board, phase_id=phase)


@prepared
def _blocks(board: int, phase: int) -> QuerySet[RankBlock, Any]:
    return _of(board, phase).order_by("first_key").values_list("first_key", "size")


@prepared
def _keys_after(board: int, phase: int, begin: bytes, skipped: int) -> QuerySet[Entry, Any]:
    found = RankedEntries(board, phase).in_order().filter(rank_key__gte=begin).values_list("rank_key")
    return found[skipped : skipped + 1]


@prepared
def _totals(board: int, phase: int) -> QuerySet[RankBlock, Any]:
    return _sum(_of(board, phase))


@prepared
def _totals_before(board: int, phase: int, key: bytes) -> QuerySet[RankBlock, Any]:
    return _sum(_of(board, phase).filter(first_key__lt=key))


@prepared
def _block_of(board: int, phase: int, key: bytes) -> QuerySet[RankBlock, Any]:
    return _of(board, phase).filter(first_key__lte=key).order_by("-first_key").values_list("first_key")[:1]


@prepared
def _numbers_between(board: int, phase: int, begin: bytes, end: bytes) -> QuerySet[Entry, Any]:
    found = RankedEntries(board, phase).entries().filter(rank_key__gte=begin, rank_key__lt=end)
    return found.values("phase_id").annotate(number=Count("pk")).values_list("number")


def owns_entry(plan: BoardPlan, owner_id: int) -> bool:
    """Whether an entry of the board is somebody's, ranked or not."""
    return bool(_entry_of(board=plan.leaderboard_id, phase=plan.phase_id, owner=owner_id))


@prepared
def _entry_of(board: int, phase: int, owner: int) -> QuerySet[Entry, Any]:
    return Entry.objects.filter(leaderboard_id=board, phase_id=phase, owner_id=owner).values_list("pk")[:1]


@prepared
def _best_key(board: int, phase: int, owner: int) -> QuerySet[Entry, Any]:
    return RankedEntries(board, phase).in_order().filter(owner_id=owner).values_list("rank_key")[:1]


def _sum(blocks: QuerySet[RankBlock]) -> QuerySet[RankBlock, Any]:
    """One row with the sum of the sizes, none where there are no blocks: a query that is not asked at once must group
    by something."""
    return blocks.order_by().values("phase_id").annotate(total=Sum("size")).values_list("total")


def _only(rows: list[tuple[int, ...]]) -> int:
    """The number in the only row; 0 where there is none."""
    return rows[0][0] if rows else 0
