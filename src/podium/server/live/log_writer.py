"""Writes the logs that come over this process's sockets: all of them together, a few times a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import structlog
from starlette.applications import Starlette

from podium.server.live.answers import Services
from podium.server.submissions.services.live import LiveSource, LogText, append_logs

_log = structlog.get_logger(__name__)

_EVERY_S = 0.1
_AFTER_FAILURE_S = 1.0
_MOST_WAITING_CHARACTERS = 4 << 20


class LogWriter:
    """Takes pieces of logs and commits them, the first at once and more at most every tenth of a second: that much is
    lost where the process is killed. Used from one event loop only."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._waiting: list[LogText] = []
        self._characters = 0
        self._changed = asyncio.Condition()
        self._watched: dict[asyncio.Event, int] = {}

    @contextmanager
    def watching(self, source: LiveSource) -> Iterator[asyncio.Event]:
        """An event that is set when the attempt of a source turns out to be over."""
        over = asyncio.Event()
        self._watched[over] = source.attempt_id
        try:
            yield over
        finally:
            del self._watched[over]

    async def put(self, text: LogText) -> None:
        """Queue a piece, and wait while too much waits to be written."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._characters < _MOST_WAITING_CHARACTERS)
            self._waiting.append(text)
            self._characters += len(text.text)
            self._changed.notify_all()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._waiting)
            pause_s = _EVERY_S if await self.flush() else _AFTER_FAILURE_S
            await asyncio.sleep(pause_s)

    async def flush(self) -> bool:
        """Write what waits now. False where that failed: it waits on."""
        taken = list(self._waiting)
        try:
            over = await self._services.call(append_logs, taken)
        except Exception as error:  # noqa: BLE001 - a database that is busy or away: what came is kept and tried again
            _log.warning("live_logs_not_written", error=str(error))
            return False
        for event, attempt_id in self._watched.items():
            if attempt_id in over:
                event.set()
        async with self._changed:
            del self._waiting[: len(taken)]
            self._characters -= sum(len(each.text) for each in taken)
            self._changed.notify_all()
        return True


@asynccontextmanager
async def open_log_writer(application: Starlette) -> AsyncIterator[None]:
    """Let sockets find the writer of this process in `app.state.log_writer`."""
    writer = LogWriter(application.state.services)
    application.state.log_writer = writer
    running = asyncio.create_task(writer.run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await writer.flush()
