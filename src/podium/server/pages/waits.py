"""What a submission waits for, as its page says it."""

from __future__ import annotations

from datetime import datetime

from django.utils.html import format_html

from podium.rules.runs import RunState
from podium.rules.waits import Waiting
from podium.server.pages import wording
from podium.server.pages.parts import Text
from podium.server.submissions.queries.detail import SubmissionDetail
from podium.server.submissions.queries.waiting import WaitDetail, waits_for_start

_NEEDS_SOMEBODY = frozenset({Waiting.START, Waiting.WORKERS})


def wait_of_all(found: SubmissionDetail) -> WaitDetail | None:
    """What a submission waits for that has not ended: with several tasks, what is being worked on comes first."""
    if found.ended:
        return None
    runs = [run for part in found.parts for run in part.runs if run.wait is not None]
    runs.sort(key=lambda run: run.state != RunState.LEASED)
    return runs[0].wait if runs else waits_for_start(found.created_at)


def wait_sentence(wait: WaitDetail, now: datetime) -> Text:
    """What is waited for, since when, and for how long still where that can be told."""
    message = wait.message.rstrip(".")
    if wait.estimate_s is not None and wait.ahead:
        soon = wording.duration(wait.estimate_s)
        return format_html("{}, about {} at the pace of late · for {}", message, soon, wording.since(wait.since, now))
    return format_html("{} · for {}", message, wording.since(wait.since, now))


def wait_note(wait: WaitDetail | None) -> str:
    """What to know or do where the wait does not end by itself; empty where it does."""
    return wait.hint if wait is not None and wait.waiting in _NEEDS_SOMEBODY else ""
