"""What a report means for whoever would run programs."""

from __future__ import annotations

from collections.abc import Sequence

from podium.rules.errors import SandboxUnavailable
from podium.sandbox.interface import LimitReport, Sandbox

UNISOLATED = "none"
"""The back end that isolates nothing, and can be had only by a setting that says so in words."""


def require_isolation(sandbox: Sandbox, report: Sequence[LimitReport]) -> None:
    """Return where programs stay inside; also for the back end that was never meant to keep them there.

    Raises:
        SandboxUnavailable: they do not; the message says by which way they leave.
    """
    ways = [line for line in report if line.kind == "isolation" and line.enforcement == "not enforced"]
    if not ways or sandbox.name == UNISOLATED:
        return
    found = " ".join(f"{line.limit}: not enforced. {line.detail}" for line in ways)
    message = f"The back end {sandbox.name} does not isolate programs on this machine. {found}"
    raise SandboxUnavailable(message, "`podium doctor` says more.")
