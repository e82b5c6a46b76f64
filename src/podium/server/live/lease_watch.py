"""Noticing at once that an attempt is over, for the workers that ask: one look at the database for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from podium.rules.errors import InternalError
from podium.server.history.wakeups import Wakeups
from podium.server.jobs import leases
from podium.server.jobs.leases import Lease
from podium.server.live.answers import Services
from podium.server.live.waiting import first_of

_log = structlog.get_logger(__name__)

_LOOK_AT_MOST_EVERY_S = 0.1
_LOOK_AT_LEAST_EVERY_S = 1.0


class LeaseWatch:
    """Tells whoever holds a lease that it is over, soon after the commit by which it was."""

    def __init__(self, wakeups: Wakeups, services: Services) -> None:
        self._wakeups = wakeups
        self._services = services
        self._held: dict[asyncio.Event, Lease] = {}
        self._joined = asyncio.Event()

    @contextmanager
    def until_over(self, lease: Lease) -> Iterator[asyncio.Event]:
        """An event that is set once the lease is over, in the `with` block."""
        over = asyncio.Event()
        self._held[over] = lease
        self._joined.set()
        try:
            yield over
        finally:
            del self._held[over]

    async def watch(self) -> None:
        """Look after each commit, and when somebody joins, until cancelled."""
        while True:
            committed = self._wakeups.next_commit()
            self._joined.clear()
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - the edge of the task: a database that is away comes back
                reference = InternalError(str(error)).reference
                _log.error("lease_watch_failed", reference=reference, exc_info=error)
            # A burst of commits costs one look.
            await asyncio.sleep(_LOOK_AT_MOST_EVERY_S)
            await first_of(committed, self._joined, _LOOK_AT_LEAST_EVERY_S if self._held else None)

    async def _look(self) -> None:
        held = dict(self._held)
        if not held:
            return
        alive = await self._services.call(leases.alive, set(held.values()))
        for over, lease in held.items():
            if lease not in alive:
                over.set()
