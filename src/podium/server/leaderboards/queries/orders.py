"""Boards in other orders than that of their ranks: sorted by any column, by one task alone, or only some people.

An order is made by the database in one pass and kept in the memory of this process as long as the board has the same
version: twelve bytes for each entry, from which every page is cut.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection
from django.db.models import BinaryField, Count, F, Func, Q, QuerySet, TextField, Window
from django.db.models.expressions import OrderBy
from django.db.models.functions import Cast, Collate, Substr

from podium.rules.board.columns import Sorting
from podium.rules.board.ranking import VALUE_BYTES, column_order
from podium.server.leaderboards.kept_answers import KeptAnswers
from podium.server.leaderboards.models import BoardVersion, Entry
from podium.server.leaderboards.queries.plan import BoardPlan
from podium.server.leaderboards.queries.value_keys import KeyPlace, ValueName, key_places
from podium.server.prepared_queries import prepared

MOST_BYTES = 64 << 20
"""What a process keeps of orders; one of them may have half of it."""
_SHARE = 2
_PORTION = 10_000
_LONG = 20_000
_WAIT_S = 2.0
_ANSWER_LENGTH = 100
_kept = KeptAnswers(MOST_BYTES, share=_SHARE)
_making = threading.Lock()


@dataclass(frozen=True)
class ByValue:
    """By a value that has a place (see `key_places`)."""

    name: ValueName


@dataclass(frozen=True)
class ByField:
    """By the participants' names or the moments of submission."""

    field: str


@dataclass(frozen=True)
class ByAnswer:
    """By what participants answered to a question, as text without regard to case, of which the beginning counts."""

    key: str


SortedBy = ByValue | ByField | ByAnswer
PARTICIPANT = ByField("owner__folded_name")
SUBMITTED = ByField("submitted_at")


@dataclass(frozen=True)
class OrderWish:
    """What to put in order, and how: the ranked entries and `marked` ones, by all tasks or as `task_id` alone ranks
    them, of those whose name has `who` in it. Without `sorted_by` they stand as they rank, and so do equal ones."""

    task_id: int | None
    sorted_by: SortedBy | None
    descending: bool
    who: str
    marked: frozenset[int]


class Ordered:
    """Entries in their order, each with its rank."""

    def __init__(self, content: bytes) -> None:
        self._number = len(content) // 12
        self._content = memoryview(content)

    def __len__(self) -> int:
        return self._number

    def part(self, offset: int, limit: int) -> list[tuple[int, int]]:
        """The ids and ranks of a part of them. A rank counts ranked entries only, so one that is marked has that of
        whoever stands before it."""
        ids = self._content[: 8 * self._number].cast("q")
        ranks = self._content[8 * self._number :].cast("I")
        end = offset + limit
        return list(zip(ids[offset:end], ranks[offset:end], strict=True))

    def place_of(self, ids: Collection[int]) -> int | None:
        """Where the first of these entries stands, 1 being first; None where none of them does."""
        held = array("q")
        held.frombytes(self._content[: 8 * self._number])
        places = []
        for pk in ids:
            with suppress(ValueError):
                places.append(1 + held.index(pk))
        return min(places, default=None)


def ordered(plan: BoardPlan, wish: OrderWish, total: int) -> Ordered | None:
    """A board of `total` entries as it is wished. None where it is long and this process is busy with another long one:
    its threads have other things to do than to wait for one another."""
    version = _version(board=plan.leaderboard_id, phase=plan.phase_id)
    if not version:
        return Ordered(b"")
    key = (plan.leaderboard_id, plan.phase_id, version[0][0], wish)
    if (content := _kept.get(key)) is not None:
        return Ordered(content)
    if total <= _LONG:
        return Ordered(_made(plan, wish, key))
    if not _making.acquire(timeout=_WAIT_S):
        return None
    try:
        return Ordered(_kept.get(key) or _made(plan, wish, key))
    finally:
        _making.release()


@prepared
def _version(board: int, phase: int) -> QuerySet[BoardVersion, Any]:
    return BoardVersion.objects.filter(leaderboard_id=board, phase_id=phase).values_list("version")


