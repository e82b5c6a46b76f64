"""Names and values as people write them: how they are shown in a message, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def closest(text: str, names: Iterable[str]) -> str | None:
    """The name most like `text`, letter case aside; None where none is."""
    by_lower = {name.lower(): name for name in names}
    found = get_close_matches(text.lower()[:100], by_lower, n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None


def did_you_mean(text: str, names: Iterable[str]) -> str:
    """The hint that names what is most like `text`; empty where nothing is."""
    name = closest(text, names)
    return f'Did you mean "{name}"?' if name else ""


def short(text: str) -> str:
    """A text for a message, cut where it is long."""
    return text if len(text) <= 60 else text[:57] + "..."
