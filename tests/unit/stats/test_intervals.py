"""Intervals against published examples and other tools."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from podium.stats.bootstrap import bootstrap_interval, population, population_of_kinds, replicates
from podium.stats.means import mean_interval, mean_of
from podium.stats.placements import area, area_interval
from podium.stats.proportions import wilson, wilson_by_error
from podium.stats.seeds import seed_of


@pytest.mark.parametrize(
    ("successes", "items", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_intervals_of_newcombe(successes: int, items: int, low: float, high: float) -> None:
    # Newcombe 1998, Statistics in Medicine 17: 857-872, table I, method 3.
    interval = wilson(successes, items)
    assert (interval.low, interval.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize(("successes", "items"), [(0, 1), (1, 1), (3, 7), (50, 100), (999_999, 1_000_000)])
def test_wilson_agrees_with_scipy(successes: int, items: int, level: float) -> None:
    theirs = scipy_stats.binomtest(successes, items).proportion_ci(level, method="wilson")
    ours = wilson(successes, items, level)
    assert (ours.low, ours.high) == (pytest.approx(theirs.low, abs=1e-12), pytest.approx(theirs.high, abs=1e-12))


@pytest.mark.parametrize(("successes", "items"), [(-1, 5), (6, 5), (0, 0), (float("nan"), 5)])
def test_wilson_refuses_impossible_counts(successes: float, items: int) -> None:
    with pytest.raises(ValueError, match="successes"):
        wilson(successes, items)


def test_the_mean_of_real_scores_has_students_interval() -> None:
    scores = np.random.default_rng(1).beta(2, 3, 400)
    theirs = scipy_stats.t.interval(0.95, 399, scores.mean(), scipy_stats.sem(scores))
    ours = mean_interval(scores, seed=0)
    assert ours is not None
    assert ours.method == "t"
    assert (ours.low, ours.high) == pytest.approx(theirs, abs=1e-12)


def test_clusters_widen_the_error_as_by_hand() -> None:
    # Two documents of two questions: residuals 1/4, 1/4 and -1/4, -1/4 about 3/4 and 1/4 ... sums 1/2 and -1/2, so
    # SE^2 = 1/16 * (1/4 + 1/4) * 2/1 = 1/16.
    mean = mean_of(np.array([0.75, 0.75, 0.25, 0.25]), np.array([0, 0, 1, 1]))
    assert mean is not None
    assert (mean.value, mean.standard_error, mean.units) == (0.5, 0.25, 2)
    # t with one degree of freedom: 12.706
    assert mean.interval().high == pytest.approx(0.5 + 12.7062 * 0.25, abs=1e-4)


def test_clusters_of_one_item_are_no_clusters() -> None:
    scores = np.random.default_rng(2).normal(size=50)
    alone, single = mean_of(scores), mean_of(scores, np.arange(50))
    assert alone is not None
    assert single is not None
    assert single.standard_error == pytest.approx(alone.standard_error, rel=1e-12)


def test_cluster_numbers_may_have_gaps() -> None:
    scores = np.array([1.0, 0, 1, 0])
    first, second = mean_of(scores, np.array([0, 0, 1, 1])), mean_of(scores, np.array([3, 3, 9, 9]))
    assert first == second


def test_equal_clusters_of_right_and_wrong_count_each_for_one() -> None:
    # Nothing varies: 10 of 10 clusters right is Wilson with 10 items, and the critical value of t(9), 2.2622.
    interval = mean_interval(np.ones(50), seed=0, clusters=np.repeat(np.arange(10), 5), binary=True)
    assert interval is not None
    assert interval.low == pytest.approx(10 / (10 + 2.262157**2), abs=1e-6)
    assert (interval.high, interval.method, interval.units) == (1, "wilson-clustered", 10)


def test_the_clustered_interval_is_wilson_where_clusters_do_not_matter() -> None:
    error, critical = (0.3 * 0.7 / 200) ** 0.5, 1.959963984540054
    ours = wilson_by_error(0.3, error, 100, critical, most=None, method="wilson-clustered")
    assert (ours.low, ours.high) == pytest.approx((wilson(60, 200).low, wilson(60, 200).high))


@pytest.mark.parametrize("scores", [[], [0.4]])
def test_no_interval_is_made_up_of_too_little(scores: list[float]) -> None:
    interval = mean_interval(np.array(scores), seed=0, unit_range=False)
    assert interval is None


def test_no_interval_is_made_up_for_one_cluster_or_for_equal_numbers_without_a_range() -> None:
    assert mean_interval(np.array([0.1, 0.2]), seed=0, clusters=np.array([0, 0])) is None
    assert mean_interval(np.full(40, 7.5), seed=0, unit_range=False) is None


def test_few_scores_of_a_range_have_wilsons_interval_of_their_error() -> None:
    # Mean .5, s^2 = 2 * .2^2 / 2 = .04, squared error .04 / 3 = .01333, which .25 / .01333 = 18.75 items have; at
    # t(2) = 4.3027: (.5 + 18.513/37.5 -+ 4.3027 * sqrt(.25/18.75 + 18.513/1406.25)) / (1 + 18.513/18.75)
    interval = mean_interval(np.array([0.3, 0.5, 0.7]), seed=0)
    assert interval is not None
    assert (interval.low, interval.high) == (pytest.approx(0.1476, abs=1e-4), pytest.approx(0.8524, abs=1e-4))
    assert interval.method == "wilson-t"


def test_equal_scores_within_a_range_are_no_certainty() -> None:
    interval = mean_interval(np.ones(40), seed=0)
    assert interval is not None
    assert interval.low == pytest.approx(40 / (40 + 1.959964**2), abs=1e-6)


def correlation(sums: np.ndarray) -> np.ndarray:
    n, x, y, xx, yy, xy = (sums[..., column] for column in range(6))
    return (n * xy - x * y) / np.sqrt((n * xx - x * x) * (n * yy - y * y))


LSAT = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594]
GPA = [3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96]


def test_the_bootstrap_gives_the_intervals_of_efrons_law_schools() -> None:
    # Efron and Tibshirani 1993, table 3.1: r = .776; percentile about (.458, .962), BCa (.332, .942).
    x, y = np.array(LSAT) / 100, np.array(GPA)
    units = np.column_stack([np.ones(15), x, y, x * x, y * y, x * y])
    assert correlation(units.sum(axis=0)) == pytest.approx(0.776, abs=5e-4)
    interval = bootstrap_interval(units, correlation, seed=7, resamples=100_000)
    assert interval is not None
    assert (interval.low, interval.high) == (pytest.approx(0.332, abs=0.02), pytest.approx(0.942, abs=0.01))
    drawn = replicates(population(units, 7), correlation, 7, 100_000)
    assert np.quantile(drawn, [0.025, 0.975]) == pytest.approx([0.458, 0.962], abs=0.01)


def test_the_bootstrap_agrees_with_scipy_on_a_mean() -> None:
    scores = np.random.default_rng(3).gamma(2, 1, 80)
    theirs = scipy_stats.bootstrap((scores,), np.mean, n_resamples=20_000, method="BCa", rng=1).confidence_interval
    units = np.column_stack([scores, np.ones(80)])
    ours = bootstrap_interval(units, lambda sums: sums[..., 0] / sums[..., 1], seed=1, resamples=20_000)
    assert ours is not None
    # Two times 20,000 resamples: the ends agree to a twentieth of the width.
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=(theirs.high - theirs.low) / 20)


def test_an_interval_comes_again_with_its_seed_and_says_how_it_came() -> None:
    scores = np.random.default_rng(4).beta(1, 2, 90)
    first, again, other = (mean_interval(scores, seed=seed) for seed in (5, 5, 6))
    assert first == again != other
    assert first is not None
    assert first.as_json() == {
        "low": first.low,
        "high": first.high,
        "level": 0.95,
        "method": "bca",
        "units": 90,
        "resamples": 10_000,
        "seed": 5,
    }


def test_equal_units_are_drawn_together() -> None:
    units = np.array([[1.0, 0], [0, 1], [1, 0], [1, 0]])
    of = population(units, 0)
    assert sorted(zip(of.rows.tolist(), of.counts.tolist(), strict=True)) == [([0, 1], 1), ([1, 0], 3)]
    assert of.total().tolist() == [3, 1]


def test_blocks_keep_sums_and_the_spread_of_a_mean() -> None:
    scores = np.random.default_rng(5).normal(10, 2, 50_000)
    units = np.column_stack([scores, np.ones(50_000)])
    of = population(units, 3)
    assert (len(of.rows), of.units) == (2000, 50_000)
    assert of.total() == pytest.approx([scores.sum(), 50_000])
    drawn = replicates(of, lambda sums: sums[..., 0] / sums[..., 1], 3)
    # 2000 blocks and as many resamples: the error of an error is about 1/sqrt(2 * 2000) twice, 2.2 %.
    assert drawn.std() == pytest.approx(2 / 50_000**0.5, rel=0.08)


def test_counted_units_without_any_are_left_out() -> None:
    of = population_of_kinds(np.eye(3), np.array([4, 0, 2]))
    assert (of.rows.tolist(), of.counts.tolist(), of.units) == ([[1, 0, 0], [0, 0, 1]], [4, 2], 6)


def test_a_statistic_that_never_varies_has_no_interval() -> None:
    assert bootstrap_interval(np.ones((30, 2)), lambda sums: sums[..., 0] / sums[..., 1], seed=0) is None
    assert bootstrap_interval(np.ones((1, 2)), lambda sums: sums[..., 0], seed=0) is None


def test_the_area_of_the_example_of_scikit_learn() -> None:
    # roc_auc_score([0, 0, 1, 1], [.1, .4, .35, .8]) in its documentation: 0.75
    found = area(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
    assert found is not None
    assert found[0] == 0.75
    assert found[1].mean() == pytest.approx(0.75)
    assert area(np.array([0.1, 0.4]), np.array([1, 1])) is None


def test_the_error_of_the_area_is_delongs() -> None:
    # DeLong's variance is S10/m + S01/n of the placements, here written out by pairs.
    rng = np.random.default_rng(6)
    ours, others = rng.normal(1, 1, 150), rng.normal(0, 1, 250)
    psi = (ours[:, None] > others[None, :]) * 1.0
    variance = psi.mean(axis=1).var(ddof=1) / 150 + psi.mean(axis=0).var(ddof=1) / 250
    found = area(np.concatenate([ours, others]), np.repeat([1, 0], [150, 250]))
    assert found is not None
    mean = mean_of(found[1])
    assert mean is not None
    assert mean.standard_error == pytest.approx(variance**0.5, rel=0.01)
    interval = area_interval(*found)
    assert interval is not None
    assert interval.low < psi.mean() < interval.high < 1


def test_seeds_follow_from_names_and_hashes_alone() -> None:
    assert seed_of("d", "f1", "a") == seed_of("d", "f1", "a")
    assert seed_of("d", "f1", "a", "b") == seed_of("d", "f1", "b", "a")
    assert (
        len({seed_of("d", "f1", "a"), seed_of("d", "em", "a"), seed_of("e", "f1", "a"), seed_of("d", "f1", "b")}) == 4
    )
    assert all(0 <= seed_of(str(number), "m", "s") < 2**63 for number in range(200))
