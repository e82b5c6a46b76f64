"""Control groups of version 1 and 2: one set per run, made before it, removed after it.

The kernel's own counters say whether memory ran out: an exit code of 137 may mean anything, and a parent whose children
were killed for want of memory may well exit with 0.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Protocol

_PERIOD_US = 100_000
_REMOVAL_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class GroupLimits:
    """What all processes of one run may use together."""

    memory_bytes: int
    cpus: float
    processes: int


class Groups(Protocol):
    """The control groups of one run."""

    @property
    def entrances(self) -> tuple[str, ...]:
        """The files that take in a process with a single thread when it writes 0 into them."""
        ...

    def out_of_memory(self) -> bool:
        """Whether the kernel killed a process of the run because the memory limit was reached."""
        ...

    def memory_peak_bytes(self) -> int | None:
        """The most memory the run ever held, where the kernel keeps count."""
        ...

    def remove(self) -> None:
        """Remove the groups; whatever still lives in them is waited for."""
        ...


class GroupsV1:
    """Version 1: one folder in each of three hierarchies."""

    def __init__(self, bases: Mapping[str, Path], name: str, limits: GroupLimits) -> None:
        self._paths = {controller: base / name for controller, base in bases.items()}
        try:
            for path in self._paths.values():
                _make(path)
            self._limit(limits)
        except OSError:
            self.remove()
            raise

    def _limit(self, limits: GroupLimits) -> None:
        memory = self._paths["memory"]
        _write(memory / "memory.limit_in_bytes", limits.memory_bytes)
        if (memory / "memory.memsw.limit_in_bytes").exists():
            _write(memory / "memory.memsw.limit_in_bytes", limits.memory_bytes)
        else:
            _write(memory / "memory.swappiness", 0)
        _write(self._paths["pids"] / "pids.max", limits.processes)
        _write(self._paths["cpu"] / "cpu.cfs_period_us", _PERIOD_US)
        _write(self._paths["cpu"] / "cpu.cfs_quota_us", int(limits.cpus * _PERIOD_US))

    @property
    def entrances(self) -> tuple[str, ...]:
        # Not `cgroup.procs`: its writers wait for every processor, four milliseconds per hierarchy.
        return tuple(str(path / "tasks") for path in self._paths.values())

    def out_of_memory(self) -> bool:
        return _counter(self._paths["memory"] / "memory.oom_control", "oom_kill") > 0

    def memory_peak_bytes(self) -> int | None:
        return _number(self._paths["memory"] / "memory.max_usage_in_bytes")

    def remove(self) -> None:
        for path in self._paths.values():
            remove_group(path)


class GroupsV2:
    """Version 2: one folder with all controllers."""

    def __init__(self, base: Path, name: str, limits: GroupLimits) -> None:
        self._path = base / name
        try:
            _make(self._path)
            _write(self._path / "memory.max", limits.memory_bytes)
            if (self._path / "memory.swap.max").exists():
                _write(self._path / "memory.swap.max", 0)
            _write(self._path / "memory.oom.group", 1)
            _write(self._path / "pids.max", limits.processes)
            if (self._path / "cpu.max").exists():
                (self._path / "cpu.max").write_text(f"{int(limits.cpus * _PERIOD_US)} {_PERIOD_US}", encoding="ascii")
        except OSError:
            self.remove()
            raise

    @property
    def entrances(self) -> tuple[str, ...]:
        return (str(self._path / "cgroup.procs"),)

    def out_of_memory(self) -> bool:
        return _counter(self._path / "memory.events", "oom_kill") > 0

    def memory_peak_bytes(self) -> int | None:
        return _number(self._path / "memory.peak")

    def remove(self) -> None:
        remove_group(self._path)


def remove_group(path: Path) -> None:
    """Remove one control group and what a killed worker left in it; a group that is not there is no error."""
    deadline = monotonic() + _REMOVAL_TIMEOUT_S
    while path.exists():
        with suppress(OSError):
            path.rmdir()
            return
        if monotonic() > deadline:
            return
        for pid in _members(path):
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
        sleep(0.002)


def _make(path: Path) -> None:
    """Make an empty group; one of that name can only be left from a dead worker that had the same process id."""
    remove_group(path)
    path.mkdir()


def _members(path: Path) -> list[int]:
    try:
        return [int(pid) for pid in (path / "cgroup.procs").read_text(encoding="ascii").split()]
    except OSError:
        return []


def _write(path: Path, value: int) -> None:
    path.write_text(str(value), encoding="ascii")


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _counter(path: Path, name: str) -> int:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(value) for key, _, value in (line.partition(" ") for line in lines) if key == name), 0)
