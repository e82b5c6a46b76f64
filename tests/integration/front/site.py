"""A web process for tests: `python -m tests.integration.front.site DESCRIPTOR SPOOL_FOLDER GRACEFUL_S`."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from tests.integration.front.serving import StartResponse, answer

from podium.server.front.application import FrontSettings, create_application
from podium.server.front.limits import MEBIBYTE, BridgeLimits
from podium.server.front.pool import ServicePool
from podium.server.front.serve import ServeSettings, serve


def view(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
    match environ["PATH_INFO"]:
        case "/endless":
            start("200 OK", [])
            return _endless()
        case "/hangs":
            threading.Event().wait()
        case "/large":
            start("200 OK", [])
            return (b"l" * 65_536 for _ in range(int(environ["QUERY_STRING"]) // 65_536))
        case "/upload":
            size = 0
            while piece := environ["wsgi.input"].read(65_536):
                size += len(piece)
            return answer(start, str(size).encode())
    return answer(start, str(os.getpid()).encode())


def _endless() -> Iterator[bytes]:
    while True:
        yield b"e" * 65_536


async def wait(request: Request) -> Response:
    await request.app.state.stopping.wait()
    return Response(status_code=204)


async def deaf(request: Request) -> Response:
    async def ticks() -> AsyncIterator[bytes]:
        yield b"data: begun\n\n"
        await asyncio.Event().wait()

    return StreamingResponse(ticks(), media_type="text/event-stream")


def main() -> None:
    descriptor, folder, graceful_s = sys.argv[1:]
    app = create_application(
        wsgi=view,
        async_routes=[Route("/live/wait", wait), Route("/live/deaf", deaf)],
        settings=FrontSettings(
            spool_folder=Path(folder), closing_s=0.2, limits=BridgeLimits(max_body_bytes=lambda _: 1024 * MEBIBYTE)
        ),
        services=ServicePool(after_each=lambda: None),
    )
    serve(app, socket.socket(fileno=int(descriptor)), ServeSettings(graceful_shutdown_s=int(graceful_s)))
    sys.stdout.write("ended in order\n")


if __name__ == "__main__":
    main()
