"""A worker: so many slots, one connection to a server, until it is told to stop."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread

from podium.rules.errors import InternalError, PodiumError, SandboxUnavailable
from podium.rules.limits import Amounts
from podium.runtimes import ImageRules
from podium.sandbox.backends import DEFAULT, DOCKER, open_sandbox
from podium.sandbox.doctor import ISOLATION, RESOURCES, examine, examine_network, require_isolation
from podium.sandbox.interface import LimitReport, Sandbox
from podium.sandbox.temporary import own_folder, remove_left_behind, temporary_folder
from podium.worker.execute.history_trees import HistoryTrees, place_of_trees
from podium.worker.execute.unpacked import UnpackedCache
from podium.worker.introduction import Introduction, introduce
from podium.worker.slots import RUN_PREFIX, Slot
from podium.worker.transport.client import ServerClient

_log = logging.getLogger(__name__)

_HISTORY_PREFIX = "podium-history-"
_HAND_BACK_WITHIN_S = 8.0
_LOOK_EVERY_S = 0.05
_ANSWERED_WITHIN_S = 3.0
_TRIM_EVERY_S = 600.0
_TELL_REFUSAL_FOR_S = 30.0
_NETWORK_UNTRIED = "The worker has just started and still tries it."


@dataclass(frozen=True)
class WorkerOptions:
    """How to run a worker. `folder` holds its cache and its work, and nothing that must be kept. Told to end, it lets
    runs go on for `drain_s` before it hands them back; `maxima` are the most that its programs may use, by name."""

    server: str
    token: str
    slots: int
    folder: Path
    drain_s: float = 30.0
    sandbox: str = DEFAULT
    maxima: Amounts = field(default_factory=dict)


class WorkerProcess:
    """All slots of one worker."""

    def __init__(self, options: WorkerOptions) -> None:
        self._options = options
        self._stopping = Event()
        self._at_once = Event()
        self._failure: Exception | None = None
        self._work_folder = options.folder / "work"
        self._cache = UnpackedCache(options.folder / "unpacked")

    def stop(self) -> None:
        """Take nothing more, let runs end for a while, hand back those that do not, and end. Called again, hand them
        back at once. Safe to call from a signal handler."""
        if self._stopping.is_set():
            self._at_once.set()
        self._stopping.set()

    def run(self) -> None:
        """Work until `stop`.

        Raises:
            SandboxUnavailable: programs cannot be isolated here; the server was told.
            NotAllowed: the server does not know the token.
        """
        # Another worker of this machine may have been given the same folder; they share what is unpacked.
        with own_folder("work", self._options.folder) as work_folder:
            self._work_folder = work_folder
            remove_left_behind(RUN_PREFIX, work_folder)
            self._cache.remove_left_behind()
            self._run()

    def _run(self) -> None:
        # A container engine may see other folders than this process, but it must see that of the work.
        place = self._work_folder if self._options.sandbox == DOCKER else place_of_trees(self._work_folder)
        remove_left_behind(_HISTORY_PREFIX, place)
        with (
            temporary_folder(_HISTORY_PREFIX, place) as folder,
            ServerClient(self._options.server, self._options.token) as client,
        ):
            folder.chmod(0o755)
            report: tuple[LimitReport, ...] = ()
            try:
                sandboxes = [
                    (self._sandbox(2 * number), self._sandbox(2 * number + 1)) for number in range(self._options.slots)
                ]
                report = tuple(examine(sandboxes[0][0], ISOLATION, cancel=self._stopping))
                require_isolation(sandboxes[0][0], report)
            except SandboxUnavailable as error:
                refusal = Introduction(0, self._options.sandbox, report, str(error))
                introduce(client, refusal, self._stopping, patience_s=_TELL_REFUSAL_FOR_S)
                raise
            no_network = sandboxes[0][0].no_network or _NETWORK_UNTRIED
            ready = Introduction(self._options.slots, sandboxes[0][0].name, report, no_network=no_network)
            name = introduce(client, ready, self._stopping)
            _log.info("Worker %s is ready with %s slots", name, self._options.slots)
            self._serve(client, sandboxes, HistoryTrees(folder / "trees"), ready)
        if self._failure is not None:
            raise self._failure

    def _sandbox(self, number: int) -> Sandbox:
        return open_sandbox(self._options.sandbox, number, self._work_folder)

    def _serve(
        self,
        client: ServerClient,
        sandboxes: Sequence[tuple[Sandbox, Sandbox]],
        trees: HistoryTrees,
        introduction: Introduction,
    ) -> None:
        images = ImageRules.from_environment(os.environ)
        slots = [
            Slot(
                number,
                client=client,
                sandboxes=pair,
                cache=self._cache,
                trees=trees,
                images=images,
                work_folder=self._work_folder,
                maxima=self._options.maxima,
            )
            for number, pair in enumerate(sandboxes)
        ]
        # A slot may be inside a long-poll when the worker is told to stop; as daemons they need not return from it.
        for slot in slots:
            Thread(target=self._work, args=(slot,), name="slot", daemon=True).start()
        self._try_resources(client, introduction)
        while not self._stopping.wait(_TRIM_EVERY_S):
            self._cache.trim()
        self._drain(client, slots)

    def _drain(self, client: ServerClient, slots: Sequence[Slot]) -> None:
        for slot in slots:
            slot.finish()
        # What the server gives away at this moment must still be taken, and handed back.
        with suppress(PodiumError):
            client.leave()
            answered = time.monotonic() + _ANSWERED_WITHIN_S
            for slot in slots:
                if slot.idle.is_set():
                    slot.ended.wait(max(answered - time.monotonic(), 0))
        end = time.monotonic() + self._options.drain_s
        while time.monotonic() < end and not all(slot.idle.is_set() for slot in slots):
            if self._at_once.wait(_LOOK_EVERY_S):
                break
        for slot in slots:
            slot.stop()
        for slot in slots:
            slot.idle.wait(_HAND_BACK_WITHIN_S)

    def _try_resources(self, client: ServerClient, introduction: Introduction) -> None:
        """Try what no program can leave the sandbox by, and the network that some runs have, in a sandbox of its own
        while the slots work already."""
        report, no_network = list(introduction.report), introduction.no_network
        try:
            sandbox = self._sandbox(2 * self._options.slots)
            tried, no_network = examine_network(sandbox, cancel=self._stopping)
            report += tried
            # Before the rest: runs may wait for it.
            introduce(client, replace(introduction, report=report, no_network=no_network), self._stopping)
            report += examine(sandbox, RESOURCES, cancel=self._stopping)
        except InternalError as error:
            _log.warning("Not every limit could be tried: %s", error)
        for line in report:
            if line.enforcement == "not enforced":
                _log.warning("The limit of %s is not enforced. %s %s", line.limit, line.detail, line.advice)
        introduce(client, replace(introduction, report=report, no_network=no_network), self._stopping)

    def _work(self, slot: Slot) -> None:
        try:
            slot.work()
        except Exception as error:  # noqa: BLE001 - raised again by `run`: without its slot the worker is of no use
            self._failure = error
            self._stopping.set()
