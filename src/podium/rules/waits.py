"""What a submission that has not ended waits for: who acts next, by when, and what happens otherwise.

Nothing waits for ever without saying so. The table is shown in docs/explanation/submission-flow.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from podium.rules.deadlines import LEASE, PREDICTIONS_GRACE, SCORES_GRACE, UNATTENDED
from podium.rules.runs import SubmissionStatus


class Actor(StrEnum):
    """Who acts next."""

    ORGANIZER = "the organizer"
    WORKER = "a worker"
    ADMINISTRATOR = "the administrator"
    SITE = "the site"


class Waiting(StrEnum):
    """What is waited for."""

    START = "start"
    """That the organizer starts it: the competition does not run submissions by itself."""
    TURN = "turn"
    """A free slot of a worker."""
    OWN_RUNS = "own-runs"
    """That one of the person's other runs ends: there are as many as one person may have."""
    WORKERS = "workers"
    """That there is a worker at all."""
    RETRY = "retry"
    """The pause before another attempt."""
    INPUTS = "inputs"
    """That a worker fetches the programs and data of the step."""
    PROGRAM = "program"
    """The programs of the step, on a worker."""
    PREDICTIONS = "predictions"
    """The result of a prediction step that is done."""
    SCORES = "scores"
    """The scores of a scoring step that is done."""
    WORD = "word"
    """The word that a scoring step is done whose scores are here."""


@dataclass(frozen=True)
class Wait:
    """One line of the table. `within` is how long the actor has, where that is fixed; `limit` says it in words;
    `otherwise` is what happens then."""

    actor: Actor
    statuses: frozenset[SubmissionStatus]
    within: timedelta | None
    limit: str
    otherwise: str


_S = SubmissionStatus
_QUEUED = frozenset({_S.SUBMITTED, _S.SCORING})
_AT_WORK = frozenset({_S.PREPARING, _S.RUNNING, _S.SCORING})
_RETRIED = "the attempt is lost; another is made, or after the third the submission fails as the site's failure"

WAITS: Mapping[Waiting, Wait] = MappingProxyType(
    {
        Waiting.START: Wait(
            Actor.ORGANIZER,
            frozenset({_S.NONE, _S.SUBMITTING}),
            None,
            "no limit: it is the organizer's decision, and the page says so",
            "it can be cancelled",
        ),
        Waiting.TURN: Wait(
            Actor.WORKER,
            _QUEUED,
            None,
            "as long as workers of the queue are heard of: people take turns, and every run has a time limit",
            "the page shows the place in the queue; it can be cancelled",
        ),
        Waiting.OWN_RUNS: Wait(
            Actor.WORKER,
            _QUEUED,
            None,
            "until a run of the same person ends, each of which has a time limit",
            "the page says so; it can be cancelled",
        ),
        Waiting.WORKERS: Wait(
            Actor.ADMINISTRATOR,
            _QUEUED,
            UNATTENDED,
            "7 days without any worker that takes the runs of the queue",
            "the submission fails as the site's failure",
        ),
        Waiting.RETRY: Wait(
            Actor.SITE, _QUEUED, timedelta(seconds=5), "at once, the second time 5 s", "it waits for its turn"
        ),
        Waiting.INPUTS: Wait(
            Actor.WORKER, _AT_WORK, LEASE, "20 s between two signs of life, and half an hour", _RETRIED
        ),
        Waiting.PROGRAM: Wait(
            Actor.WORKER,
            _AT_WORK,
            LEASE,
            "20 s between two signs of life (a worker without heartbeats: its whole attempt); for the whole attempt, "
            "the time limit of the step and half an hour for fetching and sending",
            _RETRIED,
        ),
        Waiting.PREDICTIONS: Wait(
            Actor.WORKER, _AT_WORK, PREDICTIONS_GRACE, "30 minutes after the step was said to be done", _RETRIED
        ),
        Waiting.SCORES: Wait(Actor.WORKER, _AT_WORK, SCORES_GRACE, "60 s after the step was said to be done", _RETRIED),
        Waiting.WORD: Wait(Actor.WORKER, _AT_WORK, SCORES_GRACE, "60 s after the scores", _RETRIED),
    }
)
"""Everything that a submission can wait for. One with several tasks waits for what its children wait for."""
