"""The back end `none`: one command as a process of the worker's user, with the limits a process can be given."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from math import ceil
from pathlib import Path
from threading import Event

import podium
from podium.rules.errors import InternalError, SandboxUnavailable
from podium.sandbox.collect import Caps, Collection, collect
from podium.sandbox.environment import environment_of
from podium.sandbox.interface import Command, Ending, Limits, LogSink, Outcome
from podium.sandbox.memory import memory_of_descendants
from podium.sandbox.removal import remove_tree
from podium.sandbox.rlimits import rlimits
from podium.sandbox.supervision import Ended, Supervision, Watch
from podium.sandbox.unsandboxed.launcher import Start
from podium.sandbox.unsandboxed.permission import require_permission
from podium.sandbox.unsandboxed.tree import TEMPORARY, Tree, python_variables

_START = "import sys; sys.path.insert(0, sys.argv[1]); from podium.sandbox.unsandboxed.launcher import main; main()"
_LOOKED_AT = "The worker adds it up every 50 ms"
_DEEPEST = 100
_APPROXIMATIONS = {
    "memory": "The memory of all processes is added up every 50 ms, without what none of them has mapped",
    "processors": "A program that asks for other processors gets them",
    "output size": _LOOKED_AT,
    "output files": _LOOKED_AT,
}


class UnsandboxedSandbox:
    """Runs the commands of one slot with nothing around them. See `BubblewrapSandbox` for `slot` and `work_folder`.

    Raises:
        SandboxUnavailable: the administrator has not allowed it in words.
    """

    name = "none"
    no_network = ""
    """Nothing keeps a program from it."""

    def __init__(self, slot: int, work_folder: Path) -> None:
        require_permission(os.environ)
        self._slot = slot
        self._work_folder = work_folder.resolve()
        self._prefix = f"unsandboxed-{slot}-"
        for leftover in self._work_folder.glob(f"{self._prefix}*"):
            remove_tree(leftover)

    @property
    def approximations(self) -> Mapping[str, str]:
        """See `podium.sandbox.interface.Sandbox.approximations`."""
        return _APPROXIMATIONS

    def run(self, command: Command, *, collect_into: Path, log: LogSink, cancel: Event) -> Outcome:
        """See `podium.sandbox.interface.Sandbox.run`; programs are not isolated."""
        if not command.can_be_run:
            return Outcome(Ending.NOT_FOUND, None, 0.0)
        if command.root.image:
            raise SandboxUnavailable(
                "The sandbox `none` knows no images.",
                "Use the sandbox `docker`, or map the image with PODIUM_RUNTIME_MAP.",
            )
        with ExitStack() as stack:
            folder = Path(tempfile.mkdtemp(prefix=self._prefix, dir=self._work_folder))
            stack.callback(remove_tree, folder)
            tree = Tree(folder)
            try:
                output = tree.lay_out(command)
            except OSError as error:
                message = f"What is to be shown to the program is missing: {error.strerror} ({error.filename})."
                raise SandboxUnavailable(message) from error
            private = not any(mount.shared and mount.target == command.output for mount in command.mounts)
            start = self._start(tree, command, output if private else None)
            if start is None:
                log("stderr", f"{command.argv[0]}: there is no such program\n".encode("utf-8", "replace"))
                return Outcome(Ending.NOT_FOUND, None, 0.0)
            return self._run(start, command, folder, collect_into, log, cancel, stack)

    def _start(self, tree: Tree, command: Command, output: Path | None) -> Start | None:
        program = tree.find_program(command.argv[0], command.root, command.working_directory)
        if program is None:
            return None
        variables = {name: tree.translate(value) for name, value in environment_of(command).items()}
        if program.name.startswith("python"):
            programs = tree.folder / "bin"
            programs.mkdir()
            for name in ("python", "python3"):
                (programs / name).symlink_to(program)
            variables["PATH"] = f"{programs}:{variables['PATH']}"
        temporary = tree.real_path(TEMPORARY)
        own = {"HOME": temporary} if "HOME" not in command.environment else {}
        return Start(
            program=str(program),
            argv=tuple(tree.translate(word) for word in command.argv),
            environment={**variables, **own, "TMPDIR": temporary, **python_variables(command.root, program)},
            working_directory=tree.real_path(command.working_directory),
            output=None if output is None else str(output),
            rlimits=rlimits(command.limits, command.limits.processes),
            processors=self._some_processors(command.limits.cpus),
        )

    def _some_processors(self, cpus: float) -> tuple[int, ...]:
        available = sorted(os.sched_getaffinity(0))
        wanted = min(ceil(cpus), len(available))
        first = os.getpid() + self._slot * wanted
        return tuple(available[(first + number) % len(available)] for number in range(wanted))

    def _run(
        self,
        start: Start,
        command: Command,
        folder: Path,
        collect_into: Path,
        log: LogSink,
        cancel: Event,
        stack: ExitStack,
    ) -> Outcome:
        limits = command.limits

        written = [mount.source for mount in command.mounts if mount.shared] + [folder / "tmp"]
        written += [] if start.output is None else [Path(start.output)]

        def is_full() -> bool:
            return any(not fits(place, limits) for place in written)

        def out_of_memory(launcher: int) -> bool:
            return memory_of_descendants(launcher) > limits.memory_bytes

        watch = Watch(limits.wall_s, limits.log_bytes, cancel, out_of_memory, lambda _: is_full(), command.look)
        ended = _supervise(start, log, watch, stack)
        collection = Collection()
        if ended.output is not None:
            collection = collect(ended.output, collect_into, Caps(limits.output_bytes, limits.output_entries))
        ending = ended.killed or (Ending.EXITED if ended.exit_code is not None else Ending.NOT_FOUND)
        if ending is Ending.EXITED and is_full():
            ending = Ending.OUTPUT_LIMIT
        return Outcome(
            ending=ending,
            exit_code=ended.exit_code if ended.killed is None else None,
            elapsed_s=ended.elapsed_s,
            cpu_s=ended.cpu_s,
            memory_peak_bytes=ended.largest_process_bytes,
            collected=tuple(collection.collected),
            refused=tuple(collection.refusals()),
        )


def _supervise(start: Start, log: LogSink, watch: Watch, stack: ExitStack) -> Ended:
    ours, theirs = socket.socketpair()
    out_read, out_write = os.pipe()
    err_read, err_write = os.pipe()
    stack.enter_context(ours)
    for descriptor in (out_read, err_read):
        stack.callback(os.close, descriptor)
    packages = str(Path(podium.__file__).parents[1])
    words = [sys.executable, "-I", "-S", "-c", _START, packages, start.encode(), str(theirs.fileno())]
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            words,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=out_write,
            stderr=err_write,
            cwd="/",
            env={},
            start_new_session=True,
        )
    except OSError as error:
        raise InternalError(f"The program could not be started: {error}.") from error
    finally:
        theirs.close()
        os.close(out_write)
        os.close(err_write)
    stack.callback(process.wait)
    supervision = Supervision(ours, {out_read: "stdout", err_read: "stderr"}, log, watch)
    ended = supervision.until_all_is_dead()
    # Nobody but the program prints anything here.
    supervision.program_spoke()
    if ended.output is not None:
        stack.callback(os.close, ended.output)
    return ended


def fits(folder: Path, limits: Limits) -> bool:
    """Whether what is in a folder is within the limits of an output; what vanishes meanwhile does not count. Folders
    nested deeper than any output may be do not fit."""
    size_bytes = entries = 0
    waiting = [(folder, 0)]
    while waiting:
        here, depth = waiting.pop()
        if depth > _DEEPEST:
            return False
        with suppress(OSError), os.scandir(here) as found:
            for entry in found:
                entries += 1
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((here / entry.name, depth + 1))
                else:
                    with suppress(OSError):
                        size_bytes += entry.stat(follow_symlinks=False).st_blocks * 512
        if entries > limits.output_entries or size_bytes > limits.output_bytes:
            return False
    return True
