"""A worker: so many slots, one connection to a server, until it is told to stop."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from podium.rules.errors import InternalError
from podium.runtimes import ImageRules
from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.interface import LimitReport
from podium.worker.execute.unpacked import UnpackedCache
from podium.worker.slots import Slot
from podium.worker.transport.client import ServerClient

_log = logging.getLogger(__name__)

_GREET_EVERY_S = 1.0
_HAND_BACK_WITHIN_S = 8.0
_TRIM_EVERY_S = 600.0


@dataclass(frozen=True)
class WorkerOptions:
    """How to run a worker. `folder` holds its cache and its work, and nothing that must be kept."""

    server: str
    token: str
    slots: int
    folder: Path


class WorkerProcess:
    """All slots of one worker."""

    def __init__(self, options: WorkerOptions) -> None:
        self._options = options
        self._stopping = Event()
        self._failure: Exception | None = None
        self._work_folder = options.folder / "work"
        self._cache = UnpackedCache(options.folder / "unpacked")

    def stop(self) -> None:
        """Hand back what is being worked on and end; safe to call from a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Work until `stop`.

        Raises:
            SandboxUnavailable: programs cannot be isolated here.
            NotAllowed: the server does not know the token.
        """
        self._work_folder.mkdir(parents=True, exist_ok=True)
        sandboxes = [
            (
                BubblewrapSandbox(2 * number, self._work_folder),
                BubblewrapSandbox(2 * number + 1, self._work_folder),
            )
            for number in range(self._options.slots)
        ]
        report = sandboxes[0][0].limits_in_force()
        with ServerClient(self._options.server, self._options.token) as client:
            self._greet(client, report)
            images = ImageRules.from_environment(os.environ)
            slots = [
                Slot(
                    number,
                    client=client,
                    sandboxes=pair,
                    cache=self._cache,
                    images=images,
                    work_folder=self._work_folder,
                )
                for number, pair in enumerate(sandboxes)
            ]
            # A slot may be inside a long-poll when the worker is told to stop; as daemons they need not return from it.
            for slot in slots:
                Thread(target=self._work, args=(slot,), name="slot", daemon=True).start()
            while not self._stopping.wait(_TRIM_EVERY_S):
                self._cache.trim()
            for slot in slots:
                slot.stop()
            for slot in slots:
                slot.idle.wait(_HAND_BACK_WITHIN_S)
        if self._failure is not None:
            raise self._failure

    def _greet(self, client: ServerClient, report: Sequence[LimitReport]) -> None:
        lines = [
            {"limit": line.limit, "enforcement": line.enforcement, "detail": line.detail, "advice": line.advice}
            for line in report
        ]
        while not self._stopping.is_set():
            try:
                name = client.greet(self._options.slots, lines)
            except InternalError as error:
                _log.warning("%s", error)
                self._stopping.wait(_GREET_EVERY_S)
            else:
                _log.info("Worker %s is ready with %s slots", name, self._options.slots)
                return

    def _work(self, slot: Slot) -> None:
        try:
            slot.work()
        except Exception as error:  # noqa: BLE001 - raised again by `run`: without its slot the worker is of no use
            self._failure = error
            self._stopping.set()
