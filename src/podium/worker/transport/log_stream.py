"""Sending what programs write to the server while they write it.

Nothing here may hold up or fail a run: where the server does not listen, what was to be sent is kept up to a bound and
then left out. The whole logs are uploaded at the end.
"""

from __future__ import annotations

import codecs
import json
import logging
from collections import deque
from threading import Condition, Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from podium.sandbox.interface import Stream
from podium.worker.execute.order import Role
from podium.worker.transport.orders import RunOrder

_log = logging.getLogger(__name__)

_GATHER_S = 0.05
_MOST_WAITING_BYTES = 1 << 20
_LARGEST_MESSAGE_CHARACTERS = 64 << 10
_CONNECT_S = 10.0
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0
_REFUSED = frozenset({401, 403, 404, 409})


class LogStream:
    """Sends the logs of one run, and that its detailed results are new, from threads of its own: one for each program
    that writes anything, as workers of Codabench do."""

    def __init__(self, order: RunOrder, server: str) -> None:
        self._order = order
        self._server = server
        self._senders: dict[Role, _Sender] = {}
        self._lock = Condition()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sender in self._senders.values():
            sender.close()

    def write(self, role: Role, stream: Stream, chunk: bytes) -> None:
        """Take what a program wrote; never waits. Called from the threads of sandboxes."""
        self._sender(role).write(stream, chunk)

    def details_changed(self) -> None:
        """Tell that the detailed results were uploaded."""
        self._sender(Role.PROGRAM).tell({"kind": "detailed_result_update"})

    def _sender(self, role: Role) -> _Sender:
        with self._lock:
            if role not in self._senders:
                self._senders[role] = _Sender(socket_url(self._server, self._order, role), role)
            return self._senders[role]


def socket_url(server: str, order: RunOrder, role: Role) -> str:
    """Where the logs of a program of a run go."""
    parts = urlsplit(server)
    scheme = "wss" if parts.scheme == "https" else "ws"
    path = f"{parts.path.rstrip('/')}/submission_input/{order.owner_id}/{order.submission_id}/{order.secret}/"
    return urlunsplit((scheme, parts.netloc, path, f"kind={role}", ""))


class _Sender:
    def __init__(self, url: str, role: Role) -> None:
        self._url = url
        self._role = role
        self._changed = Condition()
        self._waiting: deque[tuple[Stream | None, bytes]] = deque()
        self._waiting_bytes = 0
        self._left_out = 0
        self._unsent: deque[str] = deque()
        self._closed = False
        self._decoders = {
            name: codecs.getincrementaldecoder("utf-8")(errors="replace") for name in ("stdout", "stderr")
        }
        self._thread = Thread(target=self._send_all, name=f"log-{role}", daemon=True)
        self._thread.start()

    def write(self, stream: Stream, chunk: bytes) -> None:
        with self._changed:
            if self._waiting_bytes + len(chunk) > _MOST_WAITING_BYTES:
                self._left_out += len(chunk)
                return
            if self._left_out:
                cut = f"\n[... {self._left_out} bytes are not shown here ...]\n".encode()
                self._left_out = 0
                self._put(stream, cut)
            self._put(stream, chunk)

    def tell(self, message: dict[str, str]) -> None:
        with self._changed:
            self._put(None, json.dumps(message).encode())

    def close(self) -> None:
        """End without waiting: what was not sent comes with the whole log, in a moment."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _put(self, stream: Stream | None, content: bytes) -> None:
        self._waiting.append((stream, content))
        self._waiting_bytes += len(content)
        self._changed.notify_all()

    def _send_all(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while self._wait_for_words():
            try:
                self._converse()
                pause_s = _FIRST_PAUSE_S
            except _Unwelcome:
                return
            except Exception as error:  # noqa: BLE001 - the edge of the thread: a broken line never fails a run
                _log.info("The log of a %s is not heard now (%s)", self._role, type(error).__name__)
            with self._changed:
                self._changed.wait_for(lambda: self._closed, pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _wait_for_words(self) -> bool:
        """Wait for something to send. False where the run is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._unsent or self._closed)
            return not self._closed

    def _converse(self) -> None:
        """Send over one connection until it breaks or the run is over."""
        # Only here: a worker that waits, and a run that prints nothing, need no socket, and the package takes memory.
        from websockets.exceptions import ConnectionClosed, InvalidStatus
        from websockets.sync.client import connect

        try:
            socket = connect(self._url, open_timeout=_CONNECT_S, close_timeout=0.2, max_size=1 << 16, compression=None)
        except InvalidStatus as error:
            if error.response.status_code in _REFUSED:
                raise _Unwelcome from error
            raise
        with socket:
            try:
                while self._wait_for_words():
                    self._gather()
                    while self._unsent and not self._closed:
                        socket.send(self._unsent[0])
                        self._unsent.popleft()
            except ConnectionClosed as error:
                if error.rcvd is not None and error.rcvd.code == _OVER:
                    raise _Unwelcome from error
                raise

    def _gather(self) -> None:
        """Make messages of what was written, and of what is written in the next moment."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed, _GATHER_S)
            batch = list(self._waiting)
            self._waiting.clear()
            self._waiting_bytes = 0
        self._unsent.extend(self._messages(batch))

    def _messages(self, batch: list[tuple[Stream | None, bytes]]) -> list[str]:
        said: list[str] = []
        for stream, content in _joined(batch):
            if stream is None:
                said.append(content.decode())
                continue
            text = self._decoders[stream].decode(content)
            kind = "stderr" if stream == "stderr" else self._role.value
            for place in range(0, len(text), _LARGEST_MESSAGE_CHARACTERS):
                part = text[place : place + _LARGEST_MESSAGE_CHARACTERS]
                said.append(json.dumps({"kind": kind, "message": part}))
        return said


_OVER = 1008
"""How the server closes the socket of an attempt that is over."""


class _Unwelcome(Exception):
    """The server will never take what is sent for this run."""


def _joined(batch: list[tuple[Stream | None, bytes]]) -> list[tuple[Stream | None, bytes]]:
    """The same with neighbours of one stream in one piece."""
    joined: list[tuple[Stream | None, bytes]] = []
    for stream, content in batch:
        if stream is not None and joined and joined[-1][0] == stream:
            joined[-1] = (stream, joined[-1][1] + content)
        else:
            joined.append((stream, content))
    return joined
