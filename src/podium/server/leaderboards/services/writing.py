"""The one door through which the entries of a board are written: with them go its rank blocks and its version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from podium.server.leaderboards.models import Entry, EntryMark
from podium.server.leaderboards.services.rank_blocks import move_in_blocks
from podium.server.leaderboards.services.versions import new_version
from podium.server.prepared_queries import prepared
from podium.server.row_updates import update_rows

_WRITTEN = ("rank_key", "value_keys", "ranked", "values", "reasons", "cells", "fact_sheet_answers")
_PORTION = 500


def write_entries(
    leaderboard_id: int,
    phase_id: int,
    *,
    added: Sequence[Entry] = (),
    changed: Sequence[Entry] = (),
    removed: Collection[int] = (),
) -> None:
    """Write entries of the board of one phase: new ones, those that say something else now, and the ids of those that
    go. A new one whose submission is marked is not ranked. The caller holds the board, in a transaction."""
    if not (added or changed or removed):
        return
    touched = [*removed, *(entry.pk for entry in changed)]
    before = _ranked_keys(touched)
    for portion in _portions(sorted(removed)):
        Entry.objects.filter(pk__in=portion).delete()
    marked = {submission for (submission,) in _marked(board=leaderboard_id)} if added else set()
    for entry in added:
        entry.ranked = entry.submission_id not in marked
    Entry.objects.bulk_create(added, batch_size=_PORTION)
    if len(changed) == 1:
        changed[0].save(update_fields=_WRITTEN)
    else:
        update_rows(changed, _WRITTEN)
    after = {bytes(entry.rank_key) for entry in (*added, *changed) if entry.ranked}
    move_in_blocks(leaderboard_id, phase_id, gone=before - after, come=after - before)
    new_version(leaderboard_id, phase_id)


@prepared
def _marked(board: int) -> QuerySet[EntryMark, Any]:
    """The submissions that an organizer has marked on a board; there are few of them."""
    return EntryMark.objects.filter(leaderboard_id=board).values_list("submission_id")


def _ranked_keys(ids: Iterable[int]) -> set[bytes]:
    """The keys under which these entries are ranked now. No two entries have the same."""
    found: set[bytes] = set()
    for portion in _portions(list(ids)):
        keys = Entry.objects.filter(pk__in=portion, ranked=True).values_list("rank_key", flat=True)
        found.update(bytes(key) for key in keys)
    return found


def _portions(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _PORTION] for start in range(0, len(ids), _PORTION))
