"""Watch one run from the worker: pass on what it prints, notice which limit it reaches, and have it killed in time."""

from __future__ import annotations

import json
import os
import selectors
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any

from podium.rules.errors import InternalError, SandboxUnavailable
from podium.sandbox.interface import LOG_FACTOR, Ending, FolderLook, LogSink, Stream
from podium.sandbox.namespaces import advice_on_namespaces

_TICK_S = 0.05
_SHOW_EVERY_S = 1.0
_BURIAL_TIMEOUT_S = 10.0
_CHUNK = 1 << 16
_BWRAP_SPEAKS = b"bwrap: "
_LONGEST_HELD_BACK = 8192


@dataclass(frozen=True)
class Watch:
    """What ends a run early. The last two are asked every few hundredths of a second."""

    wall_s: float
    log_bytes: int
    cancel: Event
    out_of_memory: Callable[[int], bool]
    """Given the runner's process id: whether the memory limit was reached."""
    output_is_full: Callable[[int], bool]
    """Given the descriptor of the output folder."""
    look: FolderLook | None = None
    """Asked about the same, but every second."""


@dataclass
class Ended:
    """What is known of a run when all of it is dead. `killed` is None where nobody killed it."""

    killed: Ending | None = None
    exit_code: int | None = None
    elapsed_s: float = 0.0
    cpu_s: float | None = None
    largest_process_bytes: int | None = None
    output: int | None = None
    complaint: str = ""
    """What bwrap itself said: the program was never started."""


class Supervision:
    """One run, from the moment its order was handed over until everything is dead."""

    def __init__(self, channel: socket.socket, streams: dict[int, Stream], log: LogSink, watch: Watch) -> None:
        self._channel = channel
        self._log = log
        self._watch = watch
        self._selector = selectors.DefaultSelector()
        self._selector.register(channel, selectors.EVENT_READ)
        for descriptor, stream in streams.items():
            self._selector.register(descriptor, selectors.EVENT_READ, stream)
        self._open_streams = len(streams)
        self._printed_bytes = 0
        self._held_back: bytes | None = b""
        self._received = b""
        self._started: float | None = None
        self._runner = 0
        self._over = False
        self._look_again = 0.0
        self._show_again = 0.0
        self._ended = Ended()

    def until_all_is_dead(self) -> Ended:
        """Wait for the end of the run; the caller closes `Ended.output`.

        Raises:
            SandboxUnavailable: the isolation could not be set up.
            InternalError: the runner was killed from outside.
        """
        try:
            while not (self._over and self._open_streams == 0):
                self._listen()
                self._judge()
        except BaseException:
            self._release()
            self._await_burial()
            raise
        finally:
            self._selector.close()
        if self._held_back:
            self._ended.complaint = self._held_back.decode("utf-8", "replace").removeprefix("bwrap: ").strip()
        return self._ended

    def _listen(self) -> None:
        for key, _ in self._selector.select(_TICK_S):
            if key.data is None:
                self._hear_runner()
            else:
                self._hear_program(int(key.fd), key.data)

    def _hear_runner(self) -> None:
        data, descriptors, _, _ = socket.recv_fds(self._channel, _CHUNK, 1, socket.MSG_CMSG_CLOEXEC)
        if descriptors:
            self._ended.output = descriptors[0]
        if not data:
            self._selector.unregister(self._channel)
            if not self._over:
                raise InternalError("The process that supervised the program was killed.")
            return
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self._take(json.loads(line))

    def _take(self, message: dict[str, Any]) -> None:
        if "error" in message:
            hint = advice_on_namespaces() if message.get("of_namespaces") else ""
            raise SandboxUnavailable(f"The program could not be isolated: {message['error']}.", hint)
        if "ready" in message:
            self._runner = int(message["ready"])
            self._started = monotonic()
        if "ended" in message:
            ended = message["ended"]
            self._ended.elapsed_s = monotonic() - (self._started or monotonic())
            self._ended.exit_code = ended["exit_code"]
            self._ended.cpu_s = ended["cpu_s"]
            self._ended.largest_process_bytes = ended["largest_process_bytes"]
            self._over = True

    def _hear_program(self, descriptor: int, stream: Stream) -> None:
        chunk = os.read(descriptor, _CHUNK)
        if not chunk:
            self._selector.unregister(descriptor)
            self._open_streams -= 1
            return
        if stream == "stderr" and self._held_back is not None:
            chunk = self._hold_back(chunk)
        if chunk and self._ended.killed is not Ending.LOG_LIMIT:
            self._printed_bytes += len(chunk)
            self._log(stream, chunk)

    def _hold_back(self, chunk: bytes) -> bytes:
        """Keep what may be bwrap's own last words; return what is the program's for certain."""
        so_far = (self._held_back or b"") + chunk
        begin = so_far[: len(_BWRAP_SPEAKS)]
        if len(so_far) <= _LONGEST_HELD_BACK and _BWRAP_SPEAKS.startswith(begin):
            self._held_back = so_far
            return b""
        self._held_back = None
        return so_far

    def program_spoke(self) -> None:
        """Pass on what was held back: it was the program that printed it."""
        if self._held_back:
            self._log("stderr", self._held_back)
        self._held_back = None
        self._ended.complaint = ""

    def _show(self) -> None:
        """Let somebody look at the output while it is being written."""
        look, output = self._watch.look, self._ended.output
        if look is not None and output is not None and self._started is not None and monotonic() >= self._show_again:
            self._show_again = monotonic() + _SHOW_EVERY_S
            look(output)

    def _judge(self) -> None:
        """Kill the run if it has to end, for the first reason that is found."""
        if self._over or self._ended.killed is not None:
            return
        self._show()
        reason = self._reason()
        if reason is not None:
            self._ended.killed = reason
            self._release()

    def _reason(self) -> Ending | None:
        watch = self._watch
        if watch.cancel.is_set():
            return Ending.CANCELLED
        if self._started is None:
            return None
        if monotonic() - self._started >= watch.wall_s:
            return Ending.TIME_LIMIT
        if self._printed_bytes > LOG_FACTOR * watch.log_bytes:
            return Ending.LOG_LIMIT
        if monotonic() < self._look_again:
            return None
        self._look_again = monotonic() + _TICK_S
        if watch.out_of_memory(self._runner):
            return Ending.MEMORY_LIMIT
        if self._ended.output is not None and watch.output_is_full(self._ended.output):
            return Ending.OUTPUT_LIMIT
        return None

    def _await_burial(self) -> None:
        """Wait until the runner has hung up, which it does when all is dead."""
        self._channel.settimeout(_BURIAL_TIMEOUT_S)
        with suppress(OSError):
            while self._channel.recv(_CHUNK):
                pass

    def _release(self) -> None:
        """Tell the runner to kill everything; it still answers, when all is dead."""
        with suppress(OSError):  # it may be over already
            self._channel.shutdown(socket.SHUT_WR)
