"""Boards as they were at some moment, as far as somebody may see them today."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from podium.rules.access import Action
from podium.rules.board.marks import Mark
from podium.server.accounts.models import User
from podium.server.leaderboards.entry_rows import EntryRow, entry_row
from podium.server.leaderboards.queries import Board, BoardPage, BoardSight, column_groups
from podium.server.leaderboards.queries.arranged import PlacedEntry
from podium.server.leaderboards.queries.board import shown_rows
from podium.server.leaderboards.queries.contract import board_json
from podium.server.leaderboards.queries.contract_rows import as_contract
from podium.server.past.order import candidate_then
from podium.server.past.plans import text_of
from podium.server.past.sight import PastPhase, PastSight, past_sight

_ERASED = "(erased)"

AnswersOf = Callable[[Collection[int]], Mapping[int, Mapping[str, object] | None]]
"""Finds the answers to the fact sheet of submissions, by their ids: they lie above this room."""


@dataclass(frozen=True)
class PastBoard:
    """A board as it was after the event `seq` of its competition. `withheld` of the entries that stood on this part of
    it are hidden today."""

    at: datetime
    seq: int
    board: Board
    sight: BoardSight
    withheld: int


def past_board(
    phase: PastPhase,
    leaderboard_id: int | None,
    *,
    limit: int,
    offset: int,
    answers_of: AnswersOf,
    task_id: int | None = None,
) -> PastBoard:
    """A part of a board as it was, as pages show it, or as one task alone ranked it; raises as `past_sight`."""
    past = past_sight(phase, leaderboard_id, task_id)
    sight, plan = past.sight, past.plan
    placed = _page(past, limit, offset)
    shown = [each for each in placed if each[0] not in past.withheld]
    stored = _stored(past, [pk for pk, _ in shown], answers_of)
    rows = shown_rows(sight, [replace(each, stored=stored[pk]) for pk, each in shown], phase.person)
    board = Board(
        leaderboard_id=plan.leaderboard_id,
        competition_id=plan.competition_id,
        phase_id=plan.phase_id,
        phase_name=plan.phase_name,
        title=plan.title,
        rule=plan.rule.value,
        hidden=plan.hidden,
        groups=column_groups(sight),
        questions=tuple(question.title for question in sight.questions),
        question_keys=tuple(question.key for question in sight.questions),
        rows=rows,
        total=len(past.order.ranked),
        offset=offset,
        limit=limit,
        stale_since=None,
        sight=sight,
    )
    return PastBoard(phase.at, phase.seq, board, sight, len(placed) - len(shown))


def past_contract(phase: PastPhase, *, answers_of: AnswersOf, page: BoardPage | None = None) -> dict[str, Any]:
    """The board of a phase that was the first, as it was, in the shape of `contract_json`; `id` of a score is null, for
    scores are known by what events say. Raises as `past_sight`, and NotFound where there is no such page."""
    past = past_sight(phase, phase.first)
    ranked = [pk for _, pk in past.order.ranked]
    placed: dict[str, int] = {}
    if page is not None:
        page.check(len(ranked))
        placed = {"count": len(ranked), "page": page.number, "page_size": page.size}
        ranked = ranked[page.offset : page.offset + page.size]
    shown = [pk for pk in ranked if pk not in past.withheld]
    stored = _stored(past, shown, answers_of)
    return placed | board_json(past.sight, list(as_contract(past.sight, [stored[pk] for pk in shown])))


def _page(past: PastSight, limit: int, offset: int) -> list[tuple[int, PlacedEntry]]:
    """The submissions of a part of the board in their order: ranked ones, and the marked ones between them."""
    part = past.order.ranked[offset : offset + limit + 1]
    rows = [(key, pk, PlacedEntry(0, rank)) for rank, (key, pk) in enumerate(part[:limit], start=offset + 1)]
    if rows or not offset:
        first = rows[0][0] if offset else b""
        behind = part[limit][0] if len(part) > limit else None
        marked = [
            (key, pk, placed)
            for key, pk in past.order.marked
            if key >= first and (behind is None or key < behind) and (placed := _marked(past, pk)) is not None
        ]
        rows = sorted([*rows, *marked], key=lambda row: row[0])
    return [(pk, placed) for _, pk, placed in rows]


def _marked(past: PastSight, submission_id: int) -> PlacedEntry | None:
    sees_hidden = past.sight.standing.may(Action.SEE_HIDDEN_BOARD)
    mark = past.state.marks[past.plan.leaderboard_id][submission_id]
    if mark.mark is Mark.HIDDEN and not sees_hidden:
        return None
    told = sees_hidden and mark.reason is not None
    return PlacedEntry(0, None, mark.mark, text_of(past.plan.competition_id, mark.reason or "") if told else "")


def _stored(past: PastSight, ids: Sequence[int], answers_of: AnswersOf) -> dict[int, dict[str, Any]]:
    """The rows of these submissions, as entries are stored."""
    opaque = {past.state.sent[pk].user for pk in ids}
    fields = ("opaque_id", "pk", "username", "display_name")
    people = {str(row[0]): row[1:] for row in User.objects.filter(opaque_id__in=opaque).values_list(*fields)}
    answers = answers_of(ids)
    return {pk: _row(past, pk, people.get(past.state.sent[pk].user), answers.get(pk)) for pk in ids}


def _row(
    past: PastSight, pk: int, owner: tuple[int, str, str] | None, answers: Mapping[str, object] | None
) -> dict[str, Any]:
    row: EntryRow = (
        past.order.rows[pk]
        if past.order.rows is not None
        else entry_row(past.plan, candidate_then(past.plan, past.state, pk))
    )
    owner_id, username, display_name = owner or (0, _ERASED, "")
    return {
        "submission_id": pk,
        "owner_id": owner_id,
        "owner__username": username,
        "owner__display_name": display_name,
        "submitted_at": past.state.sent[pk].submitted_at,
        "rank_key": row.rank_key,
        "values": row.values,
        "reasons": row.reasons,
        "cells": row.cells,
        "fact_sheet_answers": None if answers is None else dict(answers),
    }
