"""What the process is asked to do."""

from __future__ import annotations

import sys
from pathlib import Path

from podium.server.computing.inside import Doing, carry_out


def doing(kind: str) -> Doing:
    """What does orders of this kind."""
    from podium.server.certainty.items.boards import compare_entries
    from podium.server.certainty.items.columns import keep_items

    return {"items": keep_items, "board": compare_entries}[kind]


if __name__ == "__main__":
    sys.exit(carry_out(Path(sys.argv[1]), int(sys.argv[2]), doing))
