"""Answers about pictures, judged by ten people's (Antol et al. 2015)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

ENOUGH = 3
"""So many people with the same answer make it fully right."""
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {word: str(number) for number, word in enumerate(_WORDS)} | {"none": "0"}
_ARTICLES = frozenset({"a", "an", "the"})
_APOSTROPHES = str.maketrans("", "", "'’`")
_COMMA_IN_NUMBER = re.compile(r"(?<=\d),(?=\d)")
_PERIOD_OUTSIDE_NUMBER = re.compile(r"(?<!\d)\.|\.(?!\d)")
_PUNCTUATION = re.compile(r"[;/\[\]\"{}()=+\\_\-<>@,?!:]")


def normalized(text: str) -> str:
    """Lower case, digits for small numbers, no articles, no punctuation but the points of numbers.

    Apostrophes go, so that "dont" and "don't" are one word; the authors' script has a list for that.
    """
    plain = _COMMA_IN_NUMBER.sub("", text.lower().translate(_APOSTROPHES))
    plain = _PUNCTUATION.sub(" ", _PERIOD_OUTSIDE_NUMBER.sub("", plain))
    words = (_NUMBERS.get(word, word) for word in plain.split())
    return " ".join(word for word in words if word not in _ARTICLES)


def soft_accuracy(predicted: str, answers: Sequence[str]) -> float:
    """The mean, leaving out each person in turn, of how many others gave this answer: a third each, at most 1.

    With a single answer it is 1 or 0.
    """
    ours = normalized(predicted)
    counts = Counter(map(normalized, answers))
    same, people = counts[ours], len(answers)
    if people == 1:
        return float(same)
    without_one = min(1.0, (same - 1) / ENOUGH) if same else 0.0
    with_all = min(1.0, same / ENOUGH)
    return (same * without_one + (people - same) * with_all) / people
