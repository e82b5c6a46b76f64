"""Whose turn it is: which waiting job of a queue is taken next, and how many will be taken before another.

People take turns, whatever they wait for: the person with the least running work is next, then whoever was served
longest ago, then the oldest job. So whoever sent five hundred submissions has one step of them run, then the others
have theirs, and a newcomer waits for one run to end, not for five hundred. Of one person's jobs, those that go on with
what was begun come before those that begin something. What is scored in the shadow comes after all else.

Those never served go first, so others who were could be passed over for as long as newcomers stream in. Whoever has had
nothing running for `PATIENCE` while work waited therefore comes before all who have waited less.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

IN_SHADOW, FIRST_STEP, NEXT_STEP = -10, 0, 10
"""Priorities. Below that of a first step they count between people, from there on only among one person's jobs."""

PATIENCE = timedelta(hours=1)
"""How long somebody may be passed over for people who were served longer ago, or never."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Turn:
    """The first waiting job of one person in one queue. `running` counts the person's jobs that are being worked on
    there; `served_at` is when the last of them was taken, None for somebody who was never served; `unserved_since` is
    since when the person has had nothing running there while this job waited."""

    job_id: int
    owner_id: int
    priority: int
    running: int
    served_at: datetime | None
    unserved_since: datetime


def in_shadow(priority: int) -> bool:
    """Whether jobs of that priority come after all else, whoever's they are."""
    return priority < FIRST_STEP


def next_turn(turns: Iterable[Turn], now: datetime, *, limit: int = 0) -> Turn | None:
    """The job to take next; None where nobody may be served. A person has at most `limit` running, 0 for any number."""
    allowed = (turn for turn in turns if not limit or turn.running < limit)
    return min(allowed, key=lambda turn: (in_shadow(turn.priority), turn.running, _order(turn, now)), default=None)


def _order(turn: Turn, now: datetime) -> tuple[bool, datetime, int]:
    """What people with equally much running are sorted by."""
    if now - turn.unserved_since >= PATIENCE:
        return (False, turn.unserved_since, turn.job_id)
    return (True, turn.served_at or _NEVER, turn.job_id)


@dataclass(frozen=True)
class Line:
    """How many jobs of one person wait in a queue, either those in the shadow or the others, and the person's turn."""

    waiting: int
    turn: Turn


def jobs_ahead(own: Line, place: int, others: Iterable[Line], now: datetime) -> int:
    """How many jobs of several lines are taken before one, if nothing else arrives and runs take equally long.

    `place` counts the person's own jobs before it. In each round everybody who waits has one job taken; who has work
    running already has had as many rounds.
    """
    round_ = own.turn.running + place
    ahead = place
    for other in others:
        before = _order(other.turn, now) < _order(own.turn, now)
        ahead += min(other.waiting, max(0, round_ - other.turn.running + before))
    return ahead


def wait_estimate_s(ahead: int, slots: int, run_length_s: float) -> float:
    """How long until a job is taken that has so many ahead of it, in seconds, where runs take `run_length_s` and all
    slots are busy: a slot is free after each `run_length_s / slots`."""
    if slots < 1:
        raise ValueError("without a slot there is no estimate")
    return (ahead + 1) * run_length_s / slots
