"""What a metric's total rests on, and with it which interval and which test are right for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from podium.stats.arrays import Floats, Ints
from podium.stats.bootstrap import (
    MOST_BLOCKS,
    Population,
    Statistic,
    bootstrap_interval,
    left_out,
    population,
    population_of_kinds,
)
from podium.stats.means import TOO_FEW_TO_RESAMPLE, mean_interval, mean_of
from podium.stats.paired import paired_bootstrap, paired_means
from podium.stats.placements import area_interval
from podium.stats.results import Difference, Interval


class Basis(Protocol):
    """One metric on one model's items."""

    def estimate(self) -> float | None:
        """The total; None where it is not defined, such as the accuracy on answerable questions where none is."""

    def interval(self, seed: int, clusters: Ints | None, level: float, /) -> Interval | None:
        """The interval that is right for it; None where the items do not show how it varies."""

    def values(self) -> Floats:
        """A number per item whose mean is the estimate, and whose error (to first order) is the estimate's."""

    def difference(self, other: Basis, seed: int, clusters: Ints | None, level: float, /) -> Difference | None:
        """Ours minus the other's, paired by item; None where that cannot be known."""


@dataclass(frozen=True)
class Items:
    """The mean of item scores. NaN marks items that do not count.

    `binary`: items are right or wrong. `unit_range`: they lie between 0 and 1.
    """

    scores: Floats
    binary: bool = False
    unit_range: bool = True

    @cached_property
    def _counted(self) -> np.ndarray:
        return ~np.isnan(self.scores)

    def estimate(self) -> float | None:
        return float(self.scores[self._counted].mean()) if self._counted.any() else None

    def interval(self, seed: int, clusters: Ints | None, level: float) -> Interval | None:
        return mean_interval(
            self.scores[self._counted],
            seed=seed,
            clusters=None if clusters is None else clusters[self._counted],
            binary=self.binary,
            unit_range=self.unit_range,
            level=level,
        )

    def values(self) -> Floats:
        if self._counted.all():
            return self.scores
        mean = self.estimate() or 0.0
        scale = len(self.scores) / max(1, int(self._counted.sum()))
        return mean + np.where(self._counted, self.scores - mean, 0) * scale

    def difference(self, other: Basis, _seed: int, clusters: Ints | None, level: float) -> Difference | None:
        if not isinstance(other, Items) or not (np.isnan(other.scores) == ~self._counted).all():
            return linear_difference(self, other, clusters, level)
        chosen = self._counted
        return paired_means(
            self.scores[chosen],
            other.scores[chosen],
            clusters=None if clusters is None else clusters[chosen],
            binary=self.binary,
            level=level,
        )


@dataclass(frozen=True)
class Sums:
    """A function of sums over items: `units` has a row per item, and `statistic` takes sums of rows."""

    units: Floats
    statistic: Statistic

    def estimate(self) -> float | None:
        return float(self.statistic(self.units.sum(axis=0)))

    def interval(self, seed: int, clusters: Ints | None, level: float) -> Interval | None:
        if _few(len(self.units), clusters):
            return linear_interval(self, clusters, level)
        return bootstrap_interval(self.units, self.statistic, seed=seed, clusters=clusters, level=level)

    def values(self) -> Floats:
        return _pseudo_values(self.units, self.statistic)

    def difference(self, other: Basis, seed: int, clusters: Ints | None, level: float) -> Difference | None:
        if not isinstance(other, Sums):
            return linear_difference(self, other, clusters, level)
        ours = self.units.shape[1]
        both = population(np.hstack([self.units, other.units]), seed, clusters)
        return paired_bootstrap(
            both,
            lambda sums: self.statistic(sums[..., :ours]),
            lambda sums: other.statistic(sums[..., ours:]),
            seed=seed,
            level=level,
        )


