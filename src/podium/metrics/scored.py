"""The outcome of a scoring: totals, intervals, comparisons and tables, all from what was kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from podium.metrics.bases import Basis, Items
from podium.metrics.kept import Kept
from podium.metrics.reading.items import Predictions, References
from podium.metrics.task_type import Metric, TaskType
from podium.stats.arrays import Floats
from podium.stats.detectable import detectable_by_error, detectable_difference
from podium.stats.proportions import LEVEL
from podium.stats.ranks import Estimates, estimates_of_declared, estimates_of_items, joined, pair_errors, rank_spread
from podium.stats.results import Difference, Interval, Spread
from podium.stats.seeds import seed_of

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Numbers by class, entity type or language; the first column names the row."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """A result of which somebody only said the score, and the standard error if there was an interval."""

    score: float | None
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often each label (row) was taken for each (column)."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Scorer(Protocol):
    """The code of a task type that looks at text once, and the functions of what it kept."""

    def keep(self, references: References, predictions: Predictions) -> Kept:
        """Numbers per item."""

    def bases(self, kept: Kept) -> Mapping[str, Basis]:
        """What each metric rests on, by its name; a metric may be missing where predictions lack what it needs."""

    def tables(self, kept: Kept) -> Sequence[ScoreTable]:
        """Tables beside the totals, but not those by language, which every task type has."""

    def confusion(self, kept: Kept) -> Confusion | None:
        """The confusion matrix of tasks that have one."""

    def item_scores(self, kept: Kept) -> Mapping[str, Floats]:
        """What a browser of items shows of each: numbers by name, NaN where an item has none."""


@dataclass(frozen=True)
class Scored:
    """A model's scores on a dataset."""

    task: TaskType
    scorer: Scorer
    kept: Kept

    @property
    def count(self) -> int:
        """How many items."""
        return self.kept.count

    @cached_property
    def bases(self) -> Mapping[str, Basis]:
        """What each metric rests on."""
        return self.scorer.bases(self.kept)

    @cached_property
    def totals(self) -> dict[str, float | None]:
        """The score of every metric in the task type's order; None where it is not defined for these predictions."""
        found = {name: basis.estimate() for name, basis in self.bases.items()}
        return {metric.name: found.get(metric.name) for metric in self.task.metrics}

    @cached_property
    def tables(self) -> tuple[ScoreTable, ...]:
        """Per class or entity type, and per language where references name languages."""
        by_language = self._by_language()
        return (*self.scorer.tables(self.kept), *([by_language] if by_language else []))

    @cached_property
    def confusion(self) -> Confusion | None:
        """The confusion matrix, if the task has one."""
        return self.scorer.confusion(self.kept)

    @cached_property
    def per_item(self) -> Mapping[str, Floats]:
        """Scores of each item by name, in the order of the references."""
        return self.scorer.item_scores(self.kept)

    def interval(self, metric: str, *, dataset: str, submission: str, level: float = LEVEL) -> Interval | None:
        """The interval of a metric's total; None where there is none to be had. The same names give the same interval.

        Raises:
            UserError: there is no such metric.
        """
        of = self.task.metric(metric)
        basis = self.bases.get(metric)
        if basis is None:
            return None
        found = basis.interval(seed_of(dataset, metric, submission), self.kept.clusters, level)
        return None if found is None else found.clipped(of.low, of.high)

    def intervals(self, *, dataset: str, submission: str, level: float = LEVEL) -> dict[str, Interval | None]:
        """The interval of every metric."""
        return {
            metric.name: self.interval(metric.name, dataset=dataset, submission=submission, level=level)
            for metric in self.task.metrics
        }

    def to_bytes(self) -> bytes:
        """What has to be stored to have all of this again by `TaskType.restore`."""
        return self.kept.to_bytes()

    def _by_language(self) -> ScoreTable | None:
        if self.kept.languages is None:
            return None
        names: list[str] = []
        rows: list[tuple[Cell, ...]] = []
        for number, language in enumerate(self.kept.language_names):
            part, chosen = self.kept.of_language(number)
            bases = self.scorer.bases(part)
            names = list(bases)
            rows.append((language, len(chosen), *(basis.estimate() for basis in bases.values())))
        return ScoreTable("language", ("language", "items", *names), tuple(rows))


def scored_of(task: TaskType, kept: Kept) -> Scored:
    """Scores from what was kept.

    Raises:
        ValueError: it was kept of another task type.
    """
    if kept.task_type != task.slug:
        raise ValueError(f"scores of {kept.task_type}, not of {task.slug}")
    return Scored(task, task.load_scorer(), kept)


def compare(
    first: Scored,
    second: Scored,
    metric: str,
    *,
    dataset: str,
    submissions: tuple[str, str],
    level: float = LEVEL,
) -> Difference | None:
    """First minus second, paired by item; None where either has no such score or too few items.

    Raises:
        ValueError: the two were scored on different items.
        UserError: there is no such metric.
    """
    _same_items([first, second])
    first.task.metric(metric)
    ours, theirs = first.bases.get(metric), second.bases.get(metric)
    if ours is None or theirs is None or ours.estimate() is None or theirs.estimate() is None:
        return None
    return ours.difference(theirs, seed_of(dataset, metric, *submissions), first.kept.clusters, level)


def spread(
    models: Sequence[Scored],
    metric: Metric,
    *,
    dataset: str,
    submissions: Sequence[str],
    declared: Sequence[Declared] = (),
    level: float = LEVEL,
) -> Spread:
    """Which ranks the data allow: first of models that were scored, then of results that were declared.

    Declared ones are compared as if they came from other items; without a standard error they have a rank and no
    spread. Lower-is-better metrics are turned round first.

    Raises:
        ValueError: different items, fewer than two of them, or a model without this metric.
    """
    sign = 1.0 if metric.direction == "desc" else -1.0
    of = estimates_of_declared(
        [None if each.score is None else sign * each.score for each in declared],
        [each.standard_error for each in declared],
    )
    if models:
        of = joined(_estimates(models, metric, sign), of)
    right = np.stack([values_of(model, metric.name) for model in models]) if _right_or_wrong(models, metric) else None
    return rank_spread(of, seed=seed_of(dataset, metric.name, *submissions), level=level, right=right)


def detectable(models: Sequence[Scored], metric: Metric, *, level: float = LEVEL) -> float | None:
    """The smallest true difference that these items show in four of five tries, in the metric's own unit.

    It is that of the median pair of models. Of a single model on right-or-wrong items, another is supposed that differs
    on one item in eight; of any other single model nothing can be said.

    Raises:
        ValueError: different items, fewer than two of them, or a model without this metric.
    """
    errors = pair_errors(_estimates(models, metric, 1.0)) if len(models) > 1 else np.zeros(0)
    told = errors[errors > 0]
    if len(told):
        return detectable_by_error(float(np.median(told)), level=level)
    basis = models[0].bases.get(metric.name)
    plain = isinstance(basis, Items) and basis.binary and models[0].kept.clusters is None
    return detectable_difference(models[0].count, level=level) if plain else None


def _estimates(models: Sequence[Scored], metric: Metric, sign: float) -> Estimates:
    _same_items(models)
    rows = np.stack([values_of(model, metric.name) for model in models])
    return estimates_of_items(sign * rows, models[0].kept.clusters)


def _right_or_wrong(models: Sequence[Scored], metric: Metric) -> bool:
    """Whether McNemar's test speaks of pairs of these models."""
    bases = [model.bases.get(metric.name) for model in models]
    return (
        bool(models)
        and models[0].kept.clusters is None
        and all(isinstance(basis, Items) and basis.binary for basis in bases)
    )


def values_of(model: Scored, metric: str) -> Floats:
    """A number per item whose mean is the total and whose error is the total's, for ranks and plots.

    Raises:
        ValueError: the model has no such score.
    """
    basis = model.bases.get(metric)
    if basis is None or basis.estimate() is None:
        raise ValueError(f"no {metric} here")
    return basis.values()


def _same_items(models: Sequence[Scored]) -> None:
    if len({(model.task.slug, model.kept.items) for model in models}) != 1:
        raise ValueError("models were scored on different items")
