"""The process that computes: reads its order, stays within its limits, and leaves its outcome."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from podium.rules.errors import UserError
from podium.server.computing.files import MEMORY_EXIT, ORDER, OUTCOME

_PARENT_DIED = 1
"""PR_SET_PDEATHSIG."""
Doing = Callable[[Mapping[str, Any], Path], dict[str, Any]]


def carry_out(folder: Path, parent: int, doing: Callable[[str], Doing]) -> int:
    """Do what is ordered, as `doing` names it by its kind. Returns the exit code."""
    order = json.loads((folder / ORDER).read_bytes())
    _die_with(parent)
    _limit(order["limits"])
    try:
        outcome = outcome_of(order, folder, doing)
    except MemoryError:
        return MEMORY_EXIT
    # Only whole: whoever looks finds it complete or not at all.
    written = folder / f"{OUTCOME}.new"
    written.write_text(json.dumps(outcome, allow_nan=False), encoding="utf-8")
    written.replace(folder / OUTCOME)
    return 0


def outcome_of(order: Mapping[str, Any], folder: Path, doing: Callable[[str], Doing]) -> dict[str, Any]:
    """What comes of an order, or what is wrong with it; files go to the folder."""
    try:
        return doing(order["kind"])(order, folder)
    except UserError as error:
        return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}


def _die_with(parent: int) -> None:
    """Nobody would read the outcome once whoever ordered it is gone."""
    ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def _limit(limits: Mapping[str, int]) -> None:
    memory, seconds = limits["memory_bytes"], limits["cpu_s"]
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file_bytes"], limits["file_bytes"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
