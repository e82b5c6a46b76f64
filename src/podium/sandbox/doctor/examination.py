"""Run the trials in a sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from threading import Event

from podium.rules.errors import SandboxUnavailable
from podium.sandbox.doctor.bait import Bait, laid_out
from podium.sandbox.doctor.network import NETWORK_OF_QUEUES
from podium.sandbox.doctor.table import TRIALS
from podium.sandbox.doctor.trials import GROUPS_ADVICE, Seen, Trial
from podium.sandbox.doctor.verdict import UNISOLATED
from podium.sandbox.interface import Command, Ending, LimitKind, LimitReport, Mount, Sandbox, Stream
from podium.sandbox.interpreter import interpreter, interpreter_root
from podium.sandbox.temporary import temporary_folder

_MOST_PRINTED_BYTES = 32 << 20

_ISOLATE = "Nothing is isolated without a sandbox. Choose one: PODIUM_SANDBOX=bubblewrap or docker."
_ENGINE = (
    "Give the worker an engine on its own machine that enforces limits: Docker, or podman that runs as root or has "
    "control groups of version 2."
)
_ADVICE: Mapping[tuple[str, LimitKind], str] = {
    ("none", "isolation"): _ISOLATE,
    ("none", "resource"): _ISOLATE,
    ("docker", "resource"): _ENGINE,
}
"""What to do with a back end, where that is not what a trial says."""


def examine(
    sandbox: Sandbox, trials: Sequence[Trial] = TRIALS, *, cancel: Event | None = None
) -> Iterator[LimitReport]:
    """Try each limit with the interpreter that runs Podium, and say how it is held; end early when cancelled.

    A limit that holds, but only because somebody looks now and then, is reported as approximate.

    Raises:
        SandboxUnavailable: nothing can be run at all, or a trial came to no verdict.
    """
    stop = cancel or Event()
    try:
        with laid_out(everywhere=any(trial.network for trial in trials)) as bait:
            for trial in trials:
                report = _try(sandbox, trial, bait, stop)
                if report is None:
                    return
                yield report
    except OSError as error:
        raise SandboxUnavailable(f"The limits cannot be tried: {error}.") from error


def _try(sandbox: Sandbox, trial: Trial, bait: Bait, cancel: Event) -> LimitReport | None:
    """The report of one trial; None where it was cancelled."""
    printed = bytearray()

    def keep(stream: Stream, chunk: bytes) -> None:
        del stream
        if len(printed) < _MOST_PRINTED_BYTES:
            printed.extend(chunk)

    with temporary_folder("podium-doctor-output-") as folder:
        command = Command(
            argv=(interpreter(), "-I", "-S", "-c", trial.program, json.dumps(bait.for_program())),
            working_directory="/tmp",  # noqa: S108 - inside the sandbox
            root=interpreter_root(),
            mounts=(Mount(bait.program, "/app/program", copied=True), Mount(bait.data, "/app/input_data")),
            limits=trial.limits,
            network=trial.network,
        )
        outcome = sandbox.run(command, collect_into=folder, log=keep, cancel=cancel)
        if outcome.ending is Ending.CANCELLED:
            return None
        problem = trial.problem(Seen(outcome, bytes(printed), folder, bait))
    if problem:
        advice = trial.advice if trial.network else _ADVICE.get((sandbox.name, trial.kind), trial.advice)
        return LimitReport(trial.limit, "not enforced", f"Got through: {problem}.", advice, trial.kind)
    how = sandbox.approximations.get(trial.limit)
    if how is not None:
        advice = _ADVICE.get((sandbox.name, trial.kind), GROUPS_ADVICE)
        return LimitReport(trial.limit, "approximate", f"{how}.", advice, trial.kind)
    return LimitReport(trial.limit, "enforced", f"Tried to {trial.tried}.", "", trial.kind)


def examine_network(sandbox: Sandbox, *, cancel: Event | None = None) -> tuple[tuple[LimitReport, ...], str]:
    """Try the network that runs of some queues have, and why runs with one cannot be done here: empty where they can.

    Where there is none it is not tried, nor where nothing keeps any program from it.
    """
    if sandbox.no_network or sandbox.name == UNISOLATED:
        return (), sandbox.no_network
    try:
        report = tuple(examine(sandbox, (NETWORK_OF_QUEUES,), cancel=cancel))
    except SandboxUnavailable as error:
        return (), f"Programs get no network. {error}"
    open_ways = [f"{line.detail} {line.advice}" for line in report if line.enforcement == "not enforced"]
    return report, " ".join(open_ways)
