"""The files between a job and the process that computes for it."""

from __future__ import annotations

import math

ORDER = "order.json"
OUTCOME = "outcome.json"
MEMORY_EXIT = 71


def finite(value: float | None) -> float | None:
    """A number that JSON has, else None."""
    return float(value) if value is not None and math.isfinite(value) else None
