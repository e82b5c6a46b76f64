"""The bubblewrap back end: one command at a time in namespaces, control groups and a filter of system calls."""

from __future__ import annotations

import hashlib
import os
import platform
import signal
from collections.abc import Mapping
from contextlib import ExitStack
from math import ceil
from pathlib import Path
from threading import Event

from podium.rules.errors import SandboxUnavailable
from podium.sandbox.bubblewrap.network import network_here
from podium.sandbox.bubblewrap.requirements import find_bwrap
from podium.sandbox.bubblewrap.spawner import Spawner, spawner
from podium.sandbox.certificates import certificates
from podium.sandbox.cgroups import GroupLimits, Groups
from podium.sandbox.collect import Caps, Collection, collect
from podium.sandbox.environment import environment_of
from podium.sandbox.hierarchy import find_hierarchy
from podium.sandbox.interface import Command, Ending, Limits, LogSink, Outcome
from podium.sandbox.keeper.order import Bind, Kind, Order
from podium.sandbox.memory import memory_of_descendants
from podium.sandbox.namespaces import advice_on
from podium.sandbox.rlimits import rlimits
from podium.sandbox.slot_users import reserve_user
from podium.sandbox.supervision import Ended, Supervision, Watch

_FILTERS = Path(__file__).parents[1] / "filters"
_OWN_PROCESSES = 6
"""At most so many of bwrap and of what connects a network are among those of a run."""
_KILLED = 128 + signal.SIGKILL
_WITHOUT_GROUPS = {
    "memory": "The memory of all processes is added up every 50 ms, without what none of them has mapped",
    "processors": "A program that asks for other processors gets them",
}


