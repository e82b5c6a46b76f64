"""What happened to a submission, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from podium.rules.runs import Outcome, RunState
from podium.server import clock
from podium.server.pages import wording
from podium.server.pages.parts import Kind, Text
from podium.server.submissions.queries.detail import SubmissionDetail
from podium.server.submissions.queries.parts import AttemptDetail, RunDetail

_STATES: dict[str, tuple[str, Kind]] = {
    RunState.WAITING: ("Waiting", "idle"),
    RunState.LEASED: ("Running", "busy"),
    RunState.FINISHED: ("Done", "good"),
    RunState.FAILED: ("Failed", "bad"),
    RunState.CANCELLED: ("Cancelled", "idle"),
}


@dataclass(frozen=True)
class Step:
    """A line of what happened; `lines` explain it further."""

    name: str
    state: str
    kind: Kind | None
    more: str
    took: Text
    lines: tuple[str, ...] = ()


def received(found: SubmissionDetail) -> Step:
    """The first step of every submission."""
    file = f"{found.data.file_name}, {wording.size(found.data.size_bytes)}" if found.data else "no file"
    origin = found.migrated_from
    more = f"taken over from the phase {origin.phase_name}, submission {origin.number}" if origin else ""
    return Step("Received", file, None, more, wording.at(found.created_at))


def step_of(run: RunDetail, *, explained: bool) -> Step:
    """A run of a program. `explained` says that the page names the reason of a failure elsewhere."""
    state, kind = _STATES[run.state]
    return Step(
        name=run.step.capitalize(),
        state=state,
        kind=kind,
        more=_more(run),
        took=_took(run),
        lines=tuple(_lines(run, explained=explained)),
    )


def _more(run: RunDetail) -> str:
    if run.state == RunState.WAITING and run.wait is not None:
        return "" if run.wait.ahead is None else ahead_of(run.wait.ahead)
    last = run.attempts[-1] if run.attempts else None
    if last is None:
        return ""
    machine = f" ({last.host})" if last.host else ""
    where = f"on {last.worker}{machine}, slot {last.slot}"
    if last.exit_code:
        return f"with exit code {last.exit_code}, {where}"
    return where


def ahead_of(count: int) -> str:
    """A place in the queue, in words."""
    return f"behind {wording.counted(count, 'other run')}" if count else "next in the queue"


def _took(run: RunDetail) -> Text:
    if run.state == RunState.LEASED and run.started_at:
        return wording.since(run.started_at, clock.now())
    if run.started_at and run.ended_at:
        return wording.duration((run.ended_at - run.started_at).total_seconds())
    return ""


def _lines(run: RunDetail, *, explained: bool) -> Iterator[str]:
    several = len(run.attempts) > 1
    for attempt in run.attempts:
        failed = attempt.outcome not in {"", Outcome.FINISHED} and attempt.reason
        if several or (failed and not explained):
            yield _attempt(attempt, named=several)
    if run.attempts:
        yield from run.attempts[-1].notes
    if run.state == RunState.WAITING and run.reason:
        yield run.reason
    if run.output_hidden:
        yield "The organizer keeps the logs and files of this step."


def _attempt(attempt: AttemptDetail, *, named: bool) -> str:
    outcome = attempt.outcome or "running"
    said = attempt.reason or f"{outcome}."
    return f"Attempt {attempt.number} on {attempt.worker}, {outcome}: {said}" if named else said
