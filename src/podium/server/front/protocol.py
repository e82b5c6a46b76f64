"""uvicorn's HTTP protocol with the bounds it does not have itself.

The parser takes header fields without end, a client may take any time over them or read nothing of its answer for
ever, fields that follow a chunked body join those that were checked before it, and a malformed end of a message is
noticed while the request before it is already being served.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from podium.server.front.limits import ConnectionLimits

_HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"connection: close\r\n\r\nThe head of the request is too large.\n"
)


class HeadTooLarge(httptools.HttpParserError):
    """The head of a request is longer than any may be."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection. `limits` belongs to the class, because uvicorn makes the instances: see `bounded_by`."""

    limits: ClassVar[ConnectionLimits] = ConnectionLimits()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_bytes = 0
        self._received_in_head = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    @classmethod
    def bounded_by(cls, limits: ConnectionLimits) -> type[BoundedHttpProtocol]:
        """The same protocol with other limits."""
        return type(cls.__name__, (cls,), {"limits": limits})

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_timer(self._head_timer)
        self._end_timer(self._stall_timer)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        # The parser shows a field only once it is whole: one without end is seen by counting what arrives after the
        # first piece, which may have begun with the end of another request.
        self._received_in_head += len(data)
        super().data_received(data)
        self._watch_for_next_head()
        if self._in_head and self._received_in_head > self.limits.max_head_bytes and not self.transport.is_closing():
            self._refuse(_HEAD_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0
        self._received_in_head = 0
        self._await_head()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._end_timer(self._head_timer)
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser refused; a request whose end it was is not served."""
        if self._head_bytes > self.limits.max_head_bytes:
            self._refuse(_HEAD_TOO_LARGE)
        elif self._answer_is_due():
            super().send_400_response(msg)
        self._close()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._watch_reader()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reader()

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self.limits.max_head_bytes:
            raise HeadTooLarge

    def _refuse(self, answer: bytes) -> None:
        if self._answer_is_due():
            self.transport.write(answer)
        self._close()

    def _answer_is_due(self) -> bool:
        """Whether an answer written now would not land in the middle of another."""
        cycle = self.cycle
        under_way = cycle is not None and not cycle.response_complete and cycle.response_started
        return not (self.pipeline or under_way or self.transport.is_closing())

    def _close(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def _await_head(self) -> None:
        self._end_timer(self._head_timer)
        self._head_timer = self.loop.call_later(self.limits.head_s, self.transport.close)

    def _watch_for_next_head(self) -> None:
        # Bytes between two requests that begin none (the parser skips empty lines) end uvicorn's own keep-alive timer.
        between = not self._in_head and self.cycle is not None and self.cycle.response_complete
        if between and self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self._await_head()

    def _watch_reader(self) -> None:
        self._end_timer(self._stall_timer)
        waiting = self.transport.get_write_buffer_size()
        self._stall_timer = self.loop.call_later(self.limits.stall_s, self._cut_unless_read, waiting)

    def _cut_unless_read(self, waiting_before: int) -> None:
        waiting = self.transport.get_write_buffer_size()
        if not waiting:
            return
        if waiting >= waiting_before:
            # Closing would wait for the very reader who does not read.
            self.transport.abort()
        else:
            self._watch_reader()

    @staticmethod
    def _end_timer(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()
