"""The bytes of blobs: down by a signed link, up by a signed link and its ticket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from podium.rules.errors import NotFound, TooLarge, UserError
from podium.server.files.links import check_link
from podium.server.files.services import complete_upload, store
from podium.server.live.answers import explained, services
from podium.server.submissions.services.arrivals import check_arrival, expected_bytes, file_arrived

_WRITE_BYTES = 1 << 20
_IDLE_S = 60.0


def _check(request: Request, method: str) -> None:
    path = request.scope.get("raw_path", b"").split(b"?")[0].decode("latin-1") or quote(request.url.path)
    query = request.query_params
    check_link(method, path, query.get("expires", ""), query.get("signature", ""))


async def _download(request: Request) -> Response:
    _check(request, "GET")
    sha256 = request.path_params["sha256"]
    path = store().path(sha256)
    etag = f'"{sha256}"'
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": etag})
    if not path.is_file():
        raise NotFound("no-such-file", "This file is not here any more.", "Look for it where you found the link.")
    return FileResponse(
        path,
        filename=request.path_params["name"],
        media_type="application/octet-stream",
        headers={
            "ETag": etag,
            "Cache-Control": "private, max-age=86400, immutable",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


async def _upload(request: Request) -> Response:
    _check(request, "PUT")
    ticket: UUID = request.path_params["ticket"]
    limit = await services(request).call(expected_bytes, ticket)
    announced = _announced(request)
    if announced is not None and announced > limit:
        raise _too_large(limit)
    writer = store().writer(limit)
    try:
        received = await _receive(request, writer.write)
        if announced is not None and received != announced:
            raise UserError("upload-cut", f"{received} bytes of {announced} arrived.", "Upload the file again.")
        # What is refused must not be stored before: it would lie on the disk and count for nobody.
        await services(request).call(check_arrival, ticket, writer.written)
        stored = await asyncio.to_thread(writer.commit)
    finally:
        writer.abort()
    await services(request).call(complete_upload, ticket, stored)
    await services(request).call(file_arrived, ticket)
    return Response(status_code=200)


def _announced(request: Request) -> int | None:
    value = request.headers.get("content-length")
    if value is None:
        return None
    if not value.isdecimal():
        raise UserError("length-invalid", "Content-Length is not a number.", "Leave it to your HTTP library.")
    return int(value)


async def _receive(request: Request, write: Callable[[bytes], object]) -> int:
    """Write the body out as it comes, in the pool's threads so that a slow disk holds nobody else up."""
    pending = bytearray()
    received = 0
    stream = request.stream()
    while True:
        try:
            chunk = await asyncio.wait_for(anext(stream, b""), _IDLE_S)
        except TimeoutError as error:
            raise UserError("upload-stalled", f"Nothing arrived for {_IDLE_S:g} s.", "Upload it again.") from error
        pending += chunk
        received += len(chunk)
        if len(pending) >= _WRITE_BYTES or (not chunk and pending):
            await asyncio.to_thread(write, bytes(pending))
            pending.clear()
        if not chunk:
            return received


def _too_large(limit: int) -> TooLarge:
    return TooLarge("file-too-large", f"At most {limit / 1e6:.1f} MB may be uploaded here.", "Make the file smaller.")


routes = [
    Route("/blobs/upload/{ticket:uuid}", explained(_upload), methods=["PUT"]),
    Route("/blobs/{sha256:str}/{name:str}", explained(_download), methods=["GET"]),
]
