"""Which entries of a board stand where on a page: by rank, or as somebody wants to look at them.

By rank, a page is found by rank blocks, however long the board is. To sort by another column or to search, the whole
board is read: that is done up to `MOST_ARRANGED` entries. Beyond, people are found by an index, and sorting is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from django.db.models import Q, QuerySet

from podium.rules.access import Action
from podium.rules.board.marks import Mark
from podium.rules.board.ranking import rank_key
from podium.server.accounts.models import User
from podium.server.leaderboards.models import Entry, EntryMark
from podium.server.leaderboards.queries.sight import BoardSight
from podium.server.leaderboards.queries.stored_rows import ranked_rows
from podium.server.prepared_queries import prepared

MOST_ARRANGED = 5000
_MOST_FOUND = 50
_MOST_PEOPLE = 200
_TOO_LONG = (
    "This board has {total:,} entries, and only boards of up to {most:,} are sorted here. "
    "It stands in the order of its ranks. Download it to sort it yourself."
)
_MORE_FOUND = "More entries fit than are shown. Write more of the name."


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
    if total > MOST_ARRANGED:
        if arrangement.who:
            return _found(sight, arrangement.who)
        refused = _TOO_LONG.format(total=total, most=MOST_ARRANGED)
        return Placed(_by_rank(sight, limit, offset), refused=refused)
    return _in_memory(sight, arrangement, value, limit, offset)


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
        held = [(value(row), placed) for placed, row in rows]
        there = [each for each in held if each[0] is not None]
        there.sort(key=lambda each: each[0], reverse=arrangement.descending)
        placed = [each[1] for each in there] + [each[1] for each in held if each[0] is None]
    else:
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


def _found(sight: BoardSight, who: str) -> Placed:
    """The entries of people of that name on a long board, in the order of their ranks."""
    called = Q(display_name__icontains=who) | Q(display_name="", username__icontains=who)
    plan = sight.plan
    people = list(User.objects.filter(called).values_list("pk", flat=True)[: _MOST_PEOPLE + 1])
    entries = Entry.objects.filter(
        leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id, ranked=True, owner_id__in=people[:_MOST_PEOPLE]
    )
    rows = list(entries.order_by("rank_key").values_list("rank_key", "pk")[: _MOST_FOUND + 1])
    placed = [PlacedEntry(pk, sight.ranked.rank_of(bytes(key))) for key, pk in rows[:_MOST_FOUND]]
    more = len(rows) > _MOST_FOUND or len(people) > _MOST_PEOPLE
    return Placed(placed, total=len(placed), refused=_MORE_FOUND if more else "")


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
