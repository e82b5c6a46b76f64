"""How often intervals hold the truth, and how often equal models are told apart: simulations with fixed seeds.

Nominal 95 %. Over shares from .05 to .95 the average must be within 1 % of it, and no single one below 92 %.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest
from scipy import stats as scipy_stats

from podium.stats.bootstrap import bootstrap_interval, population_of_kinds
from podium.stats.means import mean_interval
from podium.stats.placements import area, area_interval
from podium.stats.proportions import wilson
from podium.stats.ranks import spread_of_items
from podium.stats.results import Interval

TIMES = 2000
SHARES = (0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95)
FEW_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)

pytestmark = pytest.mark.slow


def coverage(truth: float, draw: Callable[[int], Interval | None], times: int = TIMES) -> float:
    """How many of so many intervals hold the truth; one that is missing does not."""
    intervals = (draw(number) for number in range(times))
    return sum(found is not None and found.low <= truth <= found.high for found in intervals) / times


def check(found: dict[float, float]) -> None:
    assert min(found.values()) >= 0.92, found
    assert np.mean(list(found.values())) == pytest.approx(0.95, abs=0.01), found


@pytest.mark.parametrize("items", [100, 300, 1000])
def test_wilson_exactly(items: int) -> None:
    # No simulation needed: the probability of every count is known.
    shares = np.arange(0.05, 0.9501, 0.01)
    counts = np.arange(items + 1)
    ends = np.array([(found.low, found.high) for found in (wilson(int(count), items) for count in counts)])
    held = [float(scipy_stats.binom.pmf(counts, items, p) @ ((ends[:, 0] <= p) & (p <= ends[:, 1]))) for p in shares]
    check(dict(zip(shares.tolist(), held, strict=True)))
    if items == 100:
        assert held[-1] == pytest.approx(0.966, abs=0.001)  # the known value at n = 100, p = .95; Wald has .877


def test_wilson_by_drawing() -> None:
    rng = np.random.default_rng(11)
    found = {}
    for share in np.arange(0.05, 0.951, 0.05):
        scores = (rng.random((TIMES, 100)) < share).astype(float)
        found[float(share)] = coverage(share, lambda n, scores=scores: mean_interval(scores[n], seed=n, binary=True))
    check(found)


@pytest.mark.parametrize("likeness", [0.05, 0.3])
def test_clustered_right_and_wrong(likeness: float) -> None:
    """300 questions on 60 documents, whose answers resemble each other."""
    rng = np.random.default_rng(12)
    clusters = np.repeat(np.arange(60), 5)
    strength = 1 / likeness - 1
    found = {}
    for share in SHARES:
        hard = rng.beta(share * strength, (1 - share) * strength, (TIMES, 60))
        scores = (rng.random((TIMES, 300)) < hard[:, clusters]).astype(float)
        found[share] = coverage(
            share, lambda n, scores=scores: mean_interval(scores[n], seed=n, clusters=clusters, binary=True)
        )
    check(found)


@pytest.mark.parametrize("likeness", [0.05, 0.3])
def test_clustered_real_scores(likeness: float) -> None:
    rng = np.random.default_rng(13)
    clusters = np.repeat(np.arange(60), 5)
    strength = 1 / likeness - 1
    found = {}
    for share in SHARES:
        hard = np.clip(rng.beta(share * strength, (1 - share) * strength, (TIMES, 60)), 1e-9, 1 - 1e-9)[:, clusters]
        scores = rng.beta(2 * hard, 2 * (1 - hard))
        found[share] = coverage(share, lambda n, scores=scores: mean_interval(scores[n], seed=n, clusters=clusters))
    check(found)


def test_real_scores_with_students_interval() -> None:
    rng = np.random.default_rng(14)
    found = {}
    for share in SHARES:
        scores = rng.beta(2 * share, 2 * (1 - share), (TIMES, 300))
        found[share] = coverage(share, lambda n, scores=scores: mean_interval(scores[n], seed=n))
    check(found)


def f1(sums: np.ndarray) -> np.ndarray:
    return 2 * sums[..., 0] / np.maximum(sums[..., 1] + sums[..., 2], 1)


def test_the_bootstrap_of_entity_f1() -> None:
    """300 sentences with one entity or none. One is found with the share; else it is missed, and another invented.

    Then the F1 of endlessly many sentences is the share itself.
    """
    rng = np.random.default_rng(15)
    found = {}
    rows = np.array([[0.0, 0, 0], [1, 1, 1], [0, 1, 1]])  # right, predicted, gold
    for share in FEW_SHARES:
        counts = rng.multinomial(300, [0.3, 0.7 * share, 0.7 * (1 - share)], size=TIMES)

        def draw(number: int, counts: np.ndarray = counts) -> Interval | None:
            return bootstrap_interval(population_of_kinds(rows, counts[number]), f1, seed=number, resamples=1000)

        found[share] = coverage(share, draw)
    check(found)


def test_the_bootstrap_of_real_scores() -> None:
    """BCa as it is taken below 300 items, here at 300: soft accuracies of 0, 1/3, 2/3 and 1."""
    rng = np.random.default_rng(19)
    found = {}
    rows = np.column_stack([np.arange(4) / 3, np.ones(4)])
    for share in FEW_SHARES:
        shares = rng.beta(2 * share, 2 * (1 - share), 200_000)
        truth = float((shares * 3).round().mean() / 3)
        chances = np.bincount((shares * 3).round().astype(int), minlength=4) / 200_000
        counts = rng.multinomial(300, chances, size=TIMES)

        def draw(number: int, counts: np.ndarray = counts) -> Interval | None:
            return bootstrap_interval(
                population_of_kinds(rows, counts[number]),
                lambda sums: sums[..., 0] / sums[..., 1],
                seed=number,
                resamples=1000,
            )

        found[share] = coverage(truth, draw)
    check(found)


def test_the_area_under_the_curve() -> None:
    """150 of each class, normal scores a distance apart: the area is Phi(distance / sqrt 2)."""
    rng = np.random.default_rng(16)
    positive = np.repeat([1, 0], 150)
    found = {}
    for share in SHARES:
        distance = float(scipy_stats.norm.ppf(share)) * sqrt(2)
        scores = rng.normal(0, 1, (TIMES, 300)) + distance * positive

        def draw(number: int, scores: np.ndarray = scores) -> Interval | None:
            value = area(scores[number], positive)
            return area_interval(*value) if value else None

        found[share] = coverage(share, draw)
    check(found)


LIMIT = 0.05 + 3 * sqrt(0.05 * 0.95 / TIMES)
"""5 % and three Monte Carlo standard errors."""


@pytest.mark.parametrize(
    ("models", "share", "likeness"), [(10, 0.8, 0.0), (10, 0.95, 0.0), (12, 0.7, 0.6), (5, 0.5, 0.9)]
)
def test_equal_models_are_told_apart_at_most_in_one_of_twenty_families(
    models: int, share: float, likeness: float
) -> None:
    """Items are easy or hard for all models alike with the likeness, else for each model on its own."""
    rng = np.random.default_rng(17)
    wrong = 0
    for number in range(TIMES):
        together = rng.random(300) < likeness
        answers = np.where(together, rng.random(300), rng.random((models, 300))) < share
        spread = spread_of_items(answers.astype(float), seed=number, draws=500)
        wrong += any(spread.surely_better)
    assert wrong / TIMES <= LIMIT


def test_equal_models_on_clusters_are_told_apart_no_more_often() -> None:
    rng = np.random.default_rng(18)
    clusters = np.repeat(np.arange(60), 5)
    wrong = 0
    for number in range(TIMES):
        hard = rng.beta(2, 1, (8, 60))[:, clusters]
        spread = spread_of_items((rng.random((8, 300)) < hard).astype(float), seed=number, clusters=clusters, draws=500)
        wrong += any(spread.surely_better)
    assert wrong / TIMES <= LIMIT
