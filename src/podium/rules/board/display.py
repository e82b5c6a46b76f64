"""How a value of a board is written for people and in the contract's JSON."""

from __future__ import annotations

MISSING = "n/a"


def shown(value: float | None, precision: int) -> str:
    """The value rounded to `precision` decimals as Python writes it ("0.93", "1.0"), and "n/a" for a missing one."""
    if value is None:
        return MISSING
    return str(round(float(value), precision))


def aligned(value: float | None, precision: int) -> str:
    """The same number with exactly `precision` decimals ("1.00"), so that the points of a column stand in a line."""
    return MISSING if value is None else f"{float(value):.{precision}f}"
