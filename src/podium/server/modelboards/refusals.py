"""What is said where something is not there."""

from __future__ import annotations

from podium.rules.errors import NotFound


def dataset_not_found() -> NotFound:
    """In the contract's words."""
    return NotFound("dataset-not-found", "Dataset not found.")
