"""One call of the WSGI application: what runs in the thread."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, cast

from podium.rules.errors import InternalError
from podium.server.front.environ import Environ
from podium.server.front.handed import FileWrapper, HandedFile
from podium.server.front.limits import BridgeLimits
from podium.server.front.outlet import Outlet, ReaderGone

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
HeaderList = list[tuple[bytes, bytes]]

_log = logging.getLogger(__name__)

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# How a connection is kept and cut into messages is the server's business (PEP 3333, "Other HTTP Features").
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})


class ViewFailed(InternalError):
    """The application raised an exception, which is its cause and was logged."""


@dataclass
class ResponseStart:
    """The first news of a response: its status, its headers (lower-case names), and the file it consists of, if the
    front is to send one."""

    status: int
    headers: HeaderList
    file: HandedFile | None = None

    @property
    def announced_bytes(self) -> int | None:
        """What Content-Length says."""
        return next((int(value) for name, value in self.headers if name == b"content-length"), None)

    @property
    def bodiless(self) -> bool:
        """Whether the status forbids a body."""
        return self.status in {204, 304}


class WsgiCall:
    """Calls `app` with `environ` in a thread (`run`), while the loop awaits `start` and then takes from `outlet`."""

    def __init__(self, app: WSGIApplication, environ: Environ, limits: BridgeLimits, spool_folder: Path) -> None:
        self._app = app
        self._environ = environ
        self._body = environ["wsgi.input"]
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._start: ResponseStart | None = None
        self._started = False
        self._pending = bytearray()
        self._produced_bytes = 0
        self.start: asyncio.Future[ResponseStart] = self._loop.create_future()
        self.outlet = Outlet(self._loop, limits, spool_folder)

    def run(self) -> None:
        """Call the application, pass its response on, and close its iterable, whatever happens."""
        try:
            if not self.outlet.gone:
                self._respond()
        except ReaderGone:
            self.outlet.finish()
        except BaseException as error:  # noqa: BLE001 - the edge: logged here, where it is known even if nobody waits
            _log.exception("A view failed: %s %s.", self._environ["REQUEST_METHOD"], self._environ["PATH_INFO"])
            failure = ViewFailed("A view failed.")
            failure.__cause__ = error
            self._resolve_start(failure)
            self.outlet.fail(failure)
        else:
            self.outlet.finish()
        finally:
            self._body.close()

    def abandon(self) -> None:
        """The loop is done with this call, whether or not the thread is."""
        self.outlet.discard()
        if not self.start.done():
            self.start.cancel()
        elif not self.start.cancelled() and self.start.exception() is None:
            file = self.start.result().file
            if file is not None:
                file.close()

    def _respond(self) -> None:
        iterable = self._app(self._environ, self._start_response)
        try:
            if self._hand_over(iterable):
                return
            self._send(iterable)
        finally:
            close = getattr(iterable, "close", None)
            if close is not None:
                close()

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExceptionInfo | None = None
    ) -> Callable[[bytes], None]:
        if exc_info is None and self._start is not None:
            raise InternalError("The application started its response twice.")
        if exc_info is not None and exc_info[1] is not None and self._started:
            raise exc_info[1].with_traceback(exc_info[2])
        self._pending.clear()
        self._produced_bytes = 0
        self._start = ResponseStart(int(status[:3]), [_checked(name, value) for name, value in headers])
        return self._write

    def _hand_over(self, iterable: Iterable[bytes]) -> bool:
        start = self._start
        if not isinstance(iterable, FileWrapper) or start is None or self._pending or self._started:
            return False
        start.file = iterable.hand_over(start.announced_bytes)
        if start.file is not None:
            self._begin(start)
        return start.file is not None

    def _send(self, iterable: Iterable[bytes]) -> None:
        for chunk in iterable:
            self._write(chunk)
            if self._is_head and self._started:
                return
        start = self._known_start()
        self._check_length(start)
        if not self._started:
            self._announce_length(start)
            self._begin(start)
        self._flush()

    def _write(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest:
            room = self._limits.block_bytes - len(self._pending)
            self._pending += rest[:room]
            self._produced_bytes += len(rest[:room])
            rest = rest[room:]
            if len(self._pending) >= self._limits.block_bytes:
                self._send_block()

    def _send_block(self) -> None:
        start = self._known_start()
        if start.announced_bytes is not None and self._produced_bytes > start.announced_bytes:
            self._check_length(start)
        if not self._started:
            self._begin(start)
        self._flush()

    def _flush(self) -> None:
        block, self._pending = bytes(self._pending), bytearray()
        if block and not self._is_head and not self._known_start().bodiless:
            self.outlet.put(block)

    @property
    def _is_head(self) -> bool:
        return cast(str, self._environ["REQUEST_METHOD"]) == "HEAD"

    def _known_start(self) -> ResponseStart:
        if self._start is None:
            raise InternalError("The application sent a body before it started its response.")
        return self._start

    def _announce_length(self, start: ResponseStart) -> None:
        if not start.bodiless and start.announced_bytes is None and not (self._is_head and not self._produced_bytes):
            start.headers.append((b"content-length", str(self._produced_bytes).encode()))

    def _check_length(self, start: ResponseStart) -> None:
        announced = start.announced_bytes
        if announced not in {None, self._produced_bytes} and not self._is_head and not start.bodiless:
            raise InternalError(
                f"A response announced {announced} bytes and the application made {self._produced_bytes}."
            )

    def _begin(self, start: ResponseStart) -> None:
        self._started = True
        if start.bodiless:
            start.headers = [field for field in start.headers if field[0] != b"content-length"]
        self._resolve_start(start)

    def _resolve_start(self, outcome: ResponseStart | BaseException) -> None:
        try:
            self._loop.call_soon_threadsafe(_resolve, self.start, outcome)
        except RuntimeError:
            # The loop was closed while the application still worked: the process ends.
            if isinstance(outcome, ResponseStart) and outcome.file is not None:
                outcome.file.close()


def _resolve(future: asyncio.Future[ResponseStart], outcome: ResponseStart | BaseException) -> None:
    if isinstance(outcome, BaseException):
        if not future.done():
            future.set_exception(outcome)
        return
    if not future.done():
        future.set_result(outcome)
    elif outcome.file is not None:
        # Nobody waits any more: the client left while the view still worked.
        outcome.file.close()


def _checked(name: str, value: str) -> tuple[bytes, bytes]:
    if not _NAME.match(name) or name.lower() in _HOP_BY_HOP:
        raise InternalError(f"The application may not set the header {name!r}.")
    if _CONTROL.search(value):
        raise InternalError(f"The application set the header {name} to a text with control characters.")
    return name.lower().encode("latin-1"), value.strip().encode("latin-1")
