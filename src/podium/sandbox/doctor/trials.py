"""What a trial is, and what its end says about the sandbox.

The program of a trial is hostile on purpose and harmless all the same: where nothing holds it, it stops by itself after
a few seconds, a few hundred files or 200 MB. It prints ESCAPED and what it reached as soon as it got further than it
may, and TRIED when there is nothing left to try. A word that it prints convicts the sandbox, not the way it ended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from podium.rules.errors import SandboxUnavailable
from podium.sandbox.doctor.bait import Bait
from podium.sandbox.interface import Ending, LimitKind, Limits, Outcome

MEBIBYTE = 1 << 20

TIGHT = Limits(
    wall_s=10.0,
    memory_bytes=96 * MEBIBYTE,
    cpus=1.0,
    processes=24,
    output_bytes=4 * MEBIBYTE,
    output_entries=100,
    temporary_bytes=4 * MEBIBYTE,
    shared_memory_bytes=4 * MEBIBYTE,
    program_growth_bytes=4 * MEBIBYTE,
    open_files=64,
    log_bytes=64 * 1024,
)
"""The limits that every trial runs under, small enough to be reached in a moment."""

GROUPS_ADVICE = "Let the worker make control groups: run it as root, or as a systemd service with Delegate=yes."
REPORT_ADVICE = "Do not run programs you do not trust on this machine, and report this."

_ESCAPED = "ESCAPED"
_TRIED = "TRIED"
_LONGEST_TELLING = 300


@dataclass(frozen=True)
class Seen:
    """What a trial left: how it ended, what it printed, its output, and what it was lured with."""

    outcome: Outcome
    printed: bytes
    collected: Path
    bait: Bait


def nothing_more(seen: Seen) -> str:
    """The evidence of trials whose program tells all that there is to tell."""
    del seen
    return ""


@dataclass(frozen=True)
class Trial:
    """A limit and the program that tries to pass it.

    `tried` completes "It tried to ...". `stopped_by` are the ends that show that the limit was noticed; any other end
    but the program's own is a trial that failed. `evidence` looks for what only the outside can see, and names it.
    With `network` the program has one.
    """

    limit: str
    kind: LimitKind
    program: str
    tried: str
    stopped_by: frozenset[Ending] = frozenset()
    evidence: Callable[[Seen], str] = nothing_more
    limits: Limits = TIGHT
    advice: str = REPORT_ADVICE
    network: bool = False

    def problem(self, seen: Seen) -> str:
        """What got through; empty where the limit held.

        Raises:
            SandboxUnavailable: the program came to no end that says anything.
        """
        said = seen.printed.decode("utf-8", "replace")
        reached = [line.removeprefix(_ESCAPED).strip() for line in said.splitlines() if line.startswith(_ESCAPED)]
        found = ", ".join(reached) or self.evidence(seen)
        if found:
            return found[:_LONGEST_TELLING]
        outcome = seen.outcome
        if outcome.ending in self.stopped_by or (outcome.ending is Ending.EXITED and _TRIED in said):
            return ""
        how = f"with exit code {outcome.exit_code}" if outcome.ending is Ending.EXITED else f"by {outcome.ending}"
        message = f"The program that tries the limit of {self.limit} ended {how} before it could."
        raise SandboxUnavailable(message, f"It said: {said[-_LONGEST_TELLING:].strip() or 'nothing'}")
