"""The workers of the site, as they were last heard of."""

from __future__ import annotations

from collections.abc import Iterator

from podium.launch.checks.check import Check
from podium.server.jobs.crew import all_workers


def check_workers() -> Iterator[Check]:
    """Whether somebody takes runs, and who refuses to."""
    crew = all_workers()
    alive = [worker for worker in crew if worker.is_alive and not worker.refusal]
    refusing = [worker for worker in crew if worker.refusal]
    for worker in refusing:
        yield Check("workers", "failed", f"{worker.name} takes no runs: {worker.refusal}", "See to it on its machine.")
    silent = [worker.name for worker in crew if not worker.is_alive and not worker.refusal]
    slots = sum(worker.slots for worker in alive)
    if alive:
        quiet = f" Not heard of lately: {', '.join(silent)}." if silent else ""
        names = ", ".join(worker.name for worker in alive)
        yield Check("workers", "in order", f"{names} with {slots} slot{'' if slots == 1 else 's'} in all.{quiet}")
    elif not refusing:
        yield Check(
            "workers",
            "attention",
            "No worker was heard of in the last minute: runs wait.",
            "Start the site with `podium up`, or a worker with `podium worker`.",
        )
