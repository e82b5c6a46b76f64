"""The ladder (Blum and Hardt 2015, arXiv 1502.04585): a board that cannot be climbed by guessing.

Its parameter-free form. A submission counts only if its loss is below the best so far by more than chance
explains; else the board repeats the best. What it shows is rounded to a multiple of 1/n, so that many submissions
learn little.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from podium.stats.arrays import Floats


@dataclass(frozen=True, slots=True)
class Rung:
    """The best of one participant so far: its loss as shown, and the losses of the items behind it."""

    shown: float
    losses: Floats


@dataclass(frozen=True, slots=True)
class Step:
    """What a submission led to. `needed` is the loss it had to stay below; None for the first."""

    accepted: bool
    rung: Rung
    needed: float | None


def climb(best: Rung | None, losses: Floats) -> Step:
    """What to show after a submission with these item losses (lower is better, NaN never).

    Raises:
        ValueError: no items, or not the items of the best so far.
    """
    items = len(losses)
    if not items or (best is not None and len(best.losses) != items):
        raise ValueError("losses of other items")
    loss = float(losses.mean())
    here = Rung(round(loss * items) / items, losses)
    if best is None:
        return Step(True, here, None)
    spread = float((losses - best.losses).std(ddof=1)) if items > 1 else 0.0
    needed = best.shown - spread / sqrt(items)
    return Step(True, here, needed) if loss < needed else Step(False, best, needed)
