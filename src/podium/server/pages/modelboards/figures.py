"""How scores and names are written on pages of model boards."""

from __future__ import annotations

from collections.abc import Callable, Iterable

_DIGITS = 4
_MOST_DECIMALS = 6


def in_words(name: str) -> str:
    """The name of a task type for people."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:].replace(" qa", " Q&A")


def number(value: float) -> str:
    """A score with four significant digits, or more where they stand before the point."""
    text = f"{value:.{_DIGITS}g}"
    return f"{value:,.0f}" if "e" in text and abs(value) >= 1 and abs(value) < 1e15 else text


def written_alike(values: Iterable[float]) -> Callable[[float], str]:
    """How to write the numbers of a column, so that their points stand below each other: all with as many decimals as
    the longest of them needs, or each by itself where that would need too many.

    >>> alike = written_alike([0.955, 0.9475, 0.93])
    >>> alike(0.93)
    '0.9300'
    """
    texts = [number(value) for value in values]
    if any("e" in text or "," in text for text in texts):
        return number
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    return number if decimals > _MOST_DECIMALS else lambda value: f"{value:.{decimals}f}"
