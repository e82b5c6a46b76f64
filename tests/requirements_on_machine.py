"""What a test needs of the machine: without it the test is skipped with a reason, or fails where nothing may be."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

EVERYTHING_IS_REQUIRED = os.environ.get("PODIUM_TEST_REQUIRE") == "all"
"""Set where a machine was prepared for the whole suite, so that a missing tool is a mistake and no reason to skip."""


def require(present: bool, reason: str) -> None:
    """Go on where `present`; otherwise skip the test, or fail it under PODIUM_TEST_REQUIRE=all."""
    if present:
        return
    if EVERYTHING_IS_REQUIRED:
        pytest.fail(f"{reason} (PODIUM_TEST_REQUIRE=all)", pytrace=False)
    pytest.skip(reason)


def require_program(name: str, package: str) -> Path:
    """The path of a program of Debian's `package`."""
    found = shutil.which(name)
    require(found is not None, f"{name} is missing: apt install {package}")
    return Path(str(found))
