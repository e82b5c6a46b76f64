"""The rank blocks of a board, kept as its ranked entries come, move and go."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from podium.server.leaderboards.models import RankBlock
from podium.server.leaderboards.queries.ranked import RankedEntries
from podium.server.prepared_queries import prepared

USUAL_SIZE = 1000
LARGEST_SIZE = 2 * USUAL_SIZE
_SMALLEST_SIZE = USUAL_SIZE // 4
_MERGED_SIZE = USUAL_SIZE + USUAL_SIZE // 2
_FEW = 16


def move_in_blocks(leaderboard_id: int, phase_id: int, *, gone: Collection[bytes], come: Collection[bytes]) -> None:
    """Keep the blocks right after entries with the rank keys `gone` left the ranked range and others came.

    It belongs into the transaction that wrote the entries, which are written before. So many moves that a recount is
    quicker are recounted.
    """
    number = len(gone) + len(come)
    if number > LARGEST_SIZE:
        recount_blocks(leaderboard_id, phase_id)
        return
    blocks = _blocks(leaderboard_id, phase_id)
    block_of = _walking(leaderboard_id, phase_id) if number <= _FEW else _searching(leaderboard_id, phase_id)
    moved = Counter(block_of(key) for key in come)
    moved.subtract(block_of(key) for key in gone)
    wrong = []
    for block, size in ((block, block.size + by) for block, by in moved.items() if by):
        if block.pk is None:
            RankBlock.objects.create(leaderboard_id=leaderboard_id, phase_id=phase_id, first_key=b"", size=size)
        else:
            blocks.filter(pk=block.pk).update(size=size)
        if not _SMALLEST_SIZE <= size <= LARGEST_SIZE:
            wrong.append(block.first_key)
    # From the last on: a block that goes becomes a part of one before it.
    for first_key in sorted(wrong, reverse=True):
        _tidy(blocks, leaderboard_id, phase_id, first_key)


def recount_blocks(leaderboard_id: int, phase_id: int) -> None:
    """Make the blocks of a board again from its entries, in one pass over their keys.

    PostgreSQL learns at once how the entries lie now: with what it knew before, it would read whole tables for a page.
    """
    entries = RankedEntries(leaderboard_id, phase_id).entries()
    total = entries.count()
    placed = entries.annotate(place=Window(RowNumber(), order_by=F("rank_key").asc()))
    begins = placed.annotate(rest=F("place") % USUAL_SIZE).filter(rest=1).order_by("rank_key")
    keys = [bytes(key) for key in begins.values_list("rank_key", flat=True)]
    if len(keys) > 1 and total - USUAL_SIZE * (len(keys) - 1) < _SMALLEST_SIZE:
        keys.pop()
    ends = [*(USUAL_SIZE * place for place in range(1, len(keys))), total]
    _blocks(leaderboard_id, phase_id).delete()
    RankBlock.objects.bulk_create(
        RankBlock(
            leaderboard_id=leaderboard_id,
            phase_id=phase_id,
            first_key=key if place else b"",
            size=end - USUAL_SIZE * place,
        )
        for place, (key, end) in enumerate(zip(keys, ends, strict=False))
    )
    if connection.vendor == "postgresql" and total > LARGEST_SIZE:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE leaderboards_entry (leaderboard_id, phase_id, ranked, rank_key)")


def _blocks(leaderboard_id: int, phase_id: int) -> QuerySet[RankBlock]:
    return RankBlock.objects.filter(leaderboard_id=leaderboard_id, phase_id=phase_id)


class _Block(NamedTuple):
    """A block as it was before a change; without a number, the one that a board without any gets."""

    pk: int | None
    first_key: bytes
    size: int


_NONE_YET = _Block(None, b"", 0)


def _walking(leaderboard_id: int, phase_id: int) -> Callable[[bytes], _Block]:
    """Finds the block of a key, by one look at the index each."""

    def block_of(key: bytes) -> _Block:
        found = _last_block(board=leaderboard_id, phase=phase_id, key=key)
        return _block(*found[0]) if found else _NONE_YET

    return block_of


def _searching(leaderboard_id: int, phase_id: int) -> Callable[[bytes], _Block]:
    """The same for many keys: all blocks are read once."""
    blocks = [_block(*row) for row in _all_blocks(board=leaderboard_id, phase=phase_id)] or [_NONE_YET]
    begins = [block.first_key for block in blocks]
    return lambda key: blocks[bisect_right(begins, key) - 1]


def _block(pk: int, first_key: bytes, size: int) -> _Block:
    return _Block(pk, bytes(first_key), size)


@prepared
def _last_block(board: int, phase: int, key: bytes) -> QuerySet[RankBlock, Any]:
    before = _blocks(board, phase).filter(first_key__lte=key).order_by("-first_key")
    return before.values_list("pk", "first_key", "size")[:1]


@prepared
def _all_blocks(board: int, phase: int) -> QuerySet[RankBlock, Any]:
    return _blocks(board, phase).order_by("first_key").values_list("pk", "first_key", "size")


def _tidy(blocks: QuerySet[RankBlock], leaderboard_id: int, phase_id: int, first_key: bytes) -> None:
    """Split a block that has become too large, and let one that has become small be a part of its neighbour."""
    size = blocks.values_list("size", flat=True).get(first_key=first_key)
    if size > LARGEST_SIZE:
        _split(blocks, leaderboard_id, phase_id, first_key, size)
    elif size < _SMALLEST_SIZE:
        _merge(blocks, first_key, size)


def _split(blocks: QuerySet[RankBlock], leaderboard_id: int, phase_id: int, first_key: bytes, size: int) -> None:
    pieces = size // USUAL_SIZE
    bounds = [size * piece // pieces for piece in range(pieces + 1)]
    keys = RankedEntries(leaderboard_id, phase_id).in_order().filter(rank_key__gte=first_key)
    begins = [bytes(keys.values_list("rank_key", flat=True)[bound : bound + 1].get()) for bound in bounds[1:-1]]
    blocks.filter(first_key=first_key).update(size=bounds[1])
    RankBlock.objects.bulk_create(
        RankBlock(leaderboard_id=leaderboard_id, phase_id=phase_id, first_key=key, size=end - bound)
        for key, bound, end in zip(begins, bounds[1:-1], bounds[2:], strict=True)
    )


def _merge(blocks: QuerySet[RankBlock], first_key: bytes, size: int) -> None:
    """Into the block before it, or take in the one after where it is the first; an empty block always goes."""
    before = blocks.filter(first_key__lt=first_key).order_by("-first_key").first()
    if before is not None:
        if not size or before.size + size <= _MERGED_SIZE:
            blocks.filter(first_key=first_key).delete()
            blocks.filter(pk=before.pk).update(size=F("size") + size)
        return
    after = blocks.filter(first_key__gt=first_key).order_by("first_key").first()
    if after is not None and (not size or after.size + size <= _MERGED_SIZE):
        blocks.filter(pk=after.pk).delete()
        blocks.filter(first_key=first_key).update(size=F("size") + after.size)
    elif after is None and not size:
        blocks.filter(first_key=first_key).delete()
