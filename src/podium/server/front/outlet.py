"""The way of a response's bytes from the thread that makes them to the event loop that sends them.

The thread is held back a little by a reader slower than itself, so that a fast reader of a large response costs no
disk. Past that patience the rest goes to a temporary file: no reader, however slow, keeps a thread.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import deque
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from podium.rules.errors import InternalError
from podium.server.front.limits import BridgeLimits
from podium.server.front.threads import call_in_thread


class ReaderGone(ConnectionError):
    """Nobody wants the rest of the response: the client left."""


class Outlet:
    """One response's blocks, in order. `put`, `finish` and `fail` belong to the thread; `take` and `discard` to the
    loop. Both sides end with their last call, and whichever ends second closes the temporary file."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: BridgeLimits, spool_folder: Path) -> None:
        self._loop = loop
        self._limits = limits
        self._spool_folder = spool_folder
        self._changed = threading.Condition()
        self._news = asyncio.Event()
        self._window: deque[bytes] = deque()
        self._window_bytes = 0
        self._patience_s = limits.reader_patience_s
        self._spool: BinaryIO | None = None
        self._written_bytes = 0
        self._read_bytes = 0
        self._ended = False
        self._error: BaseException | None = None
        self._gone = False

    @property
    def gone(self) -> bool:
        """Whether the reader left."""
        return self._gone

    def put(self, block: bytes) -> None:
        """Add one block; ReaderGone where nobody reads on, InternalError past the largest response."""
        with self._changed:
            if self._spool is None:
                self._wait_for_reader(len(block))
            if self._gone:
                raise ReaderGone
            in_window = self._spool is None and self._fits(len(block))
            if in_window:
                self._window.append(block)
                self._window_bytes += len(block)
        if not in_window:
            self._write_to_spool(block)
        self._tell()

    def finish(self) -> None:
        """Nothing follows."""
        self._end(None)

    def fail(self, error: BaseException) -> None:
        """Nothing follows, because of `error`, which `take` raises after the blocks before it."""
        self._end(error)

    async def take(self) -> tuple[bytes, bool]:
        """The next block, and whether more may follow; raises what the thread failed with.

        An empty block is the end, or means that the reader left.
        """
        while True:
            self._news.clear()
            with self._changed:
                unread = self._written_bytes - self._read_bytes
                if self._window:
                    block = self._window.popleft()
                    self._window_bytes -= len(block)
                    self._changed.notify_all()
                    return block, bool(self._window or unread or not self._ended or self._error)
                if self._gone:
                    return b"", False
                if self._ended and not unread:
                    if self._error is not None:
                        raise self._error
                    return b"", False
            if unread:
                return await self._read_from_spool(min(unread, self._limits.block_bytes)), True
            await self._news.wait()

    def discard(self) -> None:
        """The loop takes nothing more: the thread is told, and what waits is dropped."""
        with self._changed:
            self._gone = True
            self._window.clear()
            self._changed.notify_all()
            if self._ended:
                self._close_spool()
        self._news.set()

    def _fits(self, size: int) -> bool:
        return not self._window or self._window_bytes + size <= self._limits.window_bytes

    def _wait_for_reader(self, size: int) -> None:
        if self._patience_s <= 0:
            return
        begun = time.monotonic()
        self._changed.wait_for(lambda: self._gone or self._fits(size), self._patience_s)
        self._patience_s -= time.monotonic() - begun

    def _write_to_spool(self, block: bytes) -> None:
        if self._spool is None:
            self._spool = TemporaryFile(buffering=0, dir=self._spool_folder)  # noqa: SIM115
        if self._written_bytes + len(block) > self._limits.max_spooled_response_bytes:
            raise InternalError(f"A response was broken off: {self._written_bytes} bytes of it lay on disk.")
        rest = memoryview(block)
        while rest:
            rest = rest[self._spool.write(rest) :]
        with self._changed:
            self._written_bytes += len(block)

    async def _read_from_spool(self, size: int) -> bytes:
        spool = self._spool
        if spool is None:
            raise InternalError("A response was read from a file that was never made.")
        block = await call_in_thread(os.pread, spool.fileno(), size, self._read_bytes)
        with self._changed:
            self._read_bytes += len(block)
        return block

    def _end(self, error: BaseException | None) -> None:
        with self._changed:
            self._ended = True
            self._error = error
            if self._gone:
                self._close_spool()
        self._tell()

    def _close_spool(self) -> None:
        if self._spool is not None:
            self._spool.close()

    def _tell(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._news.set)
        except RuntimeError:
            # The loop was closed while the thread still worked: the process ends.
            self._gone = True
