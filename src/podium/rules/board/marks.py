"""What organizers may decide about a single entry of a board, whatever its scores are."""

from __future__ import annotations

from enum import StrEnum


class Mark(StrEnum):
    """A decision about an entry, which is not ranked then. On a board that fills itself the submission rule chooses as
    if it were not there; where people choose, what they chose stays chosen."""

    BASELINE = "baseline"
    """Shown where its scores put it, for comparison, and counted for no rank."""
    HIDDEN = "hidden"
    """Shown to organizers only; its owner learns on the submission's page that it is hidden, and why."""