@dataclass(frozen=True)
class Classes:
    """A function of how often each of `count` classes was right, predicted and there.

    The statistic takes sums of shape (..., 3 `count`): right, then predicted, then gold, each by class.
    """

    gold: Ints
    predicted: Ints
    count: int
    statistic: Statistic

    def estimate(self) -> float | None:
        return float(self.statistic(self._total()))

    def interval(self, seed: int, clusters: Ints | None, level: float) -> Interval | None:
        if _few(len(self.gold), clusters):
            return linear_interval(self, clusters, level)
        of = _population_of_classes([self], seed, clusters)
        return bootstrap_interval(of, self.statistic, seed=seed, level=level)

    def values(self) -> Floats:
        cells, places, counts = np.unique(
            self.gold * self.count + self.predicted, return_inverse=True, return_counts=True
        )
        total = self._total()
        estimate = float(self.statistic(total))
        step = max(1, 1_000_000 // self.count)
        without = []
        for start in range(0, len(cells), step):
            gold, predicted = np.divmod(cells[start : start + step], self.count)
            without.append(left_out(_class_rows(gold, predicted, self.count), self.statistic, total))
        moved = (estimate - np.concatenate(without)) * (len(self.gold) - 1)
        away = moved - np.average(moved, weights=counts)
        return np.asarray(estimate + away[places], dtype=np.float64)

    def difference(self, other: Basis, seed: int, clusters: Ints | None, level: float) -> Difference | None:
        if not isinstance(other, Classes):
            return linear_difference(self, other, clusters, level)
        ours = 3 * self.count
        return paired_bootstrap(
            _population_of_classes([self, other], seed, clusters),
            lambda sums: self.statistic(sums[..., :ours]),
            lambda sums: other.statistic(sums[..., ours:]),
            seed=seed,
            level=level,
        )

    def _total(self) -> Floats:
        total: Floats = self.by_group(np.zeros(len(self.gold), dtype=np.int64), 1)[0]
        return total

    def by_group(self, groups: Ints, count: int) -> Floats:
        """The sums of each of so many groups of items."""
        size = count * self.count
        right = (self.gold == self.predicted).astype(np.float64)
        parts = [
            np.bincount(groups * self.count + self.gold, weights=right, minlength=size),
            np.bincount(groups * self.count + self.predicted, minlength=size),
            np.bincount(groups * self.count + self.gold, minlength=size),
        ]
        by_group = [np.asarray(part, dtype=np.float64).reshape(count, self.count) for part in parts]
        return np.asarray(np.hstack(by_group), dtype=np.float64)


def _population_of_classes(models: list[Classes], seed: int, clusters: Ints | None) -> Population:
    """Items by the answers that all models gave them, or by cluster, or in blocks where there are too many kinds."""
    items = len(models[0].gold)
    if clusters is not None:
        different, groups = np.unique(clusters, return_inverse=True)
        return population(np.hstack([model.by_group(groups, len(different)) for model in models]), seed)
    if len(models) == 1 and models[0].count ** 2 <= items:
        # Counting all cells is quicker than sorting the items.
        cells = np.bincount(models[0].gold * models[0].count + models[0].predicted)
        used = np.flatnonzero(cells)
        if len(used) <= MOST_BLOCKS:
            gold, predicted = np.divmod(used, models[0].count)
            return population_of_kinds(_class_rows(gold, predicted, models[0].count), cells[used])
    code = np.zeros(items, dtype=np.int64)
    for model in models:
        answers = model.gold * model.count + model.predicted
        _, first, code = np.unique(code * model.count**2 + answers, return_index=True, return_inverse=True)
    if len(first) <= MOST_BLOCKS:
        rows = [_class_rows(model.gold[first], model.predicted[first], model.count) for model in models]
        return population_of_kinds(np.hstack(rows), np.bincount(code))
    blocks = np.random.default_rng([seed, 1]).permutation(items) % MOST_BLOCKS
    rows = [model.by_group(blocks, MOST_BLOCKS) for model in models]
    return Population(np.hstack(rows), np.ones(MOST_BLOCKS, dtype=np.int64), items)


def _class_rows(gold: Ints, predicted: Ints, count: int) -> Floats:
    rows = np.zeros((len(gold), 3 * count))
    every = np.arange(len(gold))
    rows[every, gold] = gold == predicted
    rows[every, count + predicted] = 1
    rows[every, 2 * count + gold] = 1
    return rows


@dataclass(frozen=True)
class Area:
    """The area under a ROC curve: `items` are what `podium.stats.placements.area` gives, None where there is none."""

    found: tuple[float, Floats] | None
    count: int

    def estimate(self) -> float | None:
        return None if self.found is None else self.found[0]

    def interval(self, _seed: int, clusters: Ints | None, level: float) -> Interval | None:
        return None if self.found is None else area_interval(*self.found, clusters, level)

    def values(self) -> Floats:
        return np.full(self.count, np.nan) if self.found is None else self.found[1]

    def difference(self, other: Basis, _seed: int, clusters: Ints | None, level: float) -> Difference | None:
        return linear_difference(self, other, clusters, level)


def linear_difference(first: Basis, second: Basis, clusters: Ints | None, level: float) -> Difference | None:
    """The difference of two totals by their values per item, where nothing more exact fits."""
    ours, theirs = first.values(), second.values()
    if np.isnan(ours).any() or np.isnan(theirs).any():
        return None
    return paired_means(ours, theirs, clusters=clusters, level=level)


def linear_interval(basis: Basis, clusters: Ints | None, level: float) -> Interval | None:
    """Student's interval of the values per item; None where they do not vary."""
    values = basis.values()
    mean = None if np.isnan(values).any() else mean_of(values, clusters)
    # Values that are equal but for rounding show nothing of how they vary.
    varied = mean is not None and mean.standard_error > 1e-12 * max(1.0, abs(mean.value))
    return mean.interval(level) if mean is not None and varied else None


def _few(items: int, clusters: Ints | None) -> bool:
    """Whether there are too few units for resamples to differ as new data would."""
    return (items if clusters is None else len(np.unique(clusters))) < TOO_FEW_TO_RESAMPLE


def _pseudo_values(units: Floats, statistic: Statistic) -> Floats:
    """The jackknife's: how the total moves without the item, times n - 1, about the total."""
    total = units.sum(axis=0)
    estimate = float(statistic(total))
    moved = (estimate - left_out(units, statistic, total)) * (len(units) - 1)
    return np.asarray(estimate + moved - moved.mean())
