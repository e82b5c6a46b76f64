"""How scores and names are written on pages of model boards."""

from __future__ import annotations

_DIGITS = 4


def in_words(name: str) -> str:
    """The name of a task type for people."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:].replace(" qa", " Q&A")


def number(value: float) -> str:
    """A score with four significant digits, or more where they stand before the point."""
    text = f"{value:.{_DIGITS}g}"
    return f"{value:,.0f}" if "e" in text and abs(value) >= 1 and abs(value) < 1e15 else text
