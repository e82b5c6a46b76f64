"""Receiving a request's body whole, on the event loop, before anything is done with it."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from starlette.types import Receive

from podium.rules.errors import OutOfSpace, TooLarge, UserError
from podium.server.front.limits import BridgeLimits
from podium.server.front.threads import call_in_thread

_WRITE_BYTES = 256 * 1024


class UploadTooSlow(UserError):
    """The client stopped sending, or took longer than any upload may."""

    status = 408


class ClientLeft(Exception):
    """The client is gone: there is nobody to answer."""


@dataclass(frozen=True)
class AnnouncedBody:
    """What the head of a request says about its body: `length_bytes` is None where it comes in chunks without one."""

    length_bytes: int | None

    @property
    def expected(self) -> bool:
        """Whether a body follows at all."""
        return self.length_bytes is None or self.length_bytes > 0


@dataclass(frozen=True)
class ReceivedBody:
    """A whole body: `file` stands at its beginning, and whoever holds it closes it."""

    file: BinaryIO
    size_bytes: int


def read_announcement(headers: Mapping[bytes, bytes]) -> AnnouncedBody:
    """What `headers` (lower-case names) announce; UserError where the length is no number."""
    if b"transfer-encoding" in headers:
        return AnnouncedBody(None)
    text = headers.get(b"content-length", b"0")
    # Nineteen digits hold every size there is; int() of a text without end would be work for nothing.
    if not text.isdigit() or len(text) > 19:
        raise UserError("content-length-invalid", "Content-Length is not a number of bytes.", "Send the real length.")
    return AnnouncedBody(int(text))


def check_announcement(announced: AnnouncedBody, limit_bytes: int, floor_bytes: int, folder: Path) -> None:
    """Refuse what is known to be too much before a byte of it was sent: TooLarge, OutOfSpace."""
    length = announced.length_bytes or 0
    if length > limit_bytes:
        raise _too_large(limit_bytes)
    if floor_bytes and announced.expected and shutil.disk_usage(folder).free - length < floor_bytes:
        raise _out_of_space()


class BodyReceiver:
    """Receives one body into a temporary file of `folder` (in memory while it is small)."""

    def __init__(self, announced: AnnouncedBody, limit_bytes: int, limits: BridgeLimits, folder: Path) -> None:
        self._announced = announced
        self._limit_bytes = limit_bytes
        self._limits = limits
        self._file = _spool(limits.body_memory_bytes, folder) if announced.expected else BytesIO()
        self._pending = bytearray()
        self._size_bytes = 0

    async def receive(self, receive: Receive) -> ReceivedBody:
        """The whole body; nothing is left behind by a failure.

        Raises TooLarge, OutOfSpace, UploadTooSlow, UserError (another length than announced), ClientLeft.
        """
        try:
            try:
                async with asyncio.timeout(self._limits.body_total_s):
                    await self._receive_all(receive)
            except TimeoutError:
                raise UploadTooSlow(
                    "upload-too-long",
                    f"The upload took longer than {self._limits.body_total_s:g} seconds.",
                    "Send less at a time, or over a faster connection.",
                ) from None
            self._compare_length()
            await self._write()
            self._file.seek(0)
        except BaseException as error:
            self._file.close()
            if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise _out_of_space() from error
            raise
        return ReceivedBody(self._file, self._size_bytes)

    async def _receive_all(self, receive: Receive) -> None:
        more = self._announced.expected
        while more:
            try:
                async with asyncio.timeout(self._limits.body_idle_s):
                    message = await receive()
            except TimeoutError:
                raise UploadTooSlow(
                    "upload-stalled",
                    f"Nothing arrived for {self._limits.body_idle_s:g} seconds in the middle of the upload.",
                    "Send it again.",
                ) from None
            if message["type"] == "http.disconnect":
                raise ClientLeft
            piece = message.get("body", b"")
            self._size_bytes += len(piece)
            if self._size_bytes > self._limit_bytes:
                raise _too_large(self._limit_bytes)
            self._pending += piece
            if len(self._pending) >= _WRITE_BYTES:
                await self._write()
            more = message.get("more_body", False)

    async def _write(self) -> None:
        block, self._pending = bytes(self._pending), bytearray()
        if self._size_bytes <= self._limits.body_memory_bytes:
            self._file.write(block)
        else:
            # The disk may make a writer wait; the loop, which serves everybody else, must not.
            await call_in_thread(self._file.write, block)

    def _compare_length(self) -> None:
        announced = self._announced.length_bytes
        if announced is not None and announced != self._size_bytes:
            raise UserError(
                "body-length",
                f"The request announced {announced} bytes and brought {self._size_bytes}.",
                "Send it again, with its real length.",
            )


def _spool(memory_bytes: int, folder: Path) -> BinaryIO:
    return cast(BinaryIO, SpooledTemporaryFile(max_size=memory_bytes, dir=str(folder)))


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(
        "body-too-large",
        f"The request is larger than {limit_bytes} bytes, the most that is accepted here.",
        "Send less, or upload it in parts.",
    )


def _out_of_space() -> OutOfSpace:
    return OutOfSpace("disk-full", "The server has no room for this upload.", "Ask its administrator to make room.")
