"""What one look at a part of the site found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["in order", "attention", "failed"]


@dataclass(frozen=True)
class Check:
    """A part of the site and how it is. `advice` says what to do where it is not in order; only `failed` counts as a
    failure."""

    part: str
    state: State
    detail: str
    advice: str = ""
