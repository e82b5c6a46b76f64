"""The files between a job and the process that scores for it, and what both say in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from podium.rules.errors import Problem

KEPT = "kept.npz"
ITEMS = "items.zip"
_LONGEST_TEXT = 4000


def content_of(file: dict[str, str]) -> tuple[bytes, str]:
    """What a file of an order holds, and its name."""
    return Path(file["path"]).read_bytes(), file["name"]


def refused(problems: Sequence[Problem], total: int) -> dict[str, Any]:
    """The outcome where files are wrong."""
    return {"problems": [asdict(problem) for problem in problems], "problem_count": total}


def shortened(value: object) -> object:
    """A value for a browser of items: long texts cut, so that one item cannot fill a page."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_TEXT else f"{value[:_LONGEST_TEXT]}…"
    if isinstance(value, list | tuple):
        return [shortened(each) for each in value[:200]]
    if isinstance(value, dict):
        return {str(key): shortened(each) for key, each in list(value.items())[:200]}
    return value if value is None or isinstance(value, bool | int | float) else str(value)