class BubblewrapSandbox:
    """Runs the commands of one slot of a worker under bubblewrap.

    `slot` counts from 0 and is unique among those that share `work_folder`, which tells workers of one machine apart.
    What a killed worker left behind for this slot is removed here.

    Raises:
        SandboxUnavailable: bubblewrap or namespaces are missing; the message ends with the line to type.
    """

    name = "bubblewrap"

    def __init__(self, slot: int, work_folder: Path) -> None:
        self._bwrap = find_bwrap()
        self._network, self.no_network = network_here(os.environ)
        self._filter = _filter_of_this_machine()
        self._slot = slot
        self._user = reserve_user() if os.geteuid() == 0 else None
        prefix = group_prefix(work_folder, slot)
        self._group_name = f"{prefix}{os.getpid()}"
        self._hierarchy = find_hierarchy(self._group_name)
        if self._hierarchy is not None:
            self._hierarchy.remove_leftovers(prefix)
        # After the worker found its place among the control groups: its children are born where it is.
        self._spawner = spawner()

    @property
    def user(self) -> int | None:
        """The user of the slot's programs, which nobody else on this machine has; None where it is the worker's own."""
        return None if self._user is None else self._user.uid

    @property
    def counts_in_kernel(self) -> bool:
        """Whether control groups hold the limits of memory and processors; else they are estimated by looking."""
        return self._hierarchy is not None

    @property
    def approximations(self) -> Mapping[str, str]:
        """See `podium.sandbox.interface.Sandbox.approximations`."""
        return {} if self.counts_in_kernel else _WITHOUT_GROUPS

    def run(self, command: Command, *, collect_into: Path, log: LogSink, cancel: Event) -> Outcome:
        """See `podium.sandbox.interface.Sandbox.run`."""
        if not command.can_be_run:
            return Outcome(Ending.NOT_FOUND, None, 0.0)
        if command.network and self._network is None:
            raise SandboxUnavailable(self.no_network)
        if not self._spawner.alive:
            self._spawner = spawner()
        for mount in command.mounts:
            if mount.shared:
                limits = command.limits
                self._spawner.share(mount.source, limits.output_bytes, limits.output_entries)
        with ExitStack() as stack:
            groups = self._make_groups(command.limits)
            if groups is not None:
                stack.callback(groups.remove)
            order = self._order(command, groups)
            watch = self._watch(command, groups, cancel)
            return self._run(order, command.limits, groups, collect_into, log, watch)

    def _make_groups(self, limits: Limits) -> Groups | None:
        if self._hierarchy is None:
            return None
        wanted = GroupLimits(limits.memory_bytes, limits.cpus, limits.processes + _OWN_PROCESSES)
        try:
            return self._hierarchy.make(self._group_name, wanted)
        except OSError as error:
            raise SandboxUnavailable(f"The control groups of the run cannot be made: {error}.") from error

    def _order(self, command: Command, groups: Groups | None) -> Order:
        limits = command.limits
        binds, symlinks = _binds(command)
        shares_output = any(mount.shared and mount.target == command.output for mount in command.mounts)
        return Order(
            bwrap=self._bwrap.path,
            argv=tuple(command.argv),
            environment=environment_of(command),
            working_directory=command.working_directory,
            binds=binds,
            symlinks=symlinks,
            output=None if shares_output else command.output,
            output_bytes=limits.output_bytes,
            output_entries=limits.output_entries,
            temporary_bytes=limits.temporary_bytes,
            shared_memory_bytes=limits.shared_memory_bytes,
            cgroup_entrances=() if groups is None else groups.entrances,
            # The control group counts the processes of this run alone, also where containers hide others of the user.
            rlimits=rlimits(limits, limits.processes + _OWN_PROCESSES if groups is None else None),
            seccomp=str(self._filter),
            processors=() if groups is not None else self._some_processors(limits.cpus),
            slot_uid=self.user,
            disable_userns=self._bwrap.disables_userns,
            network=self._network if command.network else None,
        )

    def _some_processors(self, cpus: float) -> tuple[int, ...]:
        """As many as the limit says, others for other slots; a program can leave them, if it wants to."""
        available = sorted(os.sched_getaffinity(0))
        wanted = min(ceil(cpus), len(available))
        first = os.getpid() + self._slot * wanted
        return tuple(available[(first + number) % len(available)] for number in range(wanted))

    @staticmethod
    def _watch(command: Command, groups: Groups | None, cancel: Event) -> Watch:
        limits = command.limits

        def out_of_memory(runner: int) -> bool:
            if groups is not None:
                return groups.out_of_memory()
            return memory_of_descendants(runner) > limits.memory_bytes

        return Watch(limits.wall_s, limits.log_bytes, cancel, out_of_memory, _is_full, command.look)

    def _run(
        self, order: Order, limits: Limits, groups: Groups | None, collect_into: Path, log: LogSink, watch: Watch
    ) -> Outcome:
        with ExitStack() as stack:
            ended = _supervise(self._spawner, order, log, watch, stack)
            ending = _verdict(ended, groups, order, log)
            collection = _collection(ended, collect_into, limits)
            peak = groups.memory_peak_bytes() if groups is not None else None
            return Outcome(
                ending=ending,
                exit_code=_own_exit_code(ended, ending),
                elapsed_s=ended.elapsed_s,
                cpu_s=ended.cpu_s,
                memory_peak_bytes=peak or ended.largest_process_bytes,
                collected=tuple(collection.collected),
                refused=tuple(collection.refusals()),
            )


def group_prefix(work_folder: Path, slot: int) -> str:
    """How the names of a slot's control groups begin; the process id follows. Workers in containers may see the same
    groups, the same folder and the same process ids, and only differ in what these ids are those of."""
    worker = f"{work_folder.resolve()} {Path('/proc/self/ns/pid').readlink()}"
    return f"podium-{hashlib.sha256(worker.encode()).hexdigest()[:8]}-{slot}-"


