"""Watch one container: pass on what its program prints, notice which limit it reaches, and have it killed in time.

Killing is done from another thread than the one that drains the streams, and draining goes on meanwhile: an engine
waits for its streams to be read before it says that a container has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

from podium.rules.errors import InternalError
from podium.sandbox.docker.counters import Counters, NoCounters, counters_of
from podium.sandbox.docker.engine import Engine
from podium.sandbox.interface import LOG_FACTOR, Ending, Limits, LogSink, Stream

_TICK_S = 0.05
_LOOK_EVERY_S = 1.0
_END_WITHIN_S = 20.0
_STREAMS: Mapping[int, Stream] = {1: "stdout", 2: "stderr"}


@dataclass
class Ended:
    """What is known of a container that has ended. `killed` is None where nobody killed it."""

    killed: Ending | None = None
    exit_code: int = 0
    elapsed_s: float = 0.0
    counters: Counters = field(default_factory=NoCounters)


class Supervision:
    """One container, made but not started."""

    def __init__(self, engine: Engine, container: str, limits: Limits, log: LogSink, cancel: Event) -> None:
        self._engine = engine
        self._container = container
        self._limits = limits
        self._log = log
        self._cancel = cancel
        self._printed_bytes = 0
        self._finished = Event()
        self._trouble: Exception | None = None
        self._trouble_lock = Lock()
        self._ended = Ended()

    def run(self, output_is_full: Callable[[], bool], look: Callable[[], None]) -> Ended:
        """Start the container and watch it to its end; `look` is called about once a second.

        Raises:
            docker.errors.APIError: it could not be started.
            InternalError: the engine went away.
        """
        with self._engine.api(None) as attached, self._engine.api() as api:
            channel = attached.attach_socket(self._container, {"stdout": 1, "stderr": 1, "stream": 1})
            drain = Thread(target=self._guarded(lambda: self._drain(channel)), name="drain", daemon=True)
            try:
                api.start(self._container)
            except BaseException:
                _close(channel)
                raise
            started = monotonic()
            drain.start()
            waiting = Thread(target=self._guarded(self._wait), name="wait", daemon=True)
            waiting.start()
            process = int(api.inspect_container(self._container)["State"]["Pid"])
            self._ended.counters = counters_of(process, self._container)
            try:
                self._watch(started, output_is_full, look)
            finally:
                self._ended.counters.close()
            self._ended.elapsed_s = monotonic() - started
            drain.join(_END_WITHIN_S)
            _close(channel)
        if self._trouble is not None:
            raise self._trouble
        return self._ended

    def _guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        def guarded() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - the edge of a thread; raised again by `run`
                with self._trouble_lock:
                    self._trouble = self._trouble or error

        return guarded

    def _drain(self, channel: Any) -> None:
        """Read both streams to their end, whatever becomes of what was read."""
        from docker.utils.socket import frames_iter

        for number, chunk in frames_iter(channel, tty=False):
            try:
                self._pass_on(_STREAMS[number], chunk)
            except Exception as error:  # noqa: BLE001 - the reader's own failure; raised again by `run`
                with self._trouble_lock:
                    self._trouble = self._trouble or error

    def _pass_on(self, stream: Stream, chunk: bytes) -> None:
        # Not more than makes it a flood: until the engine has killed the program, megabytes arrive.
        if self._trouble is None and self._printed_bytes <= LOG_FACTOR * self._limits.log_bytes:
            self._printed_bytes += len(chunk)
            self._log(stream, chunk)

    def _wait(self) -> None:
        try:
            with self._engine.api(None) as api:
                self._ended.exit_code = int(api.wait(self._container)["StatusCode"])
        except OSError as error:
            raise InternalError(f"The container engine went away in the middle of a run: {error}.") from error
        finally:
            self._finished.set()

    def _watch(self, started: float, output_is_full: Callable[[], bool], look: Callable[[], None]) -> None:
        gives_up = None
        look_again = started
        self._ended.counters.look()
        while not self._finished.wait(_TICK_S):
            self._ended.counters.look()
            if gives_up is None and monotonic() >= look_again:
                look_again = monotonic() + _LOOK_EVERY_S
                look()
            if gives_up is None and (self._trouble is not None or (reason := self._reason(started, output_is_full))):
                self._ended.killed = None if self._trouble is not None else reason
                self._kill()
                gives_up = monotonic() + _END_WITHIN_S
            if gives_up is not None and monotonic() > gives_up:
                raise InternalError("The container engine does not end a container that it was told to kill.")

    def _reason(self, started: float, output_is_full: Callable[[], bool]) -> Ending | None:
        """The first reason that is found to end the container."""
        if self._cancel.is_set():
            return Ending.CANCELLED
        if monotonic() - started >= self._limits.wall_s:
            return Ending.TIME_LIMIT
        if self._printed_bytes > LOG_FACTOR * self._limits.log_bytes:
            return Ending.LOG_LIMIT
        if self._ended.counters.out_of_memory.is_set():
            return Ending.MEMORY_LIMIT
        return Ending.OUTPUT_LIMIT if output_is_full() else None

    def _kill(self) -> None:
        from docker.errors import APIError

        with self._engine.api() as api, suppress(APIError):
            # It may be over already.
            api.kill(self._container, "KILL")


def _close(channel: Any) -> None:
    """Close what an engine's client calls a socket: it reads from an answer that has to be closed as well."""
    answer = getattr(channel, "_response", None)
    with suppress(OSError):
        (answer or channel).close()


def facts_of(api: Any, container: str) -> dict[str, Any]:
    """The state of a container that has ended."""
    state: dict[str, Any] = api.inspect_container(container)["State"]
    if state.get("Running"):
        raise InternalError("The container engine says that a container which has ended still runs.")
    return state
