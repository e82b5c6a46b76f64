"""How much memory the processes of a run hold, where no control group keeps count: an estimate, taken now and then."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


def memory_of_descendants(pid: int, proc: Path = Path("/proc")) -> int:
    """The bytes held by the descendants of a process, memory shared by several counted once where the kernel tells."""
    return sum(_memory(proc / str(child)) for child in descendants(pid, proc))


def descendants(pid: int, proc: Path = Path("/proc")) -> list[int]:
    """The process ids below this one, as far as they can be read."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        inner = _children(proc / str(waiting.pop()))
        found += inner
        waiting += inner
    return found


def _children(folder: Path) -> list[int]:
    found: list[int] = []
    try:
        for thread in (folder / "task").iterdir():
            found += [int(pid) for pid in (thread / "children").read_text(encoding="ascii").split()]
    except OSError:
        # It ended while we looked.
        return found
    return found


def _memory(folder: Path) -> int:
    try:
        for line in (folder / "smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return int((folder / "statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