def _supervise(keeper: Spawner, order: Order, log: LogSink, watch: Watch, stack: ExitStack) -> Ended:
    out_read, out_write = os.pipe()
    err_read, err_write = os.pipe()
    for descriptor in (out_read, err_read):
        stack.callback(os.close, descriptor)
    try:
        channel = stack.enter_context(keeper.start(order, out_write, err_write))
    finally:
        os.close(out_write)
        os.close(err_write)
    supervision = Supervision(channel, {out_read: "stdout", err_read: "stderr"}, log, watch)
    ended = supervision.until_all_is_dead()
    if ended.output is not None:
        stack.callback(os.close, ended.output)
    if ended.exit_code is not None or ended.killed is not None:
        supervision.program_spoke()
    return ended


def _verdict(ended: Ended, groups: Groups | None, order: Order, log: LogSink) -> Ending:
    """Why the run ended. The kernel's counter outweighs an exit code: a parent may outlive its killed children."""
    if ended.killed is not None and ended.killed is not Ending.OUTPUT_LIMIT:
        return ended.killed
    if groups is not None and groups.out_of_memory():
        return Ending.MEMORY_LIMIT
    if ended.output is not None and _is_full(ended.output):
        return Ending.OUTPUT_LIMIT
    if ended.killed is not None:
        return ended.killed
    if ended.exit_code is not None:
        return Ending.EXITED
    if ended.complaint.startswith(("execvp", "cannot be started")):
        reason = ended.complaint.rpartition(": ")[2]
        log("stderr", f"{order.argv[0]}: {reason}\n".encode("utf-8", "replace"))
        return Ending.NOT_FOUND
    message = f"bubblewrap could not isolate the program: {ended.complaint.rstrip('.') or 'it gave no reason'}."
    raise SandboxUnavailable(message, advice_on(ended.complaint))


def _own_exit_code(ended: Ended, ending: Ending) -> int | None:
    """The exit code of a program that ended by itself. Which of the two kills it for its memory, the kernel or the
    watch, is chance: neither is an end of its own."""
    if ended.killed is not None or (ending is Ending.MEMORY_LIMIT and ended.exit_code == _KILLED):
        return None
    return ended.exit_code


def _collection(ended: Ended, collect_into: Path, limits: Limits) -> Collection:
    if ended.output is None:
        return Collection()
    return collect(ended.output, collect_into, Caps(limits.output_bytes, limits.output_entries))


def _is_full(folder: int) -> bool:
    """Whether the file system of the output has no room for another page or file: something was not written."""
    facts = os.fstatvfs(folder)
    return facts.f_bfree == 0 or facts.f_ffree == 0


def _binds(command: Command) -> tuple[tuple[Bind, ...], tuple[tuple[str, str], ...]]:
    """The binds of a command, and the symbolic links that stand for its root's links into other binds (/bin, /lib)."""
    shown = {target for _, target in command.root.binds}
    symlinks, binds = [], []
    for source, target in command.root.binds:
        leads_to = str(source.resolve())
        if (
            source.is_symlink()
            and leads_to != target
            and any(
                leads_to == whole or leads_to.startswith(f"{whole}/")
                for whole in shown
                if Path(whole).resolve() == Path(whole)
            )
        ):
            symlinks.append((target, leads_to))
        else:
            binds.append(Bind(leads_to, target, "read"))
    for mount in command.mounts:
        kind: Kind = "shared" if mount.shared else "copy" if mount.copied else "read"
        growth = command.limits.program_growth_bytes if mount.copied else 0
        binds.append(Bind(str(mount.source.resolve()), mount.target, kind, growth))
    if command.network:
        taken = {bind.target for bind in binds}
        binds += [Bind(folder, folder, "read") for folder in certificates() if folder not in taken]
    return tuple(binds), tuple(symlinks)


def _filter_of_this_machine() -> Path:
    found = _FILTERS / f"{platform.machine()}.bpf"
    if not found.is_file():
        message = f"There is no filter of system calls for this kind of machine ({platform.machine()})."
        raise SandboxUnavailable(message, "Run the worker on x86_64 or aarch64.")
    return found
