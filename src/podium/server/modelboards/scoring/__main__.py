"""What the process that scores is asked to do."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from podium.server.computing.inside import Doing, carry_out

_OBJECTS_BETWEEN_COLLECTIONS = 1_000_000
"""Files of many rows make many small objects, none of them in cycles: looking through them as often as usual takes a
third of all the time."""


def doing(kind: str) -> Doing:
    """What does orders of this kind."""
    if kind == "references":
        from podium.server.modelboards.scoring.references import check_references

        return check_references
    if kind in {"predictions", "check"}:
        from podium.server.modelboards.scoring.predictions import score_predictions

        return score_predictions
    from podium.server.modelboards.scoring.boards import compare_models, compute_statistics

    return {"statistics": compute_statistics, "comparison": compare_models}[kind]


if __name__ == "__main__":
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    sys.exit(carry_out(Path(sys.argv[1]), int(sys.argv[2]), doing))
