"""What somebody who works on an internal job holds: how to say how far it is, how to learn to stop, how to end it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podium.rules.errors import Conflict, Problem
from podium.server.jobs.internal import services
from podium.server.jobs.internal.services import Order

_NOTE_EVERY_S = 0.4


class Interrupted(Exception):
    """The job is no longer this process's to work on: it was cancelled, is lost, or the process ends."""


class Work:
    """One attempt of an internal job, in the hands of whoever carries it out.

    `over` is set by whoever renews the lease once that is over; `stopping` once the process is to end.
    """

    def __init__(self, order: Order, stopping: threading.Event) -> None:
        self.order = order
        self.over = threading.Event()
        self.finished = False
        self._stopping = stopping
        self._noted_at: float | None = None

    def check(self) -> None:
        """Raises Interrupted where the work is to be given up. To be called about once a second."""
        if self.over.is_set() or self._stopping.is_set():
            raise Interrupted

    def advance(self, done: int, total: int, saying: str) -> None:
        """Say how far it is, as often as you like: it is written down a few times a second.

        Raises:
            Interrupted: the work is to be given up.
        """
        self.check()
        now = time.monotonic()
        if self._noted_at is not None and now - self._noted_at < _NOTE_EVERY_S:
            return
        self._noted_at = now
        try:
            services.note_progress(self.order, done, total, saying)
        except Conflict as lost:
            raise Interrupted from lost

    def finish(self, result: Mapping[str, Any], notes: Sequence[Problem] = ()) -> None:
        """End the job, as the last thing in the transaction that writes what it did.

        Raises:
            Interrupted: the job is no longer this attempt's; the transaction must not be committed.
        """
        try:
            services.finish(self.order, result, notes)
        except Conflict as lost:
            raise Interrupted from lost
        self.finished = True


def leave(order: Order) -> None:
    """Tidies nothing up."""


@dataclass(frozen=True)
class JobKind:
    """What the site does by itself when it is asked to.

    `carry_out` does it and calls `finish`. A UserError that it raises ends the job and is told to whoever asked; after
    any other exception, and after the process was killed, it is called again, so that it must bear being repeated up to
    the transaction with `finish` in it. `tidy` is called in the transaction in which a job ends unfinished.
    """

    name: str
    carry_out: Callable[[Work], None]
    tidy: Callable[[Order], None] = leave
