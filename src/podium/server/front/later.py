"""Answers that wait for a job: the view asked for it and names it, and no thread waits until it has ended.

A view answers as things stand, with the header `Podium-Later: JOB SECONDS [ADDRESS]`. The front waits for the job's
end, so long at most, and then sends what GET of the address answers to the same client, or else the view's own answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"podium-later"
_PATHS = ("/public/", "/api/leaderboard/")
_ABOUT_BODY = frozenset({b"content-length", b"content-type", b"content-encoding", b"transfer-encoding", b"expect"})
Wait = Callable[[Any, int, float], Awaitable[None]]
"""Waits for the end of a job of this number, so many seconds at most; the first argument is the application's state."""


class Later:
    """`app`, whose answers may wait as long as `wait` does. Only those to a POST below some addresses are looked at."""

    def __init__(self, app: ASGIApp, wait: Wait) -> None:
        self._app = app
        self._wait = wait

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(_PATHS):
            await self._app(scope, receive, send)
            return
        held = _Held(send)
        await self._app(scope, receive, held.send)
        if held.later is None:
            return
        job, seconds, *address = held.later.split(" ", 2)
        if not await self._waited(scope, receive, int(job), float(seconds)):
            return
        if address:
            await self._app(_get(scope, address[0]), receive, send)
        else:
            await held.release()

    async def _waited(self, scope: Scope, receive: Receive, job: int, seconds: float) -> bool:
        """Whether the client is still there afterwards."""
        waiting = asyncio.ensure_future(self._wait(scope["app"].state, job, seconds))
        gone = asyncio.ensure_future(_departure(receive))
        try:
            await asyncio.wait([waiting, gone], return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                waiting.result()
            return not gone.done()
        finally:
            for task in (waiting, gone):
                task.cancel()
            await asyncio.wait([waiting, gone])


class _Held:
    """Sends an answer on, or keeps it where it is one for later."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._kept: list[Message] = []
        self.later: str | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            told = [value for name, value in message["headers"] if name == HEADER]
            if told:
                self.later = told[0].decode("ascii")
                kept = [field for field in message["headers"] if field[0] != HEADER]
                message = {**message, "headers": kept}
        if self.later is None:
            await self._send(message)
        else:
            self._kept.append(message)

    async def release(self) -> None:
        for message in self._kept:
            await self._send(message)


def _get(scope: Scope, address: str) -> Scope:
    path, _, query = address.partition("?")
    kept = [field for field in scope["headers"] if field[0] not in _ABOUT_BODY]
    return {
        **scope,
        "method": "GET",
        "path": path,
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "headers": kept,
    }


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
