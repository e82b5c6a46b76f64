"""Threads: a fixed number of daemons that take work in order, and single calls out of the event loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Work = Callable[[], None]
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_log = logging.getLogger(__name__)


class Ticket:
    """One piece of work that was handed in."""

    def __init__(self, work: Work) -> None:
        self.work = work


class Threads:
    """Runs work in `size` threads named after `name`, first come first served.

    The threads are daemons: a piece of work that never ends must not keep the process from ending. They start with
    the first work, so that an application that is only imported or described has none.
    """

    def __init__(self, size: int, name: str) -> None:
        if size < 1:
            raise ValueError(f"A pool needs at least one thread, not {size}.")
        self._size = size
        self._name = name
        self._changed = threading.Condition()
        self._waiting: deque[Ticket] = deque()
        self._running = 0
        self._started = False
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many pieces of work no thread has taken yet."""
        return len(self._waiting)

    def submit(self, work: Work) -> Ticket:
        """Queue `work`, which reports its own result and errors; RuntimeError after `close`."""
        ticket = Ticket(work)
        with self._changed:
            if self._closed:
                raise RuntimeError(f"The threads of {self._name} were closed.")
            self._waiting.append(ticket)
            if not self._started:
                self._start()
            self._changed.notify()
        return ticket

    def withdraw(self, ticket: Ticket) -> bool:
        """Take back work that no thread has begun. True means that it will never run."""
        with self._changed:
            try:
                self._waiting.remove(ticket)
            except ValueError:
                return False
            return True

    def close(self, timeout_s: float) -> bool:
        """Take no more work, finish what was taken, and end. False where something still ran after `timeout_s`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._waiting and not self._running, timeout_s)

    def _start(self) -> None:
        self._started = True
        for number in range(self._size):
            threading.Thread(target=self._work, name=f"{self._name}-{number}", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                ticket = self._waiting.popleft()
                self._running += 1
            try:
                ticket.work()
            except BaseException:  # noqa: BLE001 - the edge: a thread must outlive its work
                _log.exception("Work in the threads of %s raised what it should have reported.", self._name)
            finally:
                # Nothing that the work held (a body, a response) may live on while the thread waits for more.
                del ticket
                with self._changed:
                    self._running -= 1
                    self._changed.notify_all()


async def call_in_thread(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """`asyncio.to_thread` for short work on a file: a caller who is cancelled still waits until the thread has left
    `function`, so that it may close the file at once."""
    working = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise
