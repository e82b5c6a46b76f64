"""Answers as SQuAD compares them: without case, punctuation and articles (Rajpurkar et al. 2016, 2018).

The rules are those of the version 2.0 script. Under them an answer of articles alone is no answer, and no answer is
right where none is expected: "a" against "the" is an exact match with F1 1 (in version 1.1, F1 0).
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b", re.UNICODE)
_ARTICLE_WORDS = frozenset({"a", "an", "the"})


def words(text: str) -> list[str]:
    """The words that count."""
    plain = text.lower().translate(_NO_PUNCTUATION)
    if plain.isascii() and plain.isprintable():
        return [word for word in plain.split() if word not in _ARTICLE_WORDS]
    return _ARTICLES.sub(" ", plain).split()


def normalized(text: str) -> str:
    """The words that count, as one text."""
    return " ".join(words(text))


def token_f1(predicted: Sequence[str], right: Sequence[str]) -> float:
    """The F1 of words, each counted as often as it occurs; 1 where neither side has any."""
    if predicted == right:
        return 1.0
    if not predicted or not right:
        return 0.0
    left = Counter(right)
    common = 0
    for word in predicted:
        if left.get(word, 0) > 0:
            left[word] -= 1
            common += 1
    return 2 * common / (len(predicted) + len(right))


def best(predicted: str, answers: Sequence[str]) -> tuple[bool, float]:
    """Whether the answer matches one of the right ones exactly, and the largest F1 with any.

    Right answers without a word that counts are left out; if none remains, no answer is the right one.
    """
    ours = words(predicted)
    sides = [side for side in map(words, answers) if side] or [[]]
    if ours in sides:
        return True, 1.0
    return False, max(token_f1(ours, side) for side in sides)
