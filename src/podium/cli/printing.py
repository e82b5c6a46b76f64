"""Text of others for a terminal: bundles, programs and servers say what they like, and a terminal obeys."""

from __future__ import annotations

import json
from typing import Any


def printable(text: str) -> str:
    """Text on one line, without what would steer the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\t" else " " for letter in text)


def json_text(content: Any, *, indent: int | None = None) -> str:
    """JSON as people can read it; what would steer the terminal is written as an escape, which JSON reads as itself.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(content, indent=indent, ensure_ascii=False, allow_nan=False)
    return "".join(letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1] for letter in text)