def _made(plan: BoardPlan, wish: OrderWish, key: object) -> bytes:
    found = _by_answer(plan, wish, wish.sorted_by.key) if isinstance(wish.sorted_by, ByAnswer) else _by_sql(plan, wish)
    _kept.put(key, found)
    return found


def _by_sql(plan: BoardPlan, wish: OrderWish) -> bytes:
    ids, ranks = array("q"), array("I")
    for pk, rank in _query(plan, wish).iterator(_PORTION):
        ids.append(pk)
        ranks.append(rank)
    return ids.tobytes() + ranks.tobytes()


def _by_answer(plan: BoardPlan, wish: OrderWish, key: str) -> bytes:
    """Answers lie in documents whose keys people chose, so they are compared here."""
    ids, ranks = array("q"), array("I")
    texts: list[str | None] = []
    same: dict[str, str] = {}
    for pk, rank, answers in _query(plan, wish, Cast("fact_sheet_answers", TextField())).iterator(_PORTION):
        text = _text((orjson.loads(answers) or {}).get(key) if answers else None)
        ids.append(pk)
        ranks.append(rank)
        texts.append(None if text is None else same.setdefault(text, text))
    there = [at for at, text in enumerate(texts) if text is not None]
    there.sort(key=lambda at: texts[at] or "", reverse=wish.descending)
    there += [at for at, text in enumerate(texts) if text is None]
    return array("q", (ids[at] for at in there)).tobytes() + array("I", (ranks[at] for at in there)).tobytes()


def _text(answer: object) -> str | None:
    return None if answer is None or answer == "" else str(answer)[:_ANSWER_LENGTH].casefold()


def _query(plan: BoardPlan, wish: OrderWish, *more: Cast) -> QuerySet[Entry, Any]:
    """The ids, the ranks and what else is wished of the entries, in order as far as a database can tell it."""
    shown = Q(ranked__in=[True])
    if wish.marked:
        shown |= Q(pk__in=wish.marked)
    by_rank = _by_rank(plan, wish.task_id)
    entries = Entry.objects.filter(shown, leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id)
    found = entries.annotate(rank=Window(Count("pk", filter=Q(ranked=True)), order_by=by_rank))
    if wish.who:
        # Ranks count those too who are not sought: the "or" has the database look at names after it has ranked.
        found = found.filter(Q(rank__lt=0) | Q(owner__folded_name__contains=wish.who))
    return found.order_by(*_first(plan, wish), *by_rank).values_list("pk", "rank", *more)


def _first(plan: BoardPlan, wish: OrderWish) -> list[OrderBy]:
    by = wish.sorted_by
    if isinstance(by, ByValue):
        place = key_places(plan)[by.name]
        turned = wish.descending is not (place.sorting is Sorting.DESCENDING)
        return [_bytes(place, 0, 1).asc(), _turned(_bytes(place, 1, VALUE_BYTES - 1), down=turned)]
    if isinstance(by, ByField):
        if by is PARTICIPANT:
            # By the numbers of letters, which is the same everywhere.
            collation = "C" if connection.vendor == "postgresql" else "BINARY"
            return [_turned(Collate(F(by.field), collation), down=wish.descending)]
        return [_turned(F(by.field), down=wish.descending)]
    return []


def _by_rank(plan: BoardPlan, task_id: int | None) -> Sequence[OrderBy]:
    if task_id is None:
        return [F("rank_key").asc()]
    places = key_places(plan)
    columns = column_order(plan.columns, plan.primary_index)
    values = [_bytes(places[task_id, column.key], 0, VALUE_BYTES).asc() for column in columns]
    return [*values, F("submitted_at").asc(), F("submission_id").asc()]


def _bytes(place: KeyPlace, skipped: int, length: int) -> Substr:
    return Substr(place.field, place.start + skipped, length, output_field=BinaryField())


def _turned(expression: F | Func, *, down: bool) -> OrderBy:
    return expression.desc() if down else expression.asc()
