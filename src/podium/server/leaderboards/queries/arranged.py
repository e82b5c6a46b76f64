"""Which entries of a board stand where on a page: by rank, or as somebody wants to look at them.

By rank, a page is found by rank blocks. Sorted by another column, searched, or ranked by one task alone, it is cut from
an order that is made once and kept (podium.server.leaderboards.queries.orders). Either way a page is found at once,
however long the board is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from podium.rules.access import Action
from podium.rules.board.marks import Mark
from podium.server.leaderboards.models import Entry, EntryMark
from podium.server.leaderboards.queries.orders import (
    PARTICIPANT,
    SUBMITTED,
    ByAnswer,
    ByValue,
    OrderWish,
    SortedBy,
    ordered,
)
from podium.server.leaderboards.queries.sight import BoardSight
from podium.server.leaderboards.queries.stored_rows import ranked_rows
from podium.server.prepared_queries import prepared

_BUSY = (
    "Another long leaderboard is being sorted at this moment, so this one stands in the order of its ranks. "
    "Load the page again in a moment."
)


@dataclass(frozen=True)
class Arrangement:
    """How to look at a board. `sort` is `participant`, `submitted`, `score.<key>` for a column that ranks,
    `task<id>.<key>` for one of a task or `answer.<key>` for a question, with - before it where the largest are to stand
    first; empty for the order of ranks, as is whatever the board does not have. `who` is a part of a name."""

    sort: str = ""
    who: str = ""

    @property
    def column(self) -> str:
        """What it is sorted by."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the largest stand first."""
        return self.sort.startswith("-")


AS_RANKED = Arrangement()


@dataclass(frozen=True)
class PlacedEntry:
    """An entry and its place; `rank` is None where it is marked. `stored` is the entry as ROW, where that is read."""

    entry_id: int
    rank: int | None
    mark: Mark | None = None
    mark_reason: str = ""
    stored: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Placed:
    """The entries of a page. `total` says how many there are on all pages, None for the ranked ones of the board;
    `refused` why they do not stand as they were asked for."""

    rows: Sequence[PlacedEntry]
    total: int | None = None
    refused: str = ""


@dataclass(frozen=True)
class _Marked:
    key: bytes
    placed: PlacedEntry


def arranged(sight: BoardSight, arrangement: Arrangement, limit: int, offset: int) -> Placed:
    """The entries of a part of a board. Marked ones stand where their scores put them; by rank they count for no page.
    Hidden ones are there for those who see what is hidden."""
    sorted_by = _sorted_by(sight, arrangement.column)
    if sorted_by is None and not arrangement.who and sight.task is None:
        return Placed(_by_rank(sight, limit, offset))
    marked = {each.placed.entry_id: each.placed for each in _marked(sight)}
    found = ordered(sight.whole_plan, _wish(sight, arrangement, sorted_by, marked), sight.ranked.total())
    if found is None:
        return Placed(_by_rank(sight, limit, offset), refused=_BUSY)
    rows = [marked.get(pk) or PlacedEntry(pk, rank) for pk, rank in found.part(offset, limit)]
    return Placed(rows, total=len(found))


def best_place_of(sight: BoardSight, owner_id: int) -> int | None:
    """Where the first entry of somebody stands in the order of ranks, 1 being first; None where they have none, or
    where this process is busy."""
    if sight.task is None:
        return sight.ranked.best_of(owner_id)
    plan = sight.plan
    own = Entry.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id, owner_id=owner_id)
    ids = list(own.filter(ranked__in=[True]).values_list("pk", flat=True))
    if not ids:
        return None
    marked = {each.placed.entry_id for each in _marked(sight)}
    found = ordered(sight.whole_plan, _wish(sight, AS_RANKED, None, marked), sight.ranked.total())
    return None if found is None else found.place_of(ids)


def _wish(
    sight: BoardSight, arrangement: Arrangement, sorted_by: SortedBy | None, marked: Collection[int]
) -> OrderWish:
    return OrderWish(
        task_id=None if sight.task is None else sight.task.id,
        sorted_by=sorted_by,
        descending=sorted_by is not None and arrangement.descending,
        who=arrangement.who.casefold(),
        marked=frozenset(marked),
    )


def _by_rank(sight: BoardSight, limit: int, offset: int) -> list[PlacedEntry]:
    found = ranked_rows(sight.ranked, offset, limit + 1)
    rows = [
        (bytes(row["rank_key"]), PlacedEntry(row["pk"], rank, stored=row))
        for rank, row in enumerate(found[:limit], start=offset + 1)
    ]
    if rows or not offset:
        first = rows[0][0] if offset else b""
        behind = bytes(found[limit]["rank_key"]) if len(found) > limit else None
        rows += [
            (each.key, each.placed)
            for each in _marked(sight)
            if each.key >= first and (behind is None or each.key < behind)
        ]
        rows.sort(key=lambda row: row[0])
    return [placed for _, placed in rows]


def _marked(sight: BoardSight) -> list[_Marked]:
    """The entries that are shown without a rank; there are few of them."""
    plan = sight.plan
    marks = {submission: (Mark(kind), reason) for submission, kind, reason in _marks(board=plan.leaderboard_id)}
    if not marks:
        return []
    entries = Entry.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id, ranked=False)
    sees_hidden = sight.standing.may(Action.SEE_HIDDEN_BOARD)
    found = []
    for key, pk, submission in entries.values_list("rank_key", "pk", "submission_id"):
        mark, reason = marks.get(submission, (None, ""))
        if mark is not None and (sees_hidden or mark is not Mark.HIDDEN):
            found.append(_Marked(bytes(key), PlacedEntry(pk, None, mark, reason if sees_hidden else "")))
    return found


@prepared
def _marks(board: int) -> QuerySet[EntryMark, Any]:
    return EntryMark.objects.filter(leaderboard_id=board).values_list("submission_id", "kind", "reason")


def _sorted_by(sight: BoardSight, name: str) -> SortedBy | None:
    """What rows are compared by; None where the person sees no such column."""
    if name == "participant":
        return PARTICIPANT
    if name == "submitted":
        return SUBMITTED
    kind, _, key = name.partition(".")
    alone = sight.task.id if sight.task is not None else None
    if kind == "score" and any(column.key == key for column in sight.ranking_columns):
        return ByValue((alone, key))
    if kind == "answer" and any(question.key == key for question in sight.questions):
        return ByAnswer(key)
    tasks = {f"task{task.id}": task.id for task in sight.plan.tasks}
    if kind in tasks and any(column.key == key for column in sight.columns):
        # The values of the only task are those that rank.
        return ByValue((tasks[kind] if len(sight.whole_plan.tasks) > 1 else None, key))
    return None
