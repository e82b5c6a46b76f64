"""Which ranks of several models the data allow, for all of them at once.

A model is surely better than another where their difference is more standard errors than `critical`, a bound that the
largest of all pairwise |t| keeps with the level's probability if all models are equal. Best rank: one more than there
are surely better models. Worst rank: as many models as are not surely worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podium.stats.arrays import Floats, Ints
from podium.stats.paired import McNemar
from podium.stats.proportions import LEVEL
from podium.stats.results import Place, Spread

DRAWS = 10_000
_FLOATS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Estimates:
    """Scores of models (higher is better), their covariance, and the units behind it.

    A score may be NaN (no place at all), and so may the variance of one (a rank, but no spread). `units` of None says
    that the errors are taken as known, as those of declared intervals are.
    """

    scores: Floats
    covariance: Floats
    units: int | None


def estimates_of_items(items: Floats, clusters: Ints | None = None) -> Estimates:
    """From item scores, one row per model and one column per item, higher being better.

    Raises:
        ValueError: fewer than two items or clusters.
    """
    count = items.shape[1]
    scores = items.mean(axis=1)
    away = items - scores[:, None]
    units = count
    if clusters is not None:
        present = np.bincount(clusters) > 0
        units = int(present.sum())
        away = np.stack([np.bincount(clusters, weights=row) for row in away])[:, present]
    if units < 2:
        raise ValueError(f"{units} units have no variance")
    return Estimates(scores, away @ away.T * (units / (units - 1) / count**2), units)


def estimates_of_declared(scores: Sequence[float | None], errors: Sequence[float | None]) -> Estimates:
    """From scores and standard errors that were declared; nothing is known of the items, so all are independent."""
    known = [np.nan if error is None else error**2 for error in errors]
    values = [np.nan if score is None else score for score in scores]
    return Estimates(np.array(values, dtype=np.float64), np.diag(np.array(known, dtype=np.float64)), None)


def joined(first: Estimates, second: Estimates) -> Estimates:
    """Scored and declared rows of one board together; between the two, nothing is paired."""
    middle = np.zeros((len(first.scores), len(second.scores)))
    units = [part.units for part in (first, second) if part.units is not None]
    return Estimates(
        np.concatenate([first.scores, second.scores]),
        np.block([[first.covariance, middle], [middle.T, second.covariance]]),
        min(units) if units else None,
    )


def rank_spread(
    of: Estimates, *, seed: int, level: float = LEVEL, draws: int = DRAWS, right: Floats | None = None
) -> Spread:
    """The place of each model, with bounds on its rank that hold for all models at once at the level.

    `right` says of the first models which items they have right (0 or 1, one row per model), where that is their score.
    Then nobody is surely better whom McNemar's exact test does not tell apart: of few items |t| promises more than they
    hold, and a board would say of one pair two things.
    """
    ranks = shared_ranks(of.scores)
    known = np.flatnonzero(np.isfinite(of.scores) & np.isfinite(np.diag(of.covariance)))
    if len(known) < 2:
        lone = [Place(rank, None, None, None, None) for rank in ranks]
        return Spread(tuple(lone), tuple(frozenset() for _ in ranks), (), level, None, 0, seed)
    scores, covariance = of.scores[known], of.covariance[np.ix_(known, known)]
    rng = np.random.default_rng([seed, 2])
    noise = _noise(covariance, of.units, draws, rng)
    critical = _critical(noise, _pair_errors(covariance), level)
    better = _surely_better(scores, covariance, critical, of.units, level)
    if right is not None:
        better &= _told_apart(right, known, better, level)
    top_1, top_3 = _top(scores + noise, rng)
    places = [Place(rank, None, None, None, None) for rank in ranks]
    names: list[frozenset[int]] = [frozenset() for _ in ranks]
    for row, model in enumerate(known):
        best, worst = 1 + int(better[:, row].sum()), len(known) - int(better[row].sum())
        places[model] = Place(ranks[model], best, worst, float(top_1[row]), float(top_3[row]))
        names[model] = frozenset(int(known[other]) for other in np.flatnonzero(better[row]))
    groups = tuple(tuple(int(known[row]) for row in group) for group in _groups(scores, better))
    return Spread(tuple(places), tuple(names), groups, level, critical, draws, seed)


def shared_ranks(scores: Floats) -> list[int | None]:
    """Ranks by falling score, equal scores sharing one (1, 2, 2, 4); None for NaN."""
    return [None if np.isnan(score) else 1 + int((scores > score).sum()) for score in scores]


def pair_errors(of: Estimates) -> Floats:
    """The standard error of each difference between two of the models whose errors are known."""
    known = np.isfinite(np.diag(of.covariance))
    errors = _pair_errors(of.covariance[np.ix_(known, known)])
    return errors[np.triu_indices(len(errors), 1)]


def _noise(covariance: Floats, units: int | None, draws: int, rng: np.random.Generator) -> Floats:
    """Errors of the scores as they might have been: multivariate normal, or Student's where units are few."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    noise = rng.standard_normal((draws, len(covariance))) @ root.T
    if units is not None:
        noise /= np.sqrt(rng.chisquare(units - 1, size=(draws, 1)) / (units - 1))
    return np.asarray(noise, dtype=np.float64)


