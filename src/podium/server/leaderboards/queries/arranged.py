"""Which entries of a board stand where on a page: by rank, or as somebody wants to look at them.

By rank, a page is found by rank blocks, however long the board is. To sort by another column or to search, the whole
board is read: that is done up to `MOST_ARRANGED` entries. Beyond, as many people are found by an index, and only what
was found is sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from podium.rules.access import Action
from podium.rules.board.marks import Mark
from podium.rules.board.ranking import rank_key
from podium.server.accounts.models import User
from podium.server.leaderboards.models import Entry, EntryMark
from podium.server.leaderboards.queries.sight import BoardSight
from podium.server.leaderboards.queries.stored_rows import ranked_rows
from podium.server.prepared_queries import prepared

MOST_ARRANGED = 5000
_PORTION = 500
_SORTED_BY = ("owner__username", "owner__display_name", "submitted_at", "values", "fact_sheet_answers", "cells")
_TOO_LONG = (
    "This board has {total:,} entries, and only boards of up to {most:,} are sorted here. "
    "It stands in the order of its ranks. Download it to sort it yourself."
)
_NOT_BY_TASK = (
    "This board has {total:,} entries, and only boards of up to {most:,} are ranked by one task here. "
    "These are the ranks over all tasks."
)
_MORE_FOUND = "More people fit than are shown here. Write more of the name."

Row = TypeVar("Row")


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
    """The entries of a part of a board. Marked ones stand where their scores put them and count for no page; hidden
    ones are there for those who see what is hidden."""
    value = _value_of(sight, arrangement.column)
    if value is None and not arrangement.who and sight.task is None:
        return Placed(_by_rank(sight, limit, offset))
    total = sight.ranked.total()
    if total <= MOST_ARRANGED:
        return _in_memory(sight, arrangement, value, limit, offset)
    why = _TOO_LONG if sight.task is None else _NOT_BY_TASK
    refused = why.format(total=total, most=MOST_ARRANGED)
    if not arrangement.who:
        return Placed(_by_rank(sight, limit, offset), refused=refused)
    found = _found(sight, arrangement, value, limit, offset)
    return found if sight.task is None else replace(found, refused=found.refused or refused)


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


def _in_memory(
    sight: BoardSight, arrangement: Arrangement, value: Callable[[Any], Any] | None, limit: int, offset: int
) -> Placed:
    names = ("pk", "owner__username", "owner__display_name", "submitted_at", "values", "fact_sheet_answers")
    more: tuple[str, ...] = ("cells",) if arrangement.column.startswith("task") else ()
    if sight.task is not None:
        more = ("cells", "reasons", "submission_id")
    rows = [
        (PlacedEntry(row["pk"], rank), row)
        for rank, row in enumerate(sight.ranked.in_order().values(*names, *more), start=1)
    ]
    marked = {each.placed.entry_id: each.placed for each in _marked(sight)}
    found = Entry.objects.filter(pk__in=list(marked)).order_by("rank_key").values(*names, *more)
    rows += [(marked[row["pk"]], row) for row in found]
    if sight.task is not None:
        rows = _ranked_by_task(sight, rows)
    sought = arrangement.who.casefold()
    if sought:
        rows = [each for each in rows if any(sought in name.casefold() for name in _names(each[1]))]
    if value is not None:
        rows = _sorted(rows, lambda row: value(row[1]), descending=arrangement.descending)
    placed = [each for each, _ in rows]
    return Placed(placed[offset : offset + limit], total=len(placed))


def _ranked_by_task(
    sight: BoardSight, rows: Iterable[tuple[PlacedEntry, Mapping[str, Any]]]
) -> list[tuple[PlacedEntry, Mapping[str, Any]]]:
    """The same in the order of one task alone, with the ranks that they have there."""
    plan = sight.plan
    seen = [(placed, sight.seen(row)) for placed, row in rows]
    keys = {
        placed.entry_id: rank_key(
            plan.columns, plan.primary_index, row["values"], row["submitted_at"], row["submission_id"]
        )
        for placed, row in seen
    }
    seen.sort(key=lambda each: keys[each[0].entry_id])
    ranks = count(1)
    return [(placed if placed.rank is None else replace(placed, rank=next(ranks)), row) for placed, row in seen]


def _names(row: Mapping[str, Any]) -> Iterable[str]:
    """What a participant may be found by: what the board calls them. The name to sign in with is not for others."""
    return (row["owner__display_name"] or row["owner__username"],)


def _found(
    sight: BoardSight, arrangement: Arrangement, value: Callable[[Any], Any] | None, limit: int, offset: int
) -> Placed:
    """The entries of people of that name on a long board, in the order of their ranks or as they were asked for."""
    plan = sight.plan
    there = Entry.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id)
    called = User.objects.filter(_called(arrangement.who), Exists(there.filter(owner_id=OuterRef("pk"))))
    people = list(called.order_by("pk").values_list("pk", flat=True)[: MOST_ARRANGED + 1])
    marked = {each.placed.entry_id: each.placed for each in _marked(sight)}
    names = ("pk", "rank_key", "ranked", *_SORTED_BY)
    rows: list[dict[str, Any]] = []
    for start in range(0, min(len(people), MOST_ARRANGED), _PORTION):
        portion = there.filter(owner_id__in=people[start : start + _PORTION])
        rows += (row for row in portion.values(*names) if row["ranked"] or row["pk"] in marked)
    rows.sort(key=lambda row: bytes(row["rank_key"]))
    if value is not None:
        rows = _sorted(rows, value, descending=arrangement.descending)
    placed = [
        marked.get(row["pk"]) or PlacedEntry(row["pk"], sight.ranked.rank_of(bytes(row["rank_key"])))
        for row in rows[offset : offset + limit]
    ]
    return Placed(placed, total=len(rows), refused=_MORE_FOUND if len(people) > MOST_ARRANGED else "")


def _called(who: str) -> Q:
    """Whom a board calls so. SQLite knows no capitals but the English ones, so it is asked for several."""
    found = Q()
    for each in {who} if who.isascii() else {who, who.lower(), who.upper(), who.title()}:
        found |= Q(display_name__icontains=each) | Q(display_name="", username__icontains=each)
    return found


def _sorted(rows: list[Row], value: Callable[[Row], Any], *, descending: bool) -> list[Row]:
    """By a value that some may not have: they stand last either way, and equal ones as they stood."""
    held = [(value(row), row) for row in rows]
    there = sorted((each for each in held if each[0] is not None), key=lambda each: each[0], reverse=descending)
    return [row for _, row in there] + [row for found, row in held if found is None]


def _value_of(sight: BoardSight, name: str) -> Callable[[Any], Any] | None:
    """What rows are compared by; None where the person sees no such column."""
    if name == "participant":
        return lambda row: next(iter(_names(row))).casefold()
    if name == "submitted":
        return lambda row: row["submitted_at"]
    kind, _, key = name.partition(".")
    if kind == "score" and any(column.key == key for column in sight.ranking_columns):
        return lambda row: _number(row["values"].get(key))
    if kind == "answer" and any(question.key == key for question in sight.questions):
        return lambda row: _text((row["fact_sheet_answers"] or {}).get(key))
    tasks = {f"task{task.id}": str(task.id) for task in sight.plan.tasks}
    if kind in tasks and any(column.key == key for column in sight.columns):
        task = tasks[kind]
        return lambda row: _number(row["cells"].get(task, {}).get("values", {}).get(key))
    return None


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _text(answer: object) -> str | None:
    return None if answer is None or answer == "" else str(answer).casefold()
