"""What runs beside the asynchronous routes in each web process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from podium.server.history.wakeups import Wakeups


@asynccontextmanager
async def wakeups(application: Starlette) -> AsyncIterator[None]:
    """Let routes wait for commits by `request.app.state.wakeups`."""
    with Wakeups() as listening:
        application.state.wakeups = listening
        yield
