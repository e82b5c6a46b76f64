"""Every address that is answered asynchronously."""

from __future__ import annotations

from starlette.routing import Route

from podium.server.live import blobs, workers

routes: list[Route] = [*workers.routes, *blobs.routes]
