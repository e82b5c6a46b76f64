"""The bridge from ASGI to Django's WSGI application.

The loop receives the whole body, a thread calls the view, the loop sends what it made. A thread is held only while
the view works: neither a slow upload nor a slow download keeps one.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from podium.rules.errors import UserError
from podium.server.front.body import BodyReceiver, ClientLeft, ReceivedBody, check_announcement, read_announcement
from podium.server.front.call import ResponseStart, WsgiCall
from podium.server.front.environ import Environ, Headers, build_environ
from podium.server.front.handed import FileWrapper
from podium.server.front.limits import BridgeLimits
from podium.server.front.refusal import explain, refuse
from podium.server.front.threads import Threads

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

Admit = Callable[[Scope], Awaitable[Response | None]]


class Overloaded(UserError):
    """More requests wait for a thread than are let in."""

    status = 503


class WsgiBridge:
    """Serves the WSGI application `app` as an ASGI application, in `threads` threads.

    `admit` is asked about each request that brings a body, before a byte of it is taken: a response refuses it.
    Bodies and what slow readers leave waiting lie in `spool_folder`, which must exist. A view that fails is
    logged and comes out of the call as ViewFailed; if its response had begun, the caller's only honest end is to leave
    it incomplete.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        spool_folder: Path,
        threads: int = 4,
        limits: BridgeLimits | None = None,
        admit: Admit | None = None,
    ) -> None:
        self._app = app
        self._spool_folder = spool_folder
        self._limits = limits or BridgeLimits()
        self._admit = admit
        self._threads = Threads(threads, "wsgi")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; refuse a WebSocket, which no WSGI application can speak."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        # Fields after a chunked body would join this very list; what was admitted is what the view gets.
        headers = list(scope["headers"])
        try:
            environ = build_environ(scope, headers, file_wrapper=FileWrapper)
            body = await self._take_body(scope, headers, receive, send)
        except ClientLeft:
            return
        except UserError as error:
            await refuse(explain(scope, error), scope, receive, send)
            return
        if body is not None:
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = body.file, str(body.size_bytes)
            await self._answer(environ, scope, receive, send)

    def close(self, timeout_s: float) -> bool:
        """Take no more requests; False where a view still works after `timeout_s`."""
        return self._threads.close(timeout_s)

    async def _take_body(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> ReceivedBody | None:
        if self._threads.waiting >= self._limits.max_waiting:
            raise Overloaded("overloaded", "The server has more to do than it can.", "Try again in a minute.")
        announced = read_announcement(dict(headers))
        limit_bytes = self._limits.max_body_bytes(scope)
        check_announcement(announced, limit_bytes, self._limits.disk_floor_bytes, self._spool_folder)
        if announced.expected and self._admit is not None:
            refusal = await self._admit(scope)
            if refusal is not None:
                await refuse(refusal, scope, receive, send)
                return None
        return await BodyReceiver(announced, limit_bytes, self._limits, self._spool_folder).receive(receive)

    async def _answer(self, environ: Environ, scope: Scope, receive: Receive, send: Send) -> None:
        call = WsgiCall(self._app, environ, self._limits, self._spool_folder)
        context = contextvars.copy_context()
        ticket = self._threads.submit(lambda: context.run(call.run))
        departure = asyncio.create_task(_departure(receive))
        try:
            await self._send(call, departure, scope, receive, send)
        finally:
            departure.cancel()
            call.abandon()
            if self._threads.withdraw(ticket):
                environ["wsgi.input"].close()

    async def _send(
        self, call: WsgiCall, departure: asyncio.Task[None], scope: Scope, receive: Receive, send: Send
    ) -> None:
        start = await _unless_gone(call.start, departure)
        if start is None:
            return
        if start.file is not None:
            # The file's response listens for the client's departure itself.
            departure.cancel()
            await asyncio.wait([departure])
            await start.file.send(start.status, start.headers, scope, receive, send)
            return
        departure.add_done_callback(lambda _: call.outlet.discard())
        await _send_blocks(start, call, send)


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _unless_gone(start: asyncio.Future[ResponseStart], departure: asyncio.Task[None]) -> ResponseStart | None:
    first: set[asyncio.Future[Any]] = {start, departure}
    await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
    return start.result() if start.done() else None


async def _send_blocks(start: ResponseStart, call: WsgiCall, send: Send) -> None:
    await send({"type": "http.response.start", "status": start.status, "headers": start.headers})
    more = True
    while more:
        block, more = await call.outlet.take()
        await send({"type": "http.response.body", "body": block, "more_body": more})
