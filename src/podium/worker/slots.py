"""A slot of a worker: it takes one run after another, does it, and tells how it went."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from podium.rules.errors import Conflict, InternalError, NotAllowed, PodiumError
from podium.rules.limits import Amounts
from podium.rules.runs import Step
from podium.runtimes import AnyRuntime, ImageRules
from podium.sandbox.interface import Sandbox
from podium.sandbox.temporary import temporary_folder
from podium.worker.execute.history_trees import HistoryTrees
from podium.worker.execute.limits import sandbox_limits, within
from podium.worker.execute.order import StepOrder, StepResult
from podium.worker.execute.runtime_choice import runtime_for
from podium.worker.execute.steps import run_step
from podium.worker.execute.unpacked import UnpackedCache
from podium.worker.transport.client import ServerClient, ServerTroubled, ServerUnreachable
from podium.worker.transport.details import DetailUploads
from podium.worker.transport.inputs import fetched_inputs
from podium.worker.transport.leases import KeptLease
from podium.worker.transport.log_stream import LogStream
from podium.worker.transport.orders import RunOrder
from podium.worker.transport.progress import Progress
from podium.worker.transport.reports import is_fault_of_programs, report_result, report_trouble

_log = logging.getLogger(__name__)

RUN_PREFIX = "run-"
"""How the names of the folders begin in which runs are done."""
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0
_FIRST_REST_S = 1.0
_LONGEST_REST_S = 10.0
_PATIENCE_WITH_TROUBLE_S = 60.0
_STOPPED = "The worker was stopped."


def _new_md5() -> Any:
    """What the contract has for telling files apart."""
    return hashlib.md5(usedforsecurity=False)


class Slot:
    """One place to run programs in. `sandboxes` are its own: the second serves the other program of a parallel step.

    `idle` is set while the slot works on nothing, `ended` when it asks for no more runs.
    """

    def __init__(
        self,
        number: int,
        *,
        client: ServerClient,
        sandboxes: tuple[Sandbox, Sandbox],
        cache: UnpackedCache,
        trees: HistoryTrees,
        images: ImageRules,
        work_folder: Path,
        maxima: Amounts,
    ) -> None:
        self._number = number
        self._client = client
        self._sandboxes = sandboxes
        self._cache = cache
        self._trees = trees
        self._images = images
        self._work_folder = work_folder
        self._maxima = maxima
        self._finishing = Event()
        self._stopping = Event()
        self._cancel = Event()
        self._md5 = ""
        self.idle = Event()
        self.idle.set()
        self.ended = Event()

    def finish(self) -> None:
        """Take no more runs; the one that is being worked on goes on."""
        self._finishing.set()

    def stop(self) -> None:
        """Take no more runs, and hand back the one that is being worked on."""
        self._finishing.set()
        self._stopping.set()
        self._cancel.set()

    def work(self) -> None:
        """Take runs until stopped. Whatever goes wrong with one, the next is taken.

        Raises:
            NotAllowed: the server does not let this worker in.
        """
        try:
            self._work()
        finally:
            self.ended.set()

    def _work(self) -> None:
        pause_s = _FIRST_PAUSE_S
        rest_s = 0.0
        while not self._finishing.is_set():
            try:
                order = self._client.claim(self._number)
                pause_s = _FIRST_PAUSE_S
            except InternalError as error:
                _log.warning("Slot %s cannot ask for a run: %s", self._number, error)
                self._finishing.wait(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                continue
            if order is None:
                continue
            self.idle.clear()
            try:
                is_well = self._do(order)
            finally:
                self.idle.set()
            # A worker that fails with everything, for its disk is full, must not take all that waits and fail with it.
            rest_s = 0.0 if is_well else min(max(rest_s * 2, _FIRST_REST_S), _LONGEST_REST_S)
            self._finishing.wait(rest_s)

    def _do(self, order: RunOrder) -> bool:
        """Do a run and tell how it went. Returns whether this worker was able to, however the programs ended."""
        _log.info("Slot %s: %s of submission %s", self._number, order.step, order.submission_id)
        self._cancel = cancel = Event()
        with KeptLease(self._client, order, cancel) as lease:
            # The worker was told to end while the server looked for a run.
            if self._finishing.is_set():
                self._insist(lease, lambda: self._client.give_back(order, _STOPPED))
                return True
            try:
                with temporary_folder(RUN_PREFIX, self._work_folder) as work:
                    work.chmod(0o755)
                    runtime = self._runtime(order)
                    result = self._run(order, runtime, work, cancel)
                    if not self._stopping.is_set():
                        md5 = self._md5
                        self._insist(lease, lambda: report_result(self._client, order, result, runtime, work, md5))
                        return True
            except PodiumError as error:
                _log.warning("Submission %s could not be run: %s", order.submission_id, error)
                trouble = error
            except Exception as error:  # noqa: BLE001 - a full disk, say: the server must hear of it, and the slot go on
                failure = InternalError(f"The worker failed with {type(error).__name__}.")
                _log.error("Submission %s (reference %s)", order.submission_id, failure.reference, exc_info=error)
                trouble = failure
            if self._stopping.is_set():
                self._insist(lease, lambda: self._client.give_back(order, _STOPPED))
            else:
                self._insist(lease, lambda: report_trouble(self._client, order, trouble))
            return is_fault_of_programs(trouble)

    def _runtime(self, order: RunOrder) -> AnyRuntime:
        return runtime_for(order.docker_image, self._images, self._sandboxes[0], lambda line: _log.info("%s", line))

    def _run(self, order: RunOrder, runtime: AnyRuntime, work: Path, cancel: Event) -> StepResult:
        scoring = order.step is Step.SCORING
        self._md5 = ""

        def downloaded(name: str, file: Path) -> None:
            if name == "program_data" and not scoring:
                with file.open("rb") as content:
                    self._md5 = hashlib.file_digest(content, _new_md5).hexdigest()

        with (
            Progress(self._client, order) as progress,
            fetched_inputs(self._client, order, self._cache, work, cancel, downloaded) as inputs,
            self._trees.use(order.past_of, order.past) if order.past else nullcontext() as history,
        ):
            amounts, notes = within(order.limits, self._maxima)
            step = StepOrder(
                step=order.step,
                runtime=runtime,
                limits=sandbox_limits(amounts, order.time_limit_s),
                network=order.network,
                submission=None if scoring else inputs["program_data"],
                scoring_program=inputs.get("program_data") if scoring else None,
                ingestion_program=inputs.get("ingestion_program"),
                input_data=inputs.get("input_data"),
                reference_data=inputs.get("reference_data"),
                predictions=inputs.get("prediction_result"),
                history=history,
                facts=order.facts,
                ingestion_only_during_scoring=order.ingestion_only_during_scoring,
                predictions_ran=order.predictions_ran,
                score_failed_predictions=order.score_failed_predictions,
                ingestion_sees_reference_data=order.ingestion_sees_reference_data,
            )
            bench = work / "step"
            bench.mkdir(mode=0o755)
            progress.running()
            with LogStream(order, self._client.url) as logs, DetailUploads(self._client, order, logs) as details:
                look = details.look if details.wanted else None
                result = run_step(
                    step, sandboxes=self._sandboxes, work=bench, listener=logs.write, look=look, cancel=cancel
                )
                return replace(result, notes=(*notes, *result.notes))

    def _insist(self, lease: KeptLease, tell: Callable[[], None]) -> None:
        """Tell the server until it has heard, or does not want to hear any more."""
        pause_s = _FIRST_PAUSE_S
        patience_ends = time.monotonic() + _PATIENCE_WITH_TROUBLE_S
        while not lease.lost:
            try:
                tell()
            except (Conflict, NotAllowed) as error:
                _log.warning("The report of a run came too late: %s", error)
            except (ServerUnreachable, ServerTroubled) as error:
                if isinstance(error, ServerTroubled) and time.monotonic() > patience_ends:
                    # When the lease runs out, the server gives the run to somebody again.
                    _log.error("A report was refused: %s", error)
                    return
                _log.warning("A report was not heard and will be repeated: %s", error)
                if self._stopping.wait(pause_s):
                    return
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                continue
            except InternalError:
                _log.exception("A report was refused")
            return
