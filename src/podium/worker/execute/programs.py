"""Run the programs of a step: one, or two side by side where an ingestion program accompanies the main one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic

from podium.rules.runs import Program
from podium.runtimes import AnyRuntime
from podium.sandbox.interface import Command, Ending, FolderLook, Limits, Mount, Root, Sandbox, Stream
from podium.worker.execute.logs import HeadAndTail
from podium.worker.execute.mounts import WORKING_DIRECTORY
from podium.worker.execute.order import LogListener, ProgramRun, Role

_CANCEL_CHECK_S = 0.05


@dataclass(frozen=True)
class Planned:
    """A program that is ready to run."""

    role: Role
    program: Program
    argv: tuple[str, ...]
    mounts: Sequence[Mount]


@dataclass(frozen=True)
class Bench:
    """What the programs of a step run on: two sandboxes, since two programs never share one."""

    sandboxes: tuple[Sandbox, Sandbox]
    runtime: AnyRuntime
    limits: Limits
    listener: LogListener
    cancel: Event
    look: FolderLook | None = None
    network: bool = False


class Linked(Event):
    """An event of its own that also counts as set once `other` is."""

    def __init__(self, other: Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        """True once this event or the other one was set."""
        return super().is_set() or self._other.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for either event, at most `timeout` seconds."""
        end = math.inf if timeout is None else monotonic() + timeout
        while not self.is_set():
            left = end - monotonic()
            if left <= 0:
                return False
            super().wait(min(left, _CANCEL_CHECK_S))
        return True


def run_programs(planned: Sequence[Planned], bench: Bench, collected: Sequence[Path]) -> tuple[ProgramRun, ...]:
    """Run one or two programs at the same time, each writing to its own folder of `collected`.

    Where one of two fails, the other is stopped. The runs come in the order in which they ended, so that the first
    failure among them is the cause.
    """
    if len(planned) == 1:
        return (_run(planned[0], bench, bench.sandboxes[0], collected[0], bench.cancel),)
    stop = Linked(bench.cancel)
    ended: list[ProgramRun] = []
    broken: Future[ProgramRun] | None = None
    with ThreadPoolExecutor(max_workers=len(planned), thread_name_prefix="program") as pool:
        futures = [
            pool.submit(_run, program, bench, sandbox, folder, stop)
            for program, sandbox, folder in zip(planned, bench.sandboxes, collected, strict=True)
        ]
        for future in as_completed(futures):
            if future.exception() is not None:
                stop.set()
                broken = broken or future
                continue
            ended.append(future.result())
            if not _well(ended[-1]):
                stop.set()
    if broken is not None:
        broken.result()  # raises what went wrong with the sandbox, now that no program runs any more
    return tuple(ended)


def _well(run: ProgramRun) -> bool:
    return run.outcome.ending is Ending.EXITED and run.outcome.exit_code == 0


def _run(program: Planned, bench: Bench, sandbox: Sandbox, collect_into: Path, cancel: Event) -> ProgramRun:
    kept: dict[Stream, HeadAndTail] = {
        "stdout": HeadAndTail(bench.limits.log_bytes),
        "stderr": HeadAndTail(bench.limits.log_bytes),
    }

    def log(stream: Stream, chunk: bytes) -> None:
        kept[stream].write(chunk)
        bench.listener(program.role, stream, chunk)

    command = Command(
        argv=program.argv,
        working_directory=WORKING_DIRECTORY,
        root=_root(bench.runtime),
        mounts=program.mounts,
        limits=bench.limits,
        environment=_threads(bench.limits),
        look=bench.look if program.role is Role.PROGRAM else None,
        network=bench.network,
    )
    outcome = sandbox.run(command, collect_into=collect_into, log=log, cancel=cancel)
    return ProgramRun(program.role, program.argv, outcome, kept["stdout"].text(), kept["stderr"].text())


def _root(runtime: AnyRuntime) -> Root:
    return Root(runtime.binds, runtime.path, runtime.environment, runtime.image)


def _threads(limits: Limits) -> dict[str, str]:
    """Numeric libraries start a thread per processor of the machine unless told how many they may use."""
    threads = str(max(1, math.ceil(limits.cpus)))
    return dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
