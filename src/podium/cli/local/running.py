"""Run submissions of a bundle phase by phase on this machine and rank them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypeVar

from podium.blobs.archives import MemberSource
from podium.cli.local.board import Board, make_board
from podium.cli.local.choose import Entrant
from podium.cli.local.material import Material
from podium.cli.local.phase import PhaseRunner, Progress
from podium.rules.bundle import BundleReading
from podium.rules.bundle.spec import PhaseSpec, TaskSpec
from podium.runtimes import ImageRules, ensure
from podium.sandbox.bubblewrap import BubblewrapSandbox

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class PhasePlan:
    """What to run in one phase: its tasks by index, each with its name, and the submissions in their order."""

    phase: PhaseSpec
    tasks: Mapping[int, tuple[str, TaskSpec]]
    entrants: Sequence[Entrant]


def run_plans(
    source: MemberSource, reading: BundleReading, plans: Sequence[PhasePlan], progress: Progress, cancel: Event
) -> list[Board]:
    """The board of each plan, everything run in the runtime that stands in for the bundle's image.

    Raises:
        BundleError: the bundle has errors.
        UserError: the runtime cannot be had, or a file is of a server.
        Interrupted: `cancel` was set while a program ran.
    """
    spec = reading.require()
    choice = ImageRules.from_environment(os.environ).choose(spec.docker_image)
    if choice.note is not None:
        progress(f"note: {choice.note}")
    with tempfile.TemporaryDirectory(prefix="podium-run-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        slot = _free_slot()
        sandboxes = (BubblewrapSandbox(slot, work), BubblewrapSandbox(slot + 1, work))
        runtime = ensure(choice.runtime, progress)
        boards = []
        with Material(source, reading, work / "material") as material:
            runner = PhaseRunner(material, runtime, sandboxes, work, progress, cancel)
            for plan in plans:
                if len(plans) > 1:
                    progress(f"Phase {plan.phase.name}")
                results = [
                    runner.run(plan.phase, plan.tasks, entrant, number)
                    for number, entrant in enumerate(plan.entrants, start=1)
                ]
                boards.append(make_board(spec, plan.phase, [name for name, _ in plan.tasks.values()], results))
        return boards


def stoppable(work: Callable[[Event], _Result]) -> _Result:
    """Do the work in a thread, so that Ctrl-C reaches us while a program runs and can be passed on in order."""
    cancel = Event()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="run") as pool:
        done = pool.submit(work, cancel)
        try:
            return done.result()
        except KeyboardInterrupt:
            cancel.set()
            raise


def _free_slot() -> int:
    """A slot beyond those of workers, and another one for most other commands that run at the same time."""
    return 500 + 2 * (os.getpid() % 1000)
