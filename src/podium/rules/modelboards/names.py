"""Names of datasets and models, and the addresses made of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

MOST_LETTERS = 200
RESERVED = frozenset({"api", "compare", "index", "list", "log", "matrix", "model", "models", "new", "submit", "task"})
"""Words that name pages of their own below /leaderboard/, which no dataset may take."""

_MOST_SLUG_LETTERS = 80
_PARTED = re.compile(r"[^a-z0-9]+")


def clean_name(text: str) -> str:
    """A name without space around it and with single spaces inside, in Unicode's composed form."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_name(text: str) -> bool:
    """Whether a cleaned text can name a dataset or a model: 1 to 200 letters, all of them visible."""
    return 0 < len(text) <= MOST_LETTERS and text.isprintable()


def slug_of(name: str) -> str:
    """A name as an address, whether it is free or not."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _PARTED.sub("-", letters).strip("-")[:_MOST_SLUG_LETTERS].strip("-") or "dataset"


def free_slug(name: str, taken: Container[str]) -> str:
    """An address for a dataset: lower-case letters, digits and hyphens, at most 80, neither taken nor reserved.

    >>> free_slug("Financial Phrasebank - Classification Accuracy", set())
    'financial-phrasebank-classification-accuracy'
    >>> free_slug("Matrix", {"matrix-2"})
    'matrix-3'
    """
    slug = slug_of(name)
    wanted, number = slug, 1
    while wanted in RESERVED or wanted in taken:
        number += 1
        ending = f"-{number}"
        wanted = f"{slug[: _MOST_SLUG_LETTERS - len(ending)]}{ending}"
    return wanted
