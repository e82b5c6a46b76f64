"""One reader for all open pages of a process: after each commit it asks once what is new, and hands it out."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import structlog
from starlette.applications import Starlette

from podium.server.accounts.credentials import Credential
from podium.server.history.wakeups import Wakeups
from podium.server.live.answers import Services
from podium.server.live.model_boards import BoardFollower, BoardTold, tell_boards
from podium.server.modelboards.queries.following import BoardSubject
from podium.server.submissions.queries.following import Follower, Place, Subject, Told
from podium.server.submissions.queries.telling import tell

_log = structlog.get_logger(__name__)

_BREATH_S = 0.02
_LOOK_AGAIN_S = 5.0
_AFTER_FAILURE_S = 1.0
_MOST_WAITING_BYTES = 256 << 10

AnyFollower = Follower | BoardFollower
AnyTold = Told | BoardTold
AnySubject = Subject | BoardSubject


class Listener:
    """An open page's end of the hub: what it has not sent yet, bounded.

    A page that takes too little is told to read itself again, instead of everything that it missed.
    """

    def __init__(self, follower: AnyFollower) -> None:
        self.follower = follower
        self._waiting: deque[AnyTold] = deque()
        self._waiting_bytes = 0
        self._filled = asyncio.Event()

    def put(self, told: AnyTold) -> None:
        """Queue what the page is told, and note how far it has been."""
        self.follower = told.follower
        if not (told.changed or told.gone or told.messages or told.details):
            return
        self._waiting_bytes += sum(len(message.text) for message in told.messages)
        if self._waiting_bytes > _MOST_WAITING_BYTES:
            gone = told.gone or any(each.gone for each in self._waiting)
            self._waiting.clear()
            self._waiting_bytes = 0
            told = replace(told, changed=True, gone=gone, messages=(), details=())
        self._waiting.append(told)
        self._filled.set()

    async def next(self) -> AnyTold:
        """What the page is told next."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        told = self._waiting.popleft()
        self._waiting_bytes -= sum(len(message.text) for message in told.messages)
        return told


class Hub:
    """Hands out what is new to the pages that this process holds open. Used from its event loop only."""

    def __init__(self, services: Services, wakeups: Wakeups) -> None:
        self._services = services
        self._wakeups = wakeups
        self._listeners: dict[int, Listener] = {}
        self._numbers = itertools.count(1)
        self._joined = asyncio.Event()

    @property
    def listeners(self) -> int:
        """How many pages are open here."""
        return len(self._listeners)

    @asynccontextmanager
    async def listening(self, credential: Credential, subject: AnySubject, place: Place) -> AsyncIterator[Listener]:
        """Follow a subject from a place on, which may be long past."""
        number = next(self._numbers)
        listener = Listener(_follower(number, credential, subject, place))
        self._listeners[number] = listener
        self._joined.set()
        try:
            yield listener
        finally:
            del self._listeners[number]

    async def run(self) -> None:
        """Read and hand out until cancelled."""
        while True:
            committed = self._wakeups.next_commit()
            self._joined.clear()
            pause_s = _BREATH_S
            if self._listeners:
                try:
                    await self._hand_out()
                except Exception as error:  # noqa: BLE001 - a database that is away: pages wait, and hear it later
                    _log.warning("live_reading_failed", error=str(error))
                    pause_s = _AFTER_FAILURE_S
            await asyncio.sleep(pause_s)
            await self._until_news(committed)

    async def _hand_out(self) -> None:
        followers = [listener.follower for listener in self._listeners.values()]
        for told in await self._services.call(_tell_all, followers):
            listener = self._listeners.get(told.follower.id)
            # Who left meanwhile is told nothing.
            if listener is not None:
                listener.put(told)

    async def _until_news(self, committed: asyncio.Event) -> None:
        tasks = [asyncio.ensure_future(committed.wait()), asyncio.ensure_future(self._joined.wait())]
        try:
            await asyncio.wait(tasks, timeout=_LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()


def _follower(number: int, credential: Credential, subject: AnySubject, place: Place) -> AnyFollower:
    if isinstance(subject, BoardSubject):
        return BoardFollower(number, credential, subject, place)
    return Follower(number, credential, subject, place)


def _tell_all(followers: Sequence[AnyFollower]) -> list[AnyTold]:
    """What is new for pages of competitions and of model boards, which know nothing of each other."""
    boards = [each for each in followers if isinstance(each, BoardFollower)]
    others = [each for each in followers if isinstance(each, Follower)]
    return [*(tell(others) if others else ()), *(tell_boards(boards) if boards else ())]


@asynccontextmanager
async def open_hub(application: Starlette) -> AsyncIterator[None]:
    """Let routes find the hub of this process in `request.app.state.hub`; `wakeups` must have been entered before."""
    hub = Hub(application.state.services, application.state.wakeups)
    application.state.hub = hub
    running = asyncio.create_task(hub.run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
