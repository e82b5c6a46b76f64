"""Every address that is answered asynchronously."""

from __future__ import annotations

from starlette.routing import BaseRoute

from podium.server.live import blobs, boards, browser_sockets, model_board_pages, pages, worker_sockets, workers

routes: list[BaseRoute] = [
    *workers.routes,
    *blobs.routes,
    *pages.routes,
    *model_board_pages.routes,
    *boards.routes,
    *worker_sockets.routes,
    *browser_sockets.routes,
]
