"""The front: one ASGI application of asynchronous routes before, and Django's WSGI application behind, one bridge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from podium.rules.errors import UserError
from podium.server.front.bridge import Admit, WsgiBridge
from podium.server.front.envelope import Envelope
from podium.server.front.later import Later, Wait
from podium.server.front.limits import BridgeLimits
from podium.server.front.pool import ServicePool
from podium.server.front.refusal import explain, explain_status

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

Background = Callable[[Starlette], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class FrontSettings:
    """How the front serves."""

    spool_folder: Path
    """Where uploads and what slow readers leave waiting lie; it must exist."""
    wsgi_threads: int = 4
    limits: BridgeLimits = field(default_factory=BridgeLimits)
    closing_s: float = 2.0
    """How long the end of the process waits for views and services that still work."""


def create_application(
    *,
    wsgi: WSGIApplication,
    async_routes: Sequence[BaseRoute],
    settings: FrontSettings,
    services: ServicePool,
    admit: Admit | None = None,
    background: Sequence[Background] = (),
    wait: Wait | None = None,
) -> Starlette:
    """The application that answers `async_routes` and `/health` itself and asks `wsgi` about everything else.

    Asynchronous routes find in `request.app.state`: `services`, the pool to call services through, and `stopping`, an
    `asyncio.Event` that is set as soon as the process is asked to end; whoever waits for something else waits for it
    too, and answers. `admit` is the bridge's. Each of `background` is entered when the application starts and left
    when it ends. Answers that are for later wait by `wait`; without it they are sent as they are.
    """
    bridge = WsgiBridge(
        wsgi,
        threads=settings.wsgi_threads,
        limits=settings.limits,
        spool_folder=settings.spool_folder,
        admit=admit,
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for each in background:
                await stack.enter_async_context(each(app))
            try:
                yield
            finally:
                app.state.stopping.set()
        await asyncio.gather(*(asyncio.to_thread(pool.close, settings.closing_s) for pool in (bridge, services)))

    app = Starlette(
        routes=[Route("/health", _health), *async_routes],
        middleware=[Middleware(Envelope)],
        exception_handlers={UserError: _explain_user_error, HTTPException: _explain_http_exception},
        lifespan=lifespan,
    )
    # What has no asynchronous route is Django's, addresses with or without a final slash among it.
    app.router.default = bridge if wait is None else Later(bridge, wait)
    app.router.redirect_slashes = False
    app.state.services = services
    app.state.stopping = asyncio.Event()
    return app


async def _health(request: Request) -> Response:
    """200 while the process serves, 503 from when it was asked to end: a balancer sends it nothing more."""
    stopping = request.app.state.stopping.is_set()
    return JSONResponse({"status": "stopping" if stopping else "ok"}, 503 if stopping else 200)


async def _explain_user_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, UserError):
        raise error
    return explain(request.scope, error)


async def _explain_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    response = explain_status(request.scope, error.status_code, error.detail)
    response.headers.update(error.headers or {})
    return response
