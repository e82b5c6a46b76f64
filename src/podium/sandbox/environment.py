"""The environment variables of a program: the same under every back end."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from podium.sandbox.interface import Command

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def environment_of(command: Command) -> Mapping[str, str]:
    """All variables the program finds set; nothing of the worker's own. PATH is left out where the root names none."""
    threads = str(max(1, ceil(command.limits.cpus)))
    path = {"PATH": ":".join(command.root.path)} if command.root.path else {}
    return {
        **path,
        "HOME": "/tmp",  # noqa: S108 - inside the sandbox
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        **dict.fromkeys(_THREAD_VARIABLES, threads),
        **command.root.environment,
        **command.environment,
    }
