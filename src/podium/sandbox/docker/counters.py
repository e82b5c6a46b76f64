"""The kernel's counters for a container whose processes are on this machine.

An engine may say nothing of memory that ran out (podman), and none says what was used. The groups are gone with the
container, so they are looked at while it lives, and waited on for the one event that must not be missed.
"""

from __future__ import annotations

import os
import select
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

from podium.sandbox.hierarchy import below, mount_v2, mounts_v1, own_groups

_NANOSECOND = 1e-9
_MICROSECOND = 1e-6


class Counters(Protocol):
    """What is known of a container's use of the machine."""

    out_of_memory: Event
    memory_peak_bytes: int | None
    cpu_s: float | None

    def look(self) -> None:
        """Read what changes all the time."""
        ...

    def close(self) -> None:
        """Let go of the groups."""
        ...


class NoCounters:
    """Of a container on another machine."""

    def __init__(self) -> None:
        self.out_of_memory = Event()
        self.memory_peak_bytes: int | None = None
        self.cpu_s: float | None = None

    def look(self) -> None:
        """See `Counters.look`."""

    def close(self) -> None:
        """See `Counters.close`."""


class CountersV1(NoCounters):
    """Control groups of version 1."""

    def __init__(self, memory: Path, cpu: Path) -> None:
        super().__init__()
        self._memory, self._cpu = memory, cpu
        self._woken = os.eventfd(0, os.EFD_CLOEXEC)
        control = os.open(memory / "memory.oom_control", os.O_RDONLY | os.O_CLOEXEC)
        try:
            (memory / "cgroup.event_control").write_text(f"{self._woken} {control}", encoding="ascii")
        except OSError:
            os.close(self._woken)
            raise
        finally:
            os.close(control)
        Thread(target=self._await_event, name="out-of-memory", daemon=True).start()

    def _await_event(self) -> None:
        """The kernel tells of the event before it kills anything, and of the end of the group, when its files are gone
        already."""
        control = self._memory / "memory.oom_control"
        try:
            if _counter(control.read_text(encoding="ascii"), "oom_kill") == 0:
                os.eventfd_read(self._woken)
                control.read_text(encoding="ascii")
            self.out_of_memory.set()
        except OSError:
            return
        finally:
            os.close(self._woken)

    def look(self) -> None:
        """See `Counters.look`."""
        with suppress(OSError, ValueError):
            self.memory_peak_bytes = int((self._memory / "memory.max_usage_in_bytes").read_text(encoding="ascii"))
            self.cpu_s = int((self._cpu / "cpuacct.usage").read_text(encoding="ascii")) * _NANOSECOND


class CountersV2(NoCounters):
    """Control groups of version 2."""

    def __init__(self, group: Path) -> None:
        super().__init__()
        self._group = group
        self._events = os.open(group / "memory.events", os.O_RDONLY | os.O_CLOEXEC)
        self._closed = Event()
        Thread(target=self._await_event, name="out-of-memory", daemon=True).start()

    def _await_event(self) -> None:
        poller = select.poll()
        poller.register(self._events, select.POLLPRI)
        try:
            while not self._closed.is_set():
                if _counter(os.pread(self._events, 4096, 0).decode("ascii"), "oom_kill") > 0:
                    self.out_of_memory.set()
                    return
                poller.poll(200)
        except OSError:
            return
        finally:
            os.close(self._events)

    def look(self) -> None:
        """See `Counters.look`."""
        with suppress(OSError, ValueError):
            self.memory_peak_bytes = int((self._group / "memory.peak").read_text(encoding="ascii"))
        with suppress(OSError, ValueError):
            usage = (self._group / "cpu.stat").read_text(encoding="ascii")
            self.cpu_s = _counter(usage, "usage_usec") * _MICROSECOND

    def close(self) -> None:
        """See `Counters.close`."""
        self._closed.set()


def counters_of(pid: int, container: str, proc: Path = Path("/proc")) -> Counters:
    """The counters of the container whose first process this is; none where it is not on this machine, or not in a
    group of that container any more (whose id is in the group's name)."""
    try:
        groups = own_groups((proc / str(pid) / "cgroup").read_text(encoding="utf-8", errors="replace"))
        mounts = (proc / "self/mountinfo").read_text(encoding="utf-8", errors="replace")
        version_1 = mounts_v1(mounts)
        if "memory" in version_1 and "cpuacct" in version_1 and container in groups["memory"]:
            memory = below(groups["memory"], *version_1["memory"])
            return CountersV1(memory, below(groups["cpuacct"], *version_1["cpuacct"]))
        version_2 = mount_v2(mounts)
        if version_2 is not None and container in groups[""]:
            return CountersV2(below(groups[""], *version_2))
    except (OSError, KeyError):
        pass
    return NoCounters()


def _counter(text: str, name: str) -> int:
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} ")), 0)
