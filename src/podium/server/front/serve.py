"""One web process: uvicorn around the front, on a listening socket that several such processes may share."""

from __future__ import annotations

import asyncio
import signal
import socket
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette

from podium.server.front.limits import ConnectionLimits
from podium.server.front.protocol import BoundedHttpProtocol


@dataclass(frozen=True)
class ServeSettings:
    """How a web process listens and ends."""

    trusted_proxies: str = ""
    """Addresses and networks, separated by commas, whose X-Forwarded-For and -Proto are believed; empty: nobody's."""
    graceful_shutdown_s: int = 5
    """How long open requests may go on after SIGTERM; what then still runs is cancelled."""
    keep_alive_s: int = 20
    max_websocket_message_bytes: int = 4 << 20
    connection: ConnectionLimits = field(default_factory=ConnectionLimits)


class FrontServer(uvicorn.Server):
    """uvicorn's server, which tells the application that it is to end before it waits for open requests."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: long-polls and streams hear it first, then what is open has its time."""
        self._stopping.set()
        await super().shutdown(sockets)


def create_server(app: Starlette, settings: ServeSettings) -> FrontServer:
    """The server for an application of `create_application`; `run(sockets=[...])` serves until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedHttpProtocol.bounded_by(settings.connection),
        ws="websockets-sansio",
        ws_max_size=settings.max_websocket_message_bytes,
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=settings.keep_alive_s,
        timeout_graceful_shutdown=settings.graceful_shutdown_s,
    )
    return FrontServer(config, app.state.stopping)


def serve(app: Starlette, listener: socket.socket, settings: ServeSettings) -> None:
    """Serve `app` on `listener` until SIGTERM or SIGINT, then return."""
    server = create_server(app, settings)

    def end(*_: object) -> None:
        server.should_exit = True

    # For a signal before uvicorn listens to them, and for the one that it sends itself when it has ended: the caller
    # still has things to put in order.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    server.run(sockets=[listener])
