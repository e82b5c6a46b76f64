"""What becomes of a submission: its states, the steps it needs, and the attempts of one run.

The server keeps rows; whatever may change in them is decided here. Times are arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from podium.rules.deadlines import earlier, retry_at
from podium.rules.errors import Conflict, ProgramError


class SubmissionStatus(StrEnum):
    """The states of a submission, in Codabench's words, which its clients wait for."""

    NONE = "None"
    SUBMITTING = "Submitting"
    SUBMITTED = "Submitted"
    PREPARING = "Preparing"
    RUNNING = "Running"
    SCORING = "Scoring"
    CANCELLED = "Cancelled"
    FINISHED = "Finished"
    FAILED = "Failed"


TERMINAL = frozenset({SubmissionStatus.CANCELLED, SubmissionStatus.FINISHED, SubmissionStatus.FAILED})
"""States that are never left: running a submission again makes a new submission."""

_WORKING = frozenset({SubmissionStatus.PREPARING, SubmissionStatus.RUNNING, SubmissionStatus.SCORING})
_TRANSITIONS: Mapping[SubmissionStatus, frozenset[SubmissionStatus]] = MappingProxyType(
    {
        SubmissionStatus.NONE: frozenset(SubmissionStatus) - {SubmissionStatus.FINISHED},
        SubmissionStatus.SUBMITTING: _WORKING
        | {SubmissionStatus.SUBMITTED, SubmissionStatus.CANCELLED, SubmissionStatus.FAILED},
        SubmissionStatus.SUBMITTED: _WORKING | {SubmissionStatus.CANCELLED, SubmissionStatus.FAILED},
        # A lost attempt of the prediction step puts the submission back to Submitted. A worker's report that got
        # lost on the way must not keep the end from being recorded, so every working state may end in any way.
        SubmissionStatus.PREPARING: _WORKING | {SubmissionStatus.SUBMITTED} | TERMINAL,
        SubmissionStatus.RUNNING: _WORKING | {SubmissionStatus.SUBMITTED} | TERMINAL,
        SubmissionStatus.SCORING: _WORKING | TERMINAL,
        SubmissionStatus.CANCELLED: frozenset(),
        SubmissionStatus.FINISHED: frozenset(),
        SubmissionStatus.FAILED: frozenset(),
    }
)


def may_become(old: SubmissionStatus, new: SubmissionStatus) -> bool:
    """Whether a submission in state `old` may go to `new`; staying where it is is no change and always allowed."""
    return old == new or new in _TRANSITIONS[old]


def check_transition(old: SubmissionStatus, new: SubmissionStatus) -> None:
    """Return if the submission may go from `old` to `new`.

    Raises:
        Conflict: it may not; `code` is `submission-ended` where the state is terminal.
    """
    if may_become(old, new):
        return
    if old in TERMINAL:
        raise Conflict(
            "submission-ended",
            f"The submission has ended ({old}) and stays as it is.",
            "Run it again as a new submission.",
        )
    raise Conflict("status-conflict", f"A submission that is {old} cannot become {new}.")


def parent_status(children: Sequence[SubmissionStatus]) -> SubmissionStatus:
    """The state of a submission to several tasks, from those of its children (one for each task, at least one).

    It is Finished as soon as all have ended and one has scores, also when others failed: those scores were seen, so
    the submission counts, and it stands on the board below the complete ones. Without any scores it is Failed if a
    child failed, and Cancelled if all were cancelled.
    """
    if not children:
        raise ValueError("a parent has at least one child")
    kinds = set(children)
    if kinds <= TERMINAL:
        order = (SubmissionStatus.FINISHED, SubmissionStatus.FAILED, SubmissionStatus.CANCELLED)
        return next(status for status in order if status in kinds)
    for waiting in (SubmissionStatus.NONE, SubmissionStatus.SUBMITTING, SubmissionStatus.SUBMITTED):
        if kinds == {waiting}:
            return waiting
    return SubmissionStatus.RUNNING


class Step(StrEnum):
    """One of the two programs' turns. A run is one step of one submission on one task."""

    PREDICTION = "prediction"
    SCORING = "scoring"


class Program(StrEnum):
    """Whose program it is that runs in a step: it decides who can do something about a failure."""

    SUBMISSION = "submission"
    INGESTION = "ingestion"
    SCORING = "scoring"

    @property
    def named(self) -> str:
        """The program as sentences begin: "The scoring program"."""
        return "The submission" if self is Program.SUBMISSION else f"The {self} program"


class Metadata(StrEnum):
    """What the `metadata.yaml` or `metadata` file of a submission says about running it."""

    ABSENT = "absent"
    WITHOUT_COMMAND = "without-command"
    WITH_COMMAND = "with-command"


def steps_needed(
    submission: Metadata, *, has_ingestion_program: bool, ingestion_only_during_scoring: bool = False
) -> tuple[Step, ...]:
    """The steps a submission goes through, in order.

    A prediction step is needed where something runs in it: the submission's own command, or the task's ingestion
    program. Otherwise the files of the submission are the predictions and scoring comes at once.

    Raises:
        ProgramError: `no-command`: the submission has a metadata file that names no command, and nothing else of the
            task would run it.
    """
    ingestion = has_ingestion_program and not ingestion_only_during_scoring
    if ingestion or submission is Metadata.WITH_COMMAND:
        return (Step.PREDICTION, Step.SCORING)
    if submission is Metadata.WITHOUT_COMMAND and not has_ingestion_program:
        raise ProgramError(
            "no-command",
            "The metadata file of the submission names no command, so nothing of it was run.",
            "Add a line `command: python3 your_program.py $input $output` to run a program, "
            "or leave the metadata file out to send files that are scored as they are.",
        )
    return (Step.SCORING,)


