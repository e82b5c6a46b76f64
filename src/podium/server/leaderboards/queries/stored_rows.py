"""Entries as plain rows, read quickly: a page of a board is a hundred of them at every request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from podium.server.leaderboards.models import Entry
from podium.server.leaderboards.queries.ranked import RankedEntries
from podium.server.prepared_queries import prepared

ROW = (
    "pk",
    "rank_key",
    "submission_id",
    "owner_id",
    "owner__username",
    "owner__display_name",
    "submitted_at",
    "values",
    "reasons",
    "cells",
    "fact_sheet_answers",
)
"""What pages need of an entry."""
_OURS = ("values", "reasons", "cells")
_WHOLE = slice(None)


def stored_rows(entries: QuerySet[Entry], *names: str, part: slice = _WHOLE) -> Iterator[dict[str, Any]]:
    """What `.values(*names)` gives of a part of the entries.

    What we wrote ourselves as JSON is read as text and parsed by orjson, five times as fast as through the field.
    """
    return _parsed(_as_texts(entries, names)[part], names)


def ranked_rows(ranked: RankedEntries, offset: int, limit: int) -> list[dict[str, Any]]:
    """ROW of each of the entries that have the ranks from `offset` + 1 on; at most three queries."""
    begin = ranked.key_at(offset)
    if begin is None:
        return []
    board, phase = ranked.leaderboard_id, ranked.phase_id
    return list(_parsed(_ranked(board=board, phase=phase, begin=begin, limit=limit), ROW))


@prepared
def _ranked(board: int, phase: int, begin: bytes, limit: int) -> QuerySet[Entry, Any]:
    return _as_texts(RankedEntries(board, phase).in_order().filter(rank_key__gte=begin), ROW)[:limit]


def _as_texts(entries: QuerySet[Entry], names: Sequence[str]) -> QuerySet[Entry, Any]:
    texts = {f"text_of_{name}": Cast(name, TextField()) for name in names if name in _OURS}
    return entries.annotate(**texts).values_list(*(f"text_of_{name}" if name in _OURS else name for name in names))


def _parsed(rows: Iterable[Sequence[Any]], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    ours = [name for name in names if name in _OURS]
    for values in rows:
        row = dict(zip(names, values, strict=True))
        for name in ours:
            row[name] = orjson.loads(row[name])
        yield row
