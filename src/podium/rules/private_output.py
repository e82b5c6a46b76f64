"""What a scoring program writes for the organizers only: everything below the folder `private` of its output."""

from __future__ import annotations

FOLDER = "private"


def is_private(name: str) -> bool:
    """Whether a file or folder of the output, named by its path in it, is for the organizers only."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in {"", "."}]
    return bool(parts) and parts[0].casefold() == FOLDER
