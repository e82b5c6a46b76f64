"""Material of others that tests read beside the repository and that is never copied into it."""

from __future__ import annotations

from pathlib import Path

import pytest

_BUNDLES = Path(__file__).parents[2] / "shared" / "data" / "bundles"


def shared_bundle(name: str) -> Path:
    """The path of a real bundle or submission; the test is skipped where it is missing."""
    path = _BUNDLES / name
    if not path.is_file():
        pytest.skip(f"{name} is not in ../shared/data/bundles")
    return path
