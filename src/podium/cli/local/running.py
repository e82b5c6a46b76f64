"""Run submissions of a bundle phase by phase on this machine and rank them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypeVar

from podium.blobs.archives import MemberSource
from podium.cli.local.board import PhaseBoards, make_boards
from podium.cli.local.choose import PhasePlan
from podium.cli.local.keep import Keeping
from podium.cli.local.material import Material
from podium.cli.local.phase import PhaseRunner, Progress
from podium.rules.bundle import BundleReading
from podium.rules.bundle.spec import CompetitionSpec
from podium.runtimes import AnyRuntime, ImageRules, ensure
from podium.sandbox.backends import DEFAULT, open_sandbox
from podium.sandbox.interface import Sandbox
from podium.worker.execute.runtime_choice import runtime_for

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class RunOptions:
    """How to run: `sandbox` is the name of a back end, `runtime` takes the place of the one that the image stands for,
    `keep` is a folder for copies of what programs were given and what they left.
    """

    sandbox: str = DEFAULT
    runtime: str | None = None
    keep: Path | None = None


def run_plans(
    source: MemberSource,
    reading: BundleReading,
    plans: Sequence[PhasePlan],
    options: RunOptions,
    progress: Progress,
    cancel: Event,
) -> list[PhaseBoards]:
    """The boards of each plan, everything run in one runtime.

    Raises:
        BundleError: the bundle has errors.
        UserError: there is no such sandbox, the runtime cannot be had, a file is of a server, or the folder to keep
            things in cannot be used.
        SandboxUnavailable: programs cannot be isolated here.
        Interrupted: `cancel` was set while a program ran.
    """
    spec = reading.require()
    with tempfile.TemporaryDirectory(prefix="podium-run-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        keeping = Keeping(options.keep, plans) if options.keep is not None else None
        sandboxes = (open_sandbox(options.sandbox, 0, work), open_sandbox(options.sandbox, 1, work))
        runtime = ensure(options.runtime, progress) if options.runtime else _runtime_of(spec, sandboxes[0], progress)
        phases = []
        with Material(source, reading, work / "material") as material:
            runner = PhaseRunner(spec, material, runtime, sandboxes, work, progress, cancel, keeping)
            for plan in plans:
                if len(plans) > 1:
                    progress(f"Phase {plan.phase.name}")
                names = [name for name, _ in plan.tasks.values()]
                phases.append(make_boards(spec, plan.phase, names, runner.run(plan)))
        return phases


def _runtime_of(spec: CompetitionSpec, sandbox: Sandbox, progress: Progress) -> AnyRuntime:
    return runtime_for(spec.docker_image, ImageRules.from_environment(os.environ), sandbox, progress)


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
