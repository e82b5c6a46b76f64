"""Waiting for the end of one of the site's own jobs."""

from __future__ import annotations

import asyncio
from typing import Any

from podium.server.history.wakeups import Wakeups
from podium.server.jobs.internal.queries import job_ended
from podium.server.live.waiting import first_of

_LOOK_AGAIN_S = 2.0


async def until_job_ended(state: Any, job: int, wait_s: float) -> None:
    """Wait until a job has ended, or is gone, or the site is asked to end, so many seconds at most. The database is
    looked at after a commit, and every few seconds. `state` is that of the front's application."""
    wakeups: Wakeups = state.wakeups
    stopping: asyncio.Event = state.stopping
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    while not stopping.is_set():
        committed = wakeups.next_commit()
        if await state.services.call(job_ended, job):
            return
        left = deadline - loop.time()
        if left <= 0:
            return
        await first_of(committed, stopping, min(left, _LOOK_AGAIN_S))
