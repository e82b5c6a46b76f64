"""The limits that the kernel holds for each process apart."""

from __future__ import annotations

import resource
from math import ceil

from podium.sandbox.interface import Limits

_CPU_GRACE_S = 5
_PAGE = 4096


def rlimits(limits: Limits, processes: int | None) -> tuple[tuple[int, int], ...]:
    """Pairs of a limit of `setrlimit` and its value. `processes` is how many the user may have, wherever they are; None
    where something else counts those of the run."""
    sizes = (limits.output_bytes, limits.temporary_bytes, limits.shared_memory_bytes, limits.program_growth_bytes)
    # Above what the file systems hold: running full is an error, where passing this limit is a deadly signal.
    largest = max(sizes) + 2 * _PAGE
    cpu_s = ceil(limits.wall_s * max(1.0, limits.cpus)) + _CPU_GRACE_S
    counted = () if processes is None else ((resource.RLIMIT_NPROC, processes),)
    return (
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, largest),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu_s),
        *counted,
    )
