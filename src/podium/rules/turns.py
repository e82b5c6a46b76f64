"""Whose turn it is: which waiting job of a queue is taken next, and how many will be taken before another.

Priority comes first. Among equal priorities the person with the least running work is next, then whoever was served
longest ago, then the oldest job. So people take turns: whoever sent five hundred submissions has one of them run, then
the others have theirs, and a newcomer waits for one run to end, not for five hundred.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

IN_SHADOW, FIRST_STEP, NEXT_STEP = -10, 0, 10
"""Priorities: what was begun is brought to its end first, and what is scored in the shadow comes after all else."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Turn:
    """The first waiting job of one person in one queue. `running` counts the person's jobs that are being worked on
    there; `served_at` is when the last of them was taken, None for somebody who was never served."""

    job_id: int
    owner_id: int
    priority: int
    running: int
    served_at: datetime | None


def next_turn(turns: Iterable[Turn], *, limit: int = 0) -> Turn | None:
    """The job to take next; None where nobody may be served. A person has at most `limit` running, 0 for any number."""
    return min((turn for turn in turns if not limit or turn.running < limit), key=turn_order, default=None)


def turn_order(turn: Turn) -> tuple[int, int, datetime, int]:
    """What turns are sorted by."""
    return (-turn.priority, turn.running, turn.served_at or _NEVER, turn.job_id)


@dataclass(frozen=True)
class Line:
    """How much of one person waits at one priority in a queue, and how it stands with the person's turn."""

    owner_id: int
    waiting: int
    first_job_id: int
    running: int
    served_at: datetime | None


def jobs_ahead(own: Line, place: int, others: Iterable[Line]) -> int:
    """How many jobs of the same priority are taken before one, if nothing else arrives and runs take equally long.

    `place` counts the person's own jobs before it. In each round everybody who waits has one job taken; who has work
    running already has had as many rounds.
    """
    round_ = own.running + place
    ahead = place
    for other in others:
        before = (other.served_at or _NEVER, other.first_job_id) < (own.served_at or _NEVER, own.first_job_id)
        ahead += min(other.waiting, max(0, round_ - other.running + before))
    return ahead


def wait_estimate_s(ahead: int, slots: int, run_length_s: float) -> float:
    """How long until a job is taken that has so many ahead of it, in seconds, where runs take `run_length_s` and all
    slots are busy: a slot is free after each `run_length_s / slots`."""
    if slots < 1:
        raise ValueError("without a slot there is no estimate")
    return (ahead + 1) * run_length_s / slots
