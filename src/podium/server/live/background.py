"""What runs beside the asynchronous routes in each web process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette

from podium.server.history.wakeups import Wakeups
from podium.server.live.lease_watch import LeaseWatch


@asynccontextmanager
async def wakeups(application: Starlette) -> AsyncIterator[None]:
    """Let routes wait for commits by `request.app.state.wakeups`."""
    with Wakeups() as listening:
        application.state.wakeups = listening
        yield


@asynccontextmanager
async def lease_watch(application: Starlette) -> AsyncIterator[None]:
    """Let routes learn of the end of leases by `request.app.state.lease_watch`."""
    watch = LeaseWatch(application.state.wakeups, application.state.services)
    application.state.lease_watch = watch
    watching = asyncio.create_task(watch.watch())
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