def _pair_errors(covariance: Floats) -> Floats:
    variance = np.diag(covariance)
    squares = variance[:, None] + variance[None, :] - 2 * covariance
    # Rounding leaves a trace where two models answer alike; it is no error to divide by.
    squares[squares < 1e-12 * (variance[:, None] + variance[None, :])] = 0
    return np.sqrt(squares)


def _critical(noise: Floats, errors: Floats, level: float) -> float | None:
    upper, lower = np.triu_indices(len(errors), 1)
    told = errors[upper, lower] > 0
    upper, lower = upper[told], lower[told]
    if not len(upper):
        return None
    largest = np.empty(len(noise))
    step = max(1, _FLOATS_AT_ONCE // len(upper))
    for start in range(0, len(noise), step):
        part = noise[start : start + step]
        t = np.abs(part[:, upper] - part[:, lower]) / errors[upper, lower]
        largest[start : start + step] = t.max(axis=1)
    return float(np.quantile(largest, level))


def _surely_better(
    scores: Floats, covariance: Floats, critical: float | None, units: int | None, level: float
) -> NDArray[np.bool_]:
    errors = _pair_errors(covariance)
    apart = scores[:, None] - scores[None, :]
    better = (errors > 0) & (apart > (critical or 0) * errors)
    if units is not None:
        pairs = len(scores) * (len(scores) - 1) / 2
        # Every item differs by the same amount: a sign test, for all pairs at once.
        better |= (errors == 0) & (apart > 1e-12) & (2 * 0.5**units <= (1 - level) / pairs)
    return np.asarray(better)


def _told_apart(right: Floats, known: Ints, better: NDArray[np.bool_], level: float) -> NDArray[np.bool_]:
    """Which of the pairs that are `better` McNemar's exact test tells apart; all those that it cannot look at."""
    only = right @ (1 - right).T
    told = np.ones_like(better)
    for first, second in np.argwhere(better):
        one, other = known[first], known[second]
        if max(one, other) < len(right):
            told[first, second] = McNemar(int(only[one, other]), int(only[other, one])).p_value < 1 - level
    return told


def _top(drawn: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """How often each model is the best and among the best three; models that answer alike share by lot."""
    scale = float(np.abs(drawn).max()) or 1.0
    drawn = drawn + rng.uniform(0, 1e-9 * scale, drawn.shape)
    order = np.argsort(-drawn, axis=1)[:, :3]
    models = drawn.shape[1]
    first = np.bincount(order[:, 0], minlength=models) / len(drawn)
    return first, np.bincount(order.ravel(), minlength=models) / len(drawn)


def _groups(scores: Floats, better: NDArray[np.bool_]) -> list[list[int]]:
    order = [int(row) for row in np.argsort(-scores, kind="stable")]
    groups: list[list[int]] = []
    end = 0
    for start in range(len(order)):
        reach = start + 1
        while reach < len(order) and not better[order[start:reach], order[reach]].any():
            reach += 1
        if reach > end and reach - start > 1:
            groups.append(order[start:reach])
        end = max(end, reach)
    return groups


def spread_of_items(
    items: Floats, *, seed: int, clusters: Ints | None = None, level: float = LEVEL, draws: int = DRAWS
) -> Spread:
    """The spread of models from their item scores; see `estimates_of_items` and `rank_spread`."""
    return rank_spread(estimates_of_items(items, clusters), seed=seed, level=level, draws=draws)
