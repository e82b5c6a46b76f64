"""The limits that the kernel holds for each process apart."""

from __future__ import annotations

import resource
from math import ceil

from podium.sandbox.interface import Limits

_CPU_GRACE_S = 5
_PAGE = 4096


def rlimits(limits: Limits, more_processes: int = 0) -> tuple[tuple[int, int], ...]:
    """Pairs of a limit of `setrlimit` and its value; `more_processes` are those of the back end itself."""
    sizes = (limits.output_bytes, limits.temporary_bytes, limits.shared_memory_bytes, limits.program_growth_bytes)
    # Above what the file systems hold: running full is an error, where passing this limit is a deadly signal.
    largest = max(sizes) + 2 * _PAGE
    cpu_s = ceil(limits.wall_s * max(1.0, limits.cpus)) + _CPU_GRACE_S
    return (
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, largest),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_NPROC, limits.processes + more_processes),
    )
