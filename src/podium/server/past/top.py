"""How those who lead a board now came there: the ranks that they had before, out of the events of its competition."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podium.rules.board.marks import Mark
from podium.rules.board.replay import PhaseThen
from podium.rules.history import EventKind
from podium.server.history.queries import head_of
from podium.server.leaderboards.models import EntryMark
from podium.server.leaderboards.queries import BoardPlan
from podium.server.leaderboards.queries.ranked import RankedEntries
from podium.server.past.moments import timed_events
from podium.server.past.order import ordered
from podium.server.past.plans import plan_then
from podium.server.past.states import state_at

LEADERS = 10
MOST_MOMENTS = 200
MOST_EVENTS = 50_000
"""How far back it is looked: so many events of the competition."""
# What is put in order at most, rows times moments; a row that is made of ranks costs a hundred times as much.
_ROWS = 1_000_000
_ROWS_OVER_RANKS = 20_000
_FEWEST_MOMENTS = 10
_SEARCHED = 1000
_NO_MOVE = frozenset({EventKind.SUBMISSION_RECEIVED, EventKind.TASK_ADDED, EventKind.COMPETITION_IMPORTED})

TimedEvent = tuple[int, datetime, str, dict[str, Any]]


@dataclass(frozen=True)
class Leader:
    """A person by opaque id, and what the board calls them."""

    user: str
    name: str


@dataclass(frozen=True)
class Standing:
    """The ranks that leaders had from a moment on, by opaque id; who stood on no rank is missing."""

    at: datetime
    ranks: Mapping[str, int]


@dataclass(frozen=True)
class TopOverTime:
    """Those who lead now, the best first, and all their ranks in the order of time. `sampled` says that only some of
    the moments were looked at, `shortened` that older ones were not."""

    leaders: tuple[Leader, ...]
    standings: tuple[Standing, ...]
    sampled: bool
    shortened: bool


def top_over_time(plan: BoardPlan) -> TopOverTime | None:
    """The ranks of the ten people whose best entries lead a board now. What was hidden at a moment, or is today, is not
    told. None where the board is hidden, has fewer than two people, or is too long to be put in order again and again.
    """
    leaders = _leaders(plan)
    total = RankedEntries(plan.leaderboard_id, plan.phase_id).total()
    most = min(MOST_MOMENTS, (_ROWS_OVER_RANKS if plan.over_ranks else _ROWS) // max(1, total))
    if plan.hidden or len(leaders) < 2 or most < _FEWEST_MOMENTS:
        return None
    head = head_of(plan.competition_id)
    since = max(0, head - MOST_EVENTS)
    state = state_at(plan.competition_id, plan.phase_id, since)
    events = list(timed_events(plan.competition_id, since, head))
    moving = _last_of_each_second(plan, events)
    stops = set(_spread(moving, most))
    own = _sent_by({leader.user for leader in leaders}, state, events) - _hidden_today(plan)
    standings = []
    for seq, at, kind, payload in events:
        state.apply(kind, payload)
        if seq in stops and (ranks := _ranks(plan, state, own)) is not None:
            standings.append(Standing(at, ranks))
    return TopOverTime(leaders, tuple(standings), sampled=len(moving) > most, shortened=since > 0)


def _leaders(plan: BoardPlan) -> tuple[Leader, ...]:
    entries = RankedEntries(plan.leaderboard_id, plan.phase_id).in_order()
    rows = entries.values_list("owner__opaque_id", "owner__display_name", "owner__username")[:_SEARCHED]
    found: dict[str, str] = {}
    for user, display_name, username in rows:
        found.setdefault(str(user), display_name or username)
        if len(found) == LEADERS:
            break
    return tuple(Leader(user, name) for user, name in found.items())


def _hidden_today(plan: BoardPlan) -> set[int]:
    marks = EntryMark.objects.filter(leaderboard_id=plan.leaderboard_id, kind=Mark.HIDDEN)
    return set(marks.values_list("submission_id", flat=True))


def _last_of_each_second(plan: BoardPlan, events: Sequence[TimedEvent]) -> list[int]:
    """The numbers of the events after which the board may stand otherwise. What happens at once is several events, and
    between two of them somebody may stand nowhere."""
    last: dict[datetime, int] = {}
    for seq, at, kind, payload in events:
        here = payload.get("phase", plan.phase_id) == plan.phase_id
        if kind not in _NO_MOVE and here and payload.get("leaderboard", plan.leaderboard_id) == plan.leaderboard_id:
            last[at.replace(microsecond=0)] = seq
    return list(last.values())


def _spread(seqs: Sequence[int], most: int) -> list[int]:
    """At most so many of them, evenly, the last one among them."""
    if len(seqs) <= most:
        return list(seqs)
    return [seqs[(place + 1) * len(seqs) // most - 1] for place in range(most)]


def _sent_by(users: Collection[str], state: PhaseThen, events: Sequence[TimedEvent]) -> set[int]:
    """All that these people ever sent to the phase."""
    before = {pk for pk, sent in state.sent.items() if sent.user in users}
    since = {
        payload["submission"]
        for _, _, kind, payload in events
        if kind == EventKind.SUBMISSION_RECEIVED and payload["user"] in users
    }
    return before | since


def _ranks(plan: BoardPlan, state: PhaseThen, own: set[int]) -> dict[str, int] | None:
    """The rank of each person's best entry among these; None where the board was not there, or hidden."""
    board = plan.leaderboard_id
    if board not in state.boards or plan.phase_id not in state.phases or state.boards[board]["hidden"]:
        return None
    ranked = ordered(plan_then(plan.competition_id, state, board), state).ranked
    entries, marks = state.entries[board], state.marks.get(board, {})
    ranks: dict[str, int] = {}
    for pk in own & entries.keys() - marks.keys():
        user = state.sent[pk].user
        rank = bisect_left(ranked, (entries[pk] or b"", pk)) + 1
        ranks[user] = min(rank, ranks.get(user, rank))
    return ranks
