"""When a phase is open, and how many submissions it takes from one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from podium.rules.errors import UserError
from podium.rules.runs import SubmissionStatus


class PhaseStatus(StrEnum):
    """Where a phase stands in time, in Codabench's words."""

    PREVIOUS = "Previous"
    CURRENT = "Current"
    NEXT = "Next"


class Migrated(StrEnum):
    """Which successful submissions of the phase before are run again in the next: all, or those on the board."""

    ALL = "all"
    BOARD = "board"


class Window(Protocol):
    """A phase's time: [start, end), with time zones; no end means for ever."""

    @property
    def start(self) -> datetime: ...

    @property
    def end(self) -> datetime | None: ...


class Limited(Window, Protocol):
    """A phase with its limits per person; 0 and None mean unlimited."""

    @property
    def name(self) -> str: ...

    @property
    def max_submissions(self) -> int | None: ...

    @property
    def max_submissions_per_day(self) -> int | None: ...


Phase = TypeVar("Phase", bound=Window)

UNCOUNTED = frozenset({SubmissionStatus.FAILED, SubmissionStatus.CANCELLED})
"""Submissions in these states use up nothing of a quota, whoever's fault it was."""


def phase_status(phase: Window, now: datetime) -> PhaseStatus:
    """Whether the phase is over, open, or yet to come."""
    if now < phase.start:
        return PhaseStatus.NEXT
    if phase.end is not None and now >= phase.end:
        return PhaseStatus.PREVIOUS
    return PhaseStatus.CURRENT


def current_phase(phases: Sequence[Phase], now: datetime) -> Phase | None:
    """The phase that is open, or None. Should windows overlap, it is the one that opened last."""
    is_open = [phase for phase in phases if phase_status(phase, now) is PhaseStatus.CURRENT]
    return max(is_open, key=lambda phase: phase.start, default=None)


def phase_to_show(phases: Sequence[Phase], now: datetime) -> Phase | None:
    """The phase a visitor is interested in: the open one, else the next to open, else the last that was."""
    coming = [phase for phase in phases if phase_status(phase, now) is PhaseStatus.NEXT]
    return (
        current_phase(phases, now)
        or min(coming, key=lambda phase: phase.start, default=None)
        or max(phases, key=lambda phase: phase.start, default=None)
    )


def quota_day(now: datetime) -> tuple[datetime, datetime]:
    """The UTC day [start, end) whose submissions count together with one made at `now`."""
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def check_submission_allowed(phase: Limited, now: datetime, *, used_total: int, used_today: int) -> None:
    """Return if a person may submit to the phase now.

    `used_total` and `used_today` count the person's submissions to the phase (with several tasks: the parents), in
    all and in `quota_day(now)`, without those in an `UNCOUNTED` state and those that the site failed at.

    Raises:
        UserError: `phase-not-open`, `phase-closed`, `quota-total` or `quota-day`.
    """
    status = phase_status(phase, now)
    if status is PhaseStatus.NEXT:
        raise UserError(
            "phase-not-open",
            f"The phase {phase.name} is not open yet.",
            f"It opens on {_moment(phase.start)}.",
        )
    if status is PhaseStatus.PREVIOUS and phase.end is not None:
        raise UserError(
            "phase-closed",
            f"The phase {phase.name} closed on {_moment(phase.end)}.",
            "Submit to a phase that is open.",
        )
    _check_total(phase, used_total)
    _check_day(phase, now, used_today)


def submissions_left(phase: Limited, *, used_total: int, used_today: int) -> int | None:
    """How many submissions a person may still make today; None is without limit."""
    left = [
        max(limit - used, 0)
        for limit, used in ((phase.max_submissions, used_total), (phase.max_submissions_per_day, used_today))
        if limit
    ]
    return min(left, default=None)


def _check_total(phase: Limited, used_total: int) -> None:
    if phase.max_submissions and used_total >= phase.max_submissions:
        raise UserError(
            "quota-total",
            f"You have made {used_total} of {phase.max_submissions} submissions to the phase {phase.name}.",
            "No more are possible in this phase.",
        )


def _check_day(phase: Limited, now: datetime, used_today: int) -> None:
    limit = phase.max_submissions_per_day
    if not limit or used_today < limit:
        return
    tomorrow = quota_day(now)[1]
    if phase.end is not None and tomorrow >= phase.end:
        hint = f"The phase closes on {_moment(phase.end)}, before the next day begins."
    else:
        hint = f"The next one is possible from {_moment(tomorrow)}."
    raise UserError(
        "quota-day", f"You have made {used_today} of {limit} submissions to the phase {phase.name} today.", hint
    )


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d at %H:%M} UTC"
