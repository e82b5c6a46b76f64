"""Boards as they were at some moment, as far as somebody may see them today."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from podium.rules.access import Action
from podium.rules.board.marks import Mark
from podium.rules.board.replay import PhaseThen
from podium.rules.errors import NotFound
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import Standing, standing_of
from podium.server.leaderboards.entry_rows import EntryRow, entry_row
from podium.server.leaderboards.models import Column, EntryMark, Leaderboard
from podium.server.leaderboards.queries import Board, BoardPage, BoardPlan, BoardSight, column_groups
from podium.server.leaderboards.queries.arranged import PlacedEntry
from podium.server.leaderboards.queries.board import shown_rows
from podium.server.leaderboards.queries.contract import board_json
from podium.server.leaderboards.queries.contract_rows import as_contract
from podium.server.leaderboards.queries.plan import leaderboard_not_found
from podium.server.leaderboards.queries.sight import check_shown, sight_of
from podium.server.past.moments import place_at
from podium.server.past.order import Ordered, candidate_then, ordered
from podium.server.past.plans import plan_then, text_of
from podium.server.past.states import state_at

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
    withheld: int


@dataclass(frozen=True)
class PastSight:
    """A board as it was, for one person: what it was made of and how its entries were ordered."""

    seq: int
    sight: BoardSight
    state: PhaseThen
    order: Ordered
    hidden_today: frozenset[int]

    @property
    def plan(self) -> BoardPlan:
        """What the board was made of."""
        return self.sight.plan


def require_boards(person: Person | None, phase_id: int, *, secret_key: UUID | None = None) -> Standing:
    """A person's standing towards the boards of a phase, which they may see.

    Raises:
        NotFound: there is no such phase for this person.
    """
    competition_id = Phase.objects.filter(pk=phase_id).values_list("competition_id", flat=True).first()
    if competition_id is None:
        raise NotFound("phase-not-found", "There is no such phase.", "It may have been deleted. Check the address.")
    standing = standing_of(person, competition_id, secret_key=secret_key)
    standing.require(Action.SEE_BOARD)
    return standing


def past_sight(
    person: Person | None, phase_id: int, leaderboard_id: int | None, at: datetime, *, secret_key: UUID | None = None
) -> PastSight:
    """A board of a phase, the first where none is named, as it was at a moment. What a person sees of it is what they
    may see today, less what was hidden then.

    Raises:
        NotFound: there is no such phase or board for this person, or it was not there yet.
        NotAllowed: the organizer keeps the board hidden, or did so then.
    """
    standing = require_boards(person, phase_id, secret_key=secret_key)
    competition_id = standing.competition_id
    today = _board_today(competition_id, leaderboard_id)
    check_shown(person, standing, hidden=today.hidden)
    seq = place_at(competition_id, at)
    state = state_at(competition_id, phase_id, seq)
    if today.pk not in state.boards or phase_id not in state.phases:
        raise NotFound("board-not-yet", "This leaderboard was not there yet at that moment.", "Choose a later moment.")
    plan = plan_then(competition_id, state, today.pk)
    check_shown(person, standing, hidden=plan.hidden)
    sight = _without_hidden(sight_of(plan, standing), standing, today.pk)
    return PastSight(seq, sight, state, ordered(plan, state), _hidden_today(standing, today.pk))


def past_board(
    person: Person | None,
    phase_id: int,
    leaderboard_id: int | None,
    at: datetime,
    *,
    limit: int,
    offset: int,
    answers_of: AnswersOf,
    secret_key: UUID | None = None,
) -> PastBoard:
    """A part of a board as it was, as pages show it; raises as `past_sight`."""
    past = past_sight(person, phase_id, leaderboard_id, at, secret_key=secret_key)
    sight, plan = past.sight, past.plan
    placed = _page(past, limit, offset)
    shown = [each for each in placed if each[0] not in past.hidden_today]
    stored = _stored(past, [pk for pk, _ in shown], answers_of)
    rows = shown_rows(sight, [replace(each, stored=stored[pk]) for pk, each in shown], person)
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
    return PastBoard(at, past.seq, board, len(placed) - len(shown))


def past_contract(
    person: Person | None,
    phase_id: int,
    at: datetime,
    *,
    answers_of: AnswersOf,
    secret_key: UUID | None = None,
    page: BoardPage | None = None,
) -> dict[str, Any]:
    """The first board of a phase as it was, in the shape of `contract_json`; `id` of a score is null, for scores are
    known by what events say. Raises as `past_sight`, and NotFound where there is no such page."""
    past = past_sight(person, phase_id, None, at, secret_key=secret_key)
    ranked = [pk for _, pk in past.order.ranked]
    placed: dict[str, int] = {}
    if page is not None:
        page.check(len(ranked))
        placed = {"count": len(ranked), "page": page.number, "page_size": page.size}
        ranked = ranked[page.offset : page.offset + page.size]
    shown = [pk for pk in ranked if pk not in past.hidden_today]
    stored = _stored(past, shown, answers_of)
    return placed | board_json(past.sight, list(as_contract(past.sight, [stored[pk] for pk in shown])))


def _board_today(competition_id: int, leaderboard_id: int | None) -> Leaderboard:
    boards = Leaderboard.objects.filter(competition_id=competition_id).order_by("index")
    found = (boards if leaderboard_id is None else boards.filter(pk=leaderboard_id)).first()
    if found is None:
        raise leaderboard_not_found()
    return found


def _without_hidden(sight: BoardSight, standing: Standing, leaderboard_id: int) -> BoardSight:
    """Without the columns that are hidden today from this person."""
    if standing.may(Action.SEE_HIDDEN_BOARD):
        return sight
    hidden = set(Column.objects.filter(leaderboard_id=leaderboard_id, hidden=True).values_list("key", flat=True))
    return replace(sight, columns=tuple(column for column in sight.columns if column.key not in hidden))


def _hidden_today(standing: Standing, leaderboard_id: int) -> frozenset[int]:
    if standing.may(Action.SEE_HIDDEN_BOARD):
        return frozenset()
    marks = EntryMark.objects.filter(leaderboard_id=leaderboard_id, kind=Mark.HIDDEN)
    return frozenset(marks.values_list("submission_id", flat=True))


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
