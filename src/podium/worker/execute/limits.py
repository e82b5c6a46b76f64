"""From the limits of a run order to those of a sandbox, never beyond what this machine gives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from podium.rules.limits import LIMITS, Amounts, in_words, limits_of_line
from podium.sandbox.interface import Limits

_FIELDS = {
    "memory": "memory_bytes",
    "cpus": "cpus",
    "processes": "processes",
    "output": "output_bytes",
    "output_files": "output_entries",
    "temporary": "temporary_bytes",
    "shared_memory": "shared_memory_bytes",
    "program_folder": "program_growth_bytes",
    "open_files": "open_files",
    "log": "log_bytes",
}
VARIABLE = "PODIUM_WORKER_MAX_LIMITS"


def sandbox_limits(amounts: Amounts, time_limit_s: float) -> Limits:
    """The limits of a command; what `amounts` does not name has its default."""
    named: dict[str, Any] = {}
    for name, field in _FIELDS.items():
        amount = amounts.get(name, LIMITS[name].default)
        named[field] = float(amount) if LIMITS[name].kind == "number" else int(amount)
    return replace(Limits(wall_s=time_limit_s), **named)


def within(amounts: Amounts, maxima: Amounts) -> tuple[dict[str, float], tuple[str, ...]]:
    """The amounts as far as the maxima of this worker allow, and a sentence where they do not."""
    held = {name: min(amount, maxima.get(name, amount)) for name, amount in amounts.items()}
    less = [name for name, amount in amounts.items() if held[name] < amount]
    if not less:
        return held, ()
    return held, (
        f"The worker gives a program at most {in_words(held, less)}, which is less than {in_words(amounts, less)}.",
    )


def own_maxima(environment: Mapping[str, str]) -> dict[str, float]:
    """What this worker gives at most: the memory and the processors of its machine, unless the setting says otherwise.

    Raises:
        UserError: the setting makes no sense.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    machine = {"memory": float(memory), "cpus": float(os.cpu_count() or 1)}
    return machine | limits_of_line(environment.get(VARIABLE, ""))
