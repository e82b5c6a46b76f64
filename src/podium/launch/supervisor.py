"""Keep a site's processes running: start them, restart what dies, end all of them together."""

from __future__ import annotations

import selectors
import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from podium.launch.children import Child

Announce = Callable[[str], None]


class Supervisor:
    """Runs children until SIGINT or SIGTERM. Everything happens in the calling thread, which must be the main one."""

    def __init__(self, children: Sequence[Child], announce: Announce) -> None:
        self._children = list(children)
        self._announce = announce
        self._ending = False
        self._selector = selectors.DefaultSelector()
        self._wakeup_in, self._wakeup_out = socket.socketpair()

    def run(self, ready: Callable[[], bool], say_ready: Callable[[], None]) -> None:
        """Start everything; call `say_ready` once `ready` is true; return after a signal, with all children ended."""
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        self._wakeup_in.setblocking(False)
        self._wakeup_out.setblocking(False)
        old_fd = signal.set_wakeup_fd(self._wakeup_out.fileno())
        self._selector.register(self._wakeup_in, selectors.EVENT_READ, None)
        try:
            for child in self._children:
                self._start(child)
            self._watch(ready, say_ready)
        finally:
            self._end_all()
            signal.set_wakeup_fd(old_fd)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            self._wakeup_in.close()
            self._wakeup_out.close()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._ending:
            # Asked for the second time: the worker shall not wait for its runs any longer.
            for child in self._children:
                child.ask_to_end()
        self._ending = True

    def _start(self, child: Child) -> None:
        child.start()
        self._selector.register(child.pidfd, selectors.EVENT_READ, child)

    def _watch(self, ready: Callable[[], bool], say_ready: Callable[[], None]) -> None:
        announced = False
        while not self._ending:
            for key, _ in self._selector.select(self._next_due_s(0.1 if not announced else None)):
                if isinstance(key.data, Child):
                    self._ended(key.data)
                else:
                    with suppress(BlockingIOError):
                        self._wakeup_in.recv(64)
            now = time.monotonic()
            for child in self._children:
                if child.process is None and child.due <= now:
                    self._start(child)
            if not announced and not self._ending and ready():
                announced = True
                say_ready()

    def _next_due_s(self, longest_s: float | None) -> float | None:
        waiting = [child.due - time.monotonic() for child in self._children if child.process is None]
        times = [max(delay, 0.0) for delay in waiting] + ([longest_s] if longest_s is not None else [])
        return min(times, default=None)

    def _ended(self, child: Child) -> None:
        self._selector.unregister(child.pidfd)
        status = child.reap()
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        self._announce(f"The {child.name} process {how}; starting it again in {child.delay_s:.1f} s.")

    def _end_all(self) -> None:
        # The worker first: it ends its runs or hands them back, for which the web processes must still answer.
        for child in self._children:
            if child.name == "worker":
                child.ask_to_end()
                child.make_end()
        for child in self._children:
            child.ask_to_end()
        for child in self._children:
            child.make_end()