def waiting_status(step: Step) -> SubmissionStatus:
    """The state of a submission while this step waits for a worker."""
    return SubmissionStatus.SUBMITTED if step is Step.PREDICTION else SubmissionStatus.SCORING


class Outcome(StrEnum):
    """How one attempt of a run ended."""

    FINISHED = "finished"
    FAILED = "failed"
    """A program failed: exit code, no command, no or bad scores, no such runtime."""
    TIME_LIMIT = "time-limit"
    MEMORY_LIMIT = "memory-limit"
    OUTPUT_LIMIT = "output-limit"
    LOG_LIMIT = "log-limit"
    CANCELLED = "cancelled"
    LOST = "lost"
    """The worker was not heard of any more."""
    INFRASTRUCTURE = "infrastructure"
    """The worker says that it could not do its part: a download failed, its disk is full, no sandbox."""
    RETURNED = "returned"
    """The worker was told to stop and gave the run back."""


OURS = frozenset({Outcome.LOST, Outcome.INFRASTRUCTURE, Outcome.RETURNED})
"""Failures that are nobody's but the site's: tried again, and never counted against a participant."""

MAX_ATTEMPTS = 3
MAX_RETURNS = 20
"""How often a run may be given back without that counting as an attempt."""


def may_retry(attempts: int, outcome: Outcome) -> bool:
    """Whether a run of which `attempts` attempts count, the last of which ended so, is tried once more."""
    return outcome in OURS and attempts < MAX_ATTEMPTS


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    LEASED = "leased"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


RUN_ENDED = frozenset({RunState.FINISHED, RunState.FAILED, RunState.CANCELLED})


@dataclass(frozen=True)
class Run:
    """One run. `attempts` is the number of attempts begun and the fencing token of the live one, and `excused` how
    many of them do not count, because their workers gave the run back; `deadline` is when the live one is over at the
    latest; `reason` says in one sentence, for people, why the run waits again or why it ended as it did.
    """

    state: RunState = RunState.WAITING
    attempts: int = 0
    excused: int = 0
    lease_until: datetime | None = None
    deadline: datetime | None = None
    not_before: datetime | None = None
    outcome: Outcome | None = None
    reason: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing will ever change in it again."""
        return self.state in RUN_ENDED

    def may_be_claimed(self, now: datetime) -> bool:
        """Whether a worker may take it now."""
        return self.state is RunState.WAITING and (self.not_before is None or self.not_before <= now)

    def lease_is_over(self, now: datetime) -> bool:
        """Whether a worker held it and let the lease run out."""
        return self.state is RunState.LEASED and self.lease_until is not None and self.lease_until <= now


def claim(run: Run, now: datetime, until: datetime, deadline: datetime | None = None) -> Run:
    """Begin an attempt whose lease holds until `until`. Its fencing token is the new `attempts`.

    Raises:
        Conflict: `run-not-waiting`.
    """
    if not run.may_be_claimed(now):
        raise Conflict("run-not-waiting", f"The run is {run.state} and cannot be taken now.")
    attempts = run.attempts + 1
    return replace(run, state=RunState.LEASED, attempts=attempts, lease_until=until, deadline=deadline, not_before=None)


def renew(run: Run, token: int, until: datetime) -> Run:
    """Prolong the lease of the live attempt, but not beyond the attempt's deadline.

    Raises:
        Conflict: `attempt-lost`: the token is not that of the live attempt.
    """
    _check_token(run, token)
    return replace(run, lease_until=earlier(until, run.deadline))


def hurry(run: Run, token: int, deadline: datetime) -> Run:
    """Let the live attempt be over at `deadline` at the latest.

    Raises:
        Conflict: `attempt-lost`: the token is not that of the live attempt.
    """
    _check_token(run, token)
    sooner = earlier(deadline, run.deadline)
    return replace(run, deadline=sooner, lease_until=earlier(run.lease_until, sooner))


def end_attempt(run: Run, token: int, outcome: Outcome, now: datetime, reason: str = "") -> Run:
    """End the live attempt: the run waits again if it may be retried, and has ended otherwise.

    Raises:
        Conflict: `attempt-lost`: the token is not that of the live attempt; nothing may be recorded for it.
    """
    _check_token(run, token)
    told = replace(run, lease_until=None, deadline=None, outcome=outcome, reason=reason)
    if outcome is Outcome.RETURNED and run.excused < MAX_RETURNS:
        return replace(told, state=RunState.WAITING, excused=run.excused + 1)
    tried = run.attempts - run.excused
    if may_retry(tried, outcome):
        return replace(told, state=RunState.WAITING, not_before=retry_at(now, tried))
    return replace(told, state=_END_STATE.get(outcome, RunState.FAILED))


def cancel(run: Run, reason: str = "") -> Run:
    """Cancel the run, whether it waits or is being worked on; one that has ended stays as it is."""
    if run.ended:
        return run
    return replace(
        run,
        state=RunState.CANCELLED,
        lease_until=None,
        deadline=None,
        not_before=None,
        outcome=Outcome.CANCELLED,
        reason=reason,
    )


_END_STATE = {Outcome.FINISHED: RunState.FINISHED, Outcome.CANCELLED: RunState.CANCELLED}


def _check_token(run: Run, token: int) -> None:
    if run.state is not RunState.LEASED or token != run.attempts:
        raise Conflict(
            "attempt-lost",
            f"Attempt {token} of this run is no longer the live one.",
            "Stop working on it and ask for the next run.",
        )
