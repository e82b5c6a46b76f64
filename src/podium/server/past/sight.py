"""What somebody may see of the boards of a phase as they were at some moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from uuid import UUID

import orjson

from podium.rules.access import Action
from podium.rules.board.marks import Mark
from podium.rules.board.replay import Payload, PhaseThen
from podium.rules.errors import NotFound
from podium.rules.history import EventKind
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import Standing, standing_of
from podium.server.history.models import Event
from podium.server.leaderboards.models import Column, EntryMark, Leaderboard
from podium.server.leaderboards.queries import BoardPlan, BoardSight
from podium.server.leaderboards.queries.plan import leaderboard_not_found
from podium.server.leaderboards.queries.sight import check_shown, sight_of
from podium.server.past.moments import place_at
from podium.server.past.order import Ordered, ordered
from podium.server.past.plans import board_titles, plan_then
from podium.server.past.states import state_at


@dataclass(frozen=True)
class PastName:
    """A board of that time, by the name that it had. `removed` says that it is not there any more."""

    id: int
    title: str
    hidden: bool
    removed: bool


@dataclass(frozen=True)
class Removal:
    """That a board was removed, by the event `seq`, and what it was until then."""

    seq: int
    before: Payload


@dataclass(frozen=True)
class PastPhase:
    """A phase after the event `seq` of its competition, the last one before a moment, for one person.

    `hidden_today` has the boards of today, each with whether it is hidden; `removals` the others that there ever were.
    """

    at: datetime
    person: Person | None
    standing: Standing
    seq: int
    state: PhaseThen
    hidden_today: Mapping[int, bool]
    removals: Mapping[int, Removal]

    @property
    def competition_id(self) -> int:
        """The competition."""
        return self.standing.competition_id

    @cached_property
    def boards(self) -> tuple[PastName, ...]:
        """The boards of that time that the person may see, in the order that they had."""
        by_place = sorted(self.state.boards.items(), key=lambda board: board[1]["index"])
        sees_hidden = self.standing.may(Action.SEE_HIDDEN_BOARD)
        shown = [(pk, said) for pk, said in by_place if sees_hidden or not (said["hidden"] or self.hidden_since(pk))]
        titles = board_titles(self.competition_id, [said for _, said in shown])
        return tuple(
            PastName(pk, title, said["hidden"], pk in self.removals)
            for (pk, said), title in zip(shown, titles, strict=True)
        )

    @property
    def first(self) -> int | None:
        """The board that was the first then, whoever may see it; None where there was none."""
        boards = self.state.boards
        return min(boards, key=lambda pk: boards[pk]["index"], default=None)

    def hidden_since(self, leaderboard_id: int) -> bool:
        """Whether a board is hidden today; of one that was removed, whether it was when it went."""
        if leaderboard_id in self.removals:
            return bool(self.removals[leaderboard_id].before["hidden"])
        return self.hidden_today.get(leaderboard_id, True)


@dataclass(frozen=True)
class PastSight:
    """A board as it was, for one person: what it was made of and how its entries were ordered. `withheld` are the
    submissions that are hidden today from this person."""

    phase: PastPhase
    sight: BoardSight
    order: Ordered
    withheld: Collection[int]

    @property
    def plan(self) -> BoardPlan:
        """What the board was made of."""
        return self.sight.plan

    @property
    def state(self) -> PhaseThen:
        """The phase as it was."""
        return self.phase.state


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


def past_phase(person: Person | None, phase_id: int, at: datetime, *, secret_key: UUID | None = None) -> PastPhase:
    """A phase as it was at a moment.

    Raises:
        NotFound: there is no such phase for this person.
    """
    standing = require_boards(person, phase_id, secret_key=secret_key)
    competition_id = standing.competition_id
    seq = place_at(competition_id, at)
    boards = Leaderboard.objects.filter(competition_id=competition_id).values_list("pk", "hidden")
    return PastPhase(
        at=at,
        person=person,
        standing=standing,
        seq=seq,
        state=state_at(competition_id, phase_id, seq),
        hidden_today=dict(boards),
        removals=_removals(competition_id),
    )


def past_sight(phase: PastPhase, leaderboard_id: int | None, task_id: int | None = None) -> PastSight:
    """A board of a phase as it was; where none is named, the first that the person may see. Where a task is named, the
    board as that one ranked it. What a person sees of it is what they may see today, less what was hidden then.

    Raises:
        NotFound: there is no such board for this person, or it was not there at that moment, or had no tab for such a
            task.
        NotAllowed: the organizer keeps the board hidden, or did so then, or when it was removed.
    """
    chosen = leaderboard_id
    if chosen is None:
        chosen = phase.boards[0].id if phase.boards else phase.first
    person, standing, state = phase.person, phase.standing, phase.state
    if chosen is not None and chosen not in phase.hidden_today.keys() | phase.removals.keys():
        raise leaderboard_not_found()
    if chosen is not None:
        check_shown(person, standing, hidden=phase.hidden_since(chosen))
    if chosen is None or chosen not in state.boards or state.phase_id not in state.phases:
        raise _not_there(phase, chosen)
    plan = plan_then(phase.competition_id, state, chosen)
    check_shown(person, standing, hidden=plan.hidden)
    sight = _without_hidden(sight_of(plan, standing), phase)
    if task_id is not None:
        sight = sight.of_task(task_id)
        # Those that are kept are of all tasks together.
        state.forget_keys(chosen)
    return PastSight(phase, sight, ordered(sight.plan, state), _withheld(phase, chosen))


def _removals(competition_id: int) -> Mapping[int, Removal]:
    events = Event.objects.filter(chain__kind="competition", chain__subject=competition_id)
    rows = events.filter(kind=EventKind.BOARD_REMOVED).order_by("seq").values_list("seq", "payload")
    said = ((seq, orjson.loads(payload)) for seq, payload in rows)
    return {payload["leaderboard"]: Removal(seq, payload["before"]) for seq, payload in said}


def _not_there(phase: PastPhase, leaderboard_id: int | None) -> NotFound:
    removal = phase.removals.get(leaderboard_id or 0)
    if removal is not None and removal.seq <= phase.seq:
        message, hint = "This leaderboard had been removed before that moment.", "Choose an earlier moment."
        return NotFound("board-removed", message, hint)
    return NotFound("board-not-yet", "This leaderboard was not there yet at that moment.", "Choose a later moment.")


def _without_hidden(sight: BoardSight, phase: PastPhase) -> BoardSight:
    """Without the columns that are hidden today from this person, or were when the board was removed."""
    if phase.standing.may(Action.SEE_HIDDEN_BOARD):
        return sight
    pk = sight.plan.leaderboard_id
    hidden: Iterable[str] = Column.objects.filter(leaderboard_id=pk, hidden=True).values_list("key", flat=True)
    if pk in phase.removals:
        hidden = (column["key"] for column in phase.removals[pk].before["columns"] if column["hidden"])
    keys = set(hidden)
    return replace(sight, columns=tuple(column for column in sight.columns if column.key not in keys))


def _withheld(phase: PastPhase, leaderboard_id: int) -> Collection[int]:
    if phase.standing.may(Action.SEE_HIDDEN_BOARD):
        return frozenset()
    marks = EntryMark.objects.filter(leaderboard_id=leaderboard_id, kind=Mark.HIDDEN)
    removal = phase.removals.get(leaderboard_id)
    if removal is None:
        return frozenset(marks.values_list("submission_id", flat=True))
    # What is hidden on any board that is still there has no better standing on one that is not.
    anywhere = EntryMark.objects.filter(leaderboard__in=phase.hidden_today, kind=Mark.HIDDEN)
    last = state_at(phase.competition_id, phase.state.phase_id, removal.seq - 1).marks.get(leaderboard_id, {})
    then = {pk for pk, mark in last.items() if mark.mark is Mark.HIDDEN}
    return then.union(anywhere.values_list("submission_id", flat=True))
