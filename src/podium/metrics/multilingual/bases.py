"""Totals over languages: their mean, and the worst of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from podium.metrics.bases import Basis, linear_difference, linear_interval
from podium.stats.arrays import Floats, Ints
from podium.stats.results import Difference, Interval


@dataclass(frozen=True)
class Language:
    """One metric in one language, which of all items are in it, and their clusters."""

    basis: Basis
    items: Ints
    clusters: Ints | None


@dataclass(frozen=True)
class LanguageMean:
    """The mean of a metric over languages, each counting alike; not defined where it is not in one of them."""

    languages: Sequence[Language]
    count: int

    def estimate(self) -> float | None:
        found = [language.basis.estimate() for language in self.languages]
        known = [each for each in found if each is not None]
        return sum(known) / len(found) if found and len(known) == len(found) else None

    def interval(self, seed: int, clusters: Ints | None, level: float) -> Interval | None:
        """From the intervals of languages (Zou and Donner 2008); by items where a cluster has several languages."""
        estimate = self.estimate()
        if estimate is None:
            return None
        parts = _intervals(self.languages, seed, level)
        if parts is None or _shared(self.languages):
            return linear_interval(self, clusters, level)
        below = above = 0.0
        for language, part in zip(self.languages, parts, strict=True):
            middle = language.basis.estimate() or 0.0
            below += (middle - part.low) ** 2
            above += (part.high - middle) ** 2
        many = len(parts)
        low, high = estimate - sqrt(below) / many, estimate + sqrt(above) / many
        return Interval(low, high, level, "mover", sum(part.units for part in parts), parts[0].resamples, seed)

    def values(self) -> Floats:
        mean = self.estimate()
        if mean is None:
            return np.full(self.count, np.nan)
        values = np.full(self.count, mean)
        for language in self.languages:
            _move(values, language, len(self.languages))
        return values

    def difference(self, other: Basis, _seed: int, clusters: Ints | None, level: float) -> Difference | None:
        return linear_difference(self, other, clusters, level)


@dataclass(frozen=True)
class WorstLanguage:
    """A metric in the language where it is worst; `lower_is_better` tells which that is."""

    languages: Sequence[Language]
    count: int
    lower_is_better: bool

    def estimate(self) -> float | None:
        found = [language.basis.estimate() for language in self.languages]
        known = [each for each in found if each is not None]
        if not known or len(known) < len(found):
            return None
        return max(known) if self.lower_is_better else min(known)

    def interval(self, seed: int, _clusters: Ints | None, level: float) -> Interval | None:
        """From the intervals of all languages at once (Bonferroni): which is worst is not known for sure either."""
        if self.estimate() is None:
            return None
        parts = _intervals(self.languages, seed, 1 - (1 - level) / len(self.languages))
        if parts is None:
            return None
        worst = max if self.lower_is_better else min
        low, high = worst(part.low for part in parts), worst(part.high for part in parts)
        return Interval(low, high, level, "bonferroni", sum(part.units for part in parts), parts[0].resamples, seed)

    def values(self) -> Floats:
        worst = self.estimate()
        if worst is None:
            return np.full(self.count, np.nan)
        values = np.full(self.count, worst)
        _move(values, next(each for each in self.languages if each.basis.estimate() == worst), 1)
        return values

    def difference(self, other: Basis, _seed: int, clusters: Ints | None, level: float) -> Difference | None:
        return linear_difference(self, other, clusters, level)


def _intervals(languages: Sequence[Language], seed: int, level: float) -> list[Interval] | None:
    found = [
        language.basis.interval((seed + number) % (1 << 63), language.clusters, level)
        for number, language in enumerate(languages)
    ]
    known = [each for each in found if each is not None]
    return known if len(known) == len(found) else None


def _shared(languages: Sequence[Language]) -> bool:
    """Whether a cluster has items in several languages, such as a text and its translations."""
    seen: set[int] = set()
    for language in languages:
        here = set() if language.clusters is None else set(language.clusters.tolist())
        if seen & here:
            return True
        seen |= here
    return False


def _move(values: Floats, language: Language, many: int) -> None:
    """Let the items of a language move the mean of all items as they move the language's total, over `many`."""
    own = language.basis.values()
    values[language.items] += (own - own.mean()) * (len(values) / (many * len(own)))
