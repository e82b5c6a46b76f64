"""Files that a view opens and the front sends: the view decides who may have one, no thread waits while it goes out.

A view returns an ordinary `django.http.FileResponse`; Django passes its file to the environment's
`wsgi.file_wrapper`, which is the one below. The bridge knows a handed file by that type, so that no header exists that
a client could send or a view could leak.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send


class FileWrapper:
    """`wsgi.file_wrapper` of PEP 3333: an iterable over a file, which the front may take over instead."""

    def __init__(self, file: BinaryIO, block_bytes: int = 64 * 1024) -> None:
        self._file = file
        self._block_bytes = block_bytes
        if hasattr(file, "close"):
            self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        while block := self._file.read(self._block_bytes):
            yield block

    def hand_over(self, announced_bytes: int | None) -> HandedFile | None:
        """The file with a descriptor of its own, so that this iterable can be closed at once.

        None where only reading it here gives the right bytes: it is no regular file, was read from already, or the
        response announces another length than the file's.
        """
        try:
            if self._file.tell() != 0:
                return None
            descriptor = os.dup(self._file.fileno())
        except (AttributeError, OSError, ValueError):
            return None
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or announced_bytes not in {None, status.st_size}:
            os.close(descriptor)
            return None
        return HandedFile(descriptor, status)


@dataclass
class HandedFile:
    """An open file on its way to the client; whoever holds it closes it."""

    descriptor: int
    status: os.stat_result

    def close(self) -> None:
        """Close the file; further calls do nothing."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    async def send(
        self, status: int, headers: list[tuple[bytes, bytes]], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send the file under the view's status and headers.

        Answers HEAD, Range with If-Range (206, 416), and If-None-Match and If-Modified-Since (304). The entity tag is
        the view's, else one of modification time and size.
        """
        await self._response(status, headers, scope)(_without_foreign_range(scope), receive, send)

    def _response(self, status: int, headers: list[tuple[bytes, bytes]], scope: Scope) -> Response:
        # Opening the descriptor's entry gives a file position of its own and works for a file without a name.
        response = FileResponse(
            f"/proc/self/fd/{self.descriptor}",
            status_code=status,
            media_type="application/octet-stream",
            stat_result=self.status,
        )
        for name, _ in headers:
            if name != b"content-length":
                del response.headers[name.decode("latin-1")]
        response.raw_headers.extend(field for field in headers if field[0] != b"content-length")
        if status == 200 and scope["method"] in {"GET", "HEAD"} and _unchanged(scope, response.headers):
            return _not_modified(response)
        return response


def _unchanged(scope: Scope, held: Any) -> bool:
    asked = Headers(scope=scope)
    tags = asked.get("if-none-match")
    if tags is not None:
        wanted = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return "*" in wanted or held["etag"].removeprefix("W/") in wanted
    since = asked.get("if-modified-since")
    if since is None:
        return False
    try:
        return parsedate_to_datetime(held["last-modified"]) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def _not_modified(response: FileResponse) -> Response:
    bare = Response(status_code=304)
    about_body = {b"content-length", b"content-type", b"content-encoding", b"accept-ranges", b"content-disposition"}
    bare.raw_headers = [field for field in response.raw_headers if field[0] not in about_body]
    return bare


def _without_foreign_range(scope: Scope) -> Scope:
    """RFC 9110, 14.2: a range in a unit that is not known is no range; nor is one that names no bytes."""
    value = Headers(scope=scope).get("range")
    if value is None or _names_bytes(value):
        return scope
    kept = [field for field in scope["headers"] if field[0] != b"range"]
    return {**scope, "headers": kept}


def _names_bytes(value: str) -> bool:
    unit, _, ranges = value.partition("=")
    if unit.strip().lower() != "bytes":
        return False
    return all(_is_range(part.strip()) for part in ranges.split(","))


def _is_range(text: str) -> bool:
    first, dash, last = text.partition("-")
    if not dash or not (first or last) or len(text) > 40:
        return False
    if not all(number == "" or (number.isascii() and number.isdigit()) for number in (first, last)):
        return False
    return not (first and last) or int(first) <= int(last)
