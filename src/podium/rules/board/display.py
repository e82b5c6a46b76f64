"""How a value of a board is written for people and in the contract's JSON."""

from __future__ import annotations

MISSING = "\N{EN DASH}"


def shown(value: float, precision: int) -> str:
    """What the contract's JSON holds: the value rounded to `precision` decimals, as Python writes it ("0.9", "1.0")."""
    return str(round(float(value), precision))


def aligned(value: float | None, precision: int) -> str:
    """The value with exactly `precision` decimals ("1.00"), so that the points of a column stand in a line, and an en
    dash for a missing one: what every table for people shows, on pages and in terminals."""
    return MISSING if value is None else f"{float(value):.{precision}f}"
