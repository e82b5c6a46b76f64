"""A front on a free port around small WSGI applications, and what its tests say to it."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from podium.server.front.application import FrontSettings, create_application
from podium.server.front.bridge import Admit
from podium.server.front.limits import BridgeLimits, ConnectionLimits
from podium.server.front.listening import listen
from podium.server.front.pool import ServicePool
from podium.server.front.serve import ServeSettings, create_server

CEILING_S = 30.0

StartResponse = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Return as soon as `condition` holds; fail where it does not within the ceiling."""
    deadline = time.monotonic() + CEILING_S
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        pause.wait(0.01)


def answer(start: StartResponse, body: bytes, status: str = "200 OK", *headers: tuple[str, str]) -> list[bytes]:
    start(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), *headers])
    return [body]


@dataclass
class Site:
    """A running front."""

    port: int
    spool_folder: Path
    app: Starlette

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=CEILING_S)

    def say(self, *parts: bytes) -> bytes:
        """Send `parts` on a connection of its own; everything that comes back until the front closes it."""
        with self.connect() as connection:
            for part in parts:
                connection.sendall(part)
            return read_to_end(connection)

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CEILING_S)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()


def read_to_end(connection: socket.socket) -> bytes:
    received = bytearray()
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return bytes(received)


@contextmanager
def serving(
    wsgi: Wsgi,
    spool_folder: Path,
    *,
    routes: Sequence[BaseRoute] = (),
    limits: BridgeLimits | None = None,
    connection: ConnectionLimits | None = None,
    admit: Admit | None = None,
    threads: int = 4,
    trusted_proxies: str = "",
) -> Iterator[Site]:
    """Serve `wsgi` in this process until the block ends."""
    app = create_application(
        wsgi=wsgi,
        async_routes=routes,
        settings=FrontSettings(spool_folder=spool_folder, wsgi_threads=threads, limits=limits or BridgeLimits()),
        services=ServicePool(after_each=lambda: None, threads=1),
        admit=admit,
    )
    settings = ServeSettings(
        trusted_proxies=trusted_proxies,
        graceful_shutdown_s=1,
        connection=connection or ConnectionLimits(),
    )
    server = create_server(app, settings)
    listener = listen("127.0.0.1", 0)
    site = Site(listener.getsockname()[1], spool_folder, app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive(), "the front serves")
        yield site
    finally:
        server.should_exit = True
        thread.join(CEILING_S)
        assert not thread.is_alive(), "the front did not end"
