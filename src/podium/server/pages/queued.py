"""Queues and what waits in them, as pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from podium.server import clock
from podium.server.pages import wording
from podium.server.pages.parts import Text
from podium.server.submissions.queries.queued import InternalFailure, QueuedRun, QueueState


@dataclass(frozen=True)
class RunLine:
    """A line of a table of runs; `url` is empty for somebody else's."""

    url: str
    name: str
    competition: str
    owner: str
    state: str
    since: Text


@dataclass(frozen=True)
class QueueItem:
    """A queue with its numbers in words."""

    title: str
    settings_url: str
    workers: str
    load: str
    waits: str
    runs: tuple[RunLine, ...]
    more: str


@dataclass(frozen=True)
class FailureLine:
    """A submission that failed by the site's fault."""

    url: str
    name: str
    competition: str
    owner: str
    reason: str
    ended: Text


def queue_items(states: Iterable[QueueState]) -> list[QueueItem]:
    """Queues for the page."""
    return [_item(state) for state in states]


def run_lines(runs: Iterable[QueuedRun]) -> tuple[RunLine, ...]:
    """Lines of a table of runs."""
    return tuple(_line(run) for run in runs)


def failure_lines(rows: Iterable[InternalFailure]) -> list[FailureLine]:
    """Lines of the table of internal failures."""
    return [
        FailureLine(
            reverse("submission", args=[row.submission_id]),
            f"Submission {row.submission_id}",
            row.competition,
            row.owner,
            row.reason,
            wording.ago(row.ended_at) if row.ended_at else "",
        )
        for row in rows
    ]


def _item(state: QueueState) -> QueueItem:
    crew = state.crew
    if crew.slots:
        workers = f"{wording.counted(crew.slots, 'slot')} of workers that are alive"
    elif crew.without_network:
        workers = "no worker that is alive can give programs a network"
    elif crew.last_heard_at is None:
        workers = "no worker was ever heard of"
    else:
        workers = f"no worker has been heard of since {wording.moment_text(crew.last_heard_at)}"
    waits = ""
    if state.median_wait_s is not None and state.longest_wait_s is not None:
        half, longest = wording.duration(state.median_wait_s), wording.duration(state.longest_wait_s)
        waits = f"half of them for {half} or less, the longest for {longest}"
    unshown = state.waiting + state.running - len(state.runs)
    return QueueItem(
        title=state.name if state.queue_id is not None else "Workers of the site",
        settings_url=reverse("queue", args=[state.queue_id]) if state.queue_id is not None else "",
        workers=workers,
        load=f"{state.waiting:,} waiting, {state.running:,} running",
        waits=waits,
        runs=run_lines(state.runs),
        more=f"and {wording.counted(unshown, 'more run')}" if unshown > 0 else "",
    )


def _line(run: QueuedRun) -> RunLine:
    known = run.submission_id is not None
    state = f"{run.step} runs on {run.worker}" if run.running else f"waits for {run.step}"
    return RunLine(
        url=reverse("submission", args=[run.submission_id]) if known else "",
        name=f"Submission {run.submission_id}" if known else "Somebody else's",
        competition=run.competition,
        owner=run.owner,
        state=state,
        since=wording.since(run.since, clock.now()),
    )
