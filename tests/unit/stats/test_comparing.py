"""Two models, many models, and the ladder."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from podium.stats.bootstrap import population
from podium.stats.declared import standard_error, unpaired
from podium.stats.detectable import detectable_difference, items_needed
from podium.stats.ladder import Rung, climb
from podium.stats.paired import McNemar, paired_bootstrap, paired_means
from podium.stats.ranks import (
    Estimates,
    estimates_of_declared,
    estimates_of_items,
    joined,
    rank_spread,
    shared_ranks,
    spread_of_items,
)


def test_mcnemar_of_agresti() -> None:
    # Approval of the Prime Minister, 794/150/86/570: z^2 = (150 - 86)^2 / 236 = 17.36
    test = McNemar(150, 86)
    assert test.z_squared == pytest.approx(17.36, abs=0.005)
    assert test.p_value == pytest.approx(scipy_stats.binomtest(86, 236).pvalue, rel=1e-9)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 1), (5, 0), (3, 3), (10, 11), (40, 90)])
def test_mcnemar_is_the_exact_binomial_test(first: int, second: int) -> None:
    expected = scipy_stats.binomtest(min(first, second), first + second).pvalue if first + second else 1.0
    assert McNemar(first, second).p_value == pytest.approx(expected, rel=1e-9)


def test_paired_means_are_the_paired_t_test() -> None:
    rng = np.random.default_rng(1)
    first = rng.normal(0.6, 0.2, 120)
    second = first - rng.normal(0.02, 0.1, 120)
    theirs = scipy_stats.ttest_rel(first, second)
    ours = paired_means(first, second)
    assert ours is not None
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.confidence_interval()), rel=1e-9)
    assert ours.distinguishable == (theirs.pvalue < 0.05)


def test_right_and_wrong_items_are_compared_by_mcnemar() -> None:
    first, second = np.array([1.0] * 30 + [0] * 10), np.array([1.0] * 20 + [0] * 20)
    ours = paired_means(first, second, binary=True)
    assert ours is not None
    assert (ours.method, ours.estimate) == ("mcnemar", 0.25)
    assert ours.p_value == pytest.approx(2 / 2**10)  # ten tosses, all heads


def test_the_same_answers_are_no_difference_and_a_constant_one_is_counted() -> None:
    scores = np.linspace(0, 1, 20)
    same, shifted = paired_means(scores, scores), paired_means(scores + 0.5, scores)
    assert same is not None
    assert (same.estimate, same.p_value) == (0, 1)
    assert not same.distinguishable
    assert shifted is not None
    assert shifted.p_value < 2 * 0.5**19
    assert paired_means(scores[:1], scores[1:2]) is None


def test_clusters_make_a_difference_less_sure() -> None:
    rng = np.random.default_rng(2)
    clusters = np.repeat(np.arange(20), 10)
    first = rng.normal(0.05, 0.2, 20)[clusters] + rng.normal(0, 0.05, 200)
    alone, clustered = (paired_means(first, np.zeros(200), clusters=given) for given in (None, clusters))
    assert alone is not None
    assert clustered is not None
    assert clustered.standard_error is not None
    assert alone.standard_error is not None
    assert clustered.standard_error > 2 * alone.standard_error
    assert (clustered.method, clustered.units) == ("t-clustered", 20)


def test_the_paired_bootstrap_of_means_is_near_the_t_test() -> None:
    rng = np.random.default_rng(3)
    first = rng.normal(0.5, 0.2, 300)
    second = first - rng.normal(0.012, 0.1, 300)
    units = np.column_stack([first, second, np.ones(300)])
    boot = paired_bootstrap(
        population(units, 4), lambda s: s[..., 0] / s[..., 2], lambda s: s[..., 1] / s[..., 2], seed=4
    )
    exact = paired_means(first, second)
    assert boot is not None
    assert exact is not None
    assert exact.standard_error is not None
    assert boot.estimate == pytest.approx(exact.estimate)
    assert (boot.low, boot.high) == pytest.approx((exact.low, exact.high), abs=exact.standard_error / 5)
    assert boot.p_value == pytest.approx(exact.p_value, abs=0.02)
    assert (boot.resamples, boot.seed, boot.method) == (10_000, 4, "paired-bootstrap")


def test_the_same_sums_are_no_difference() -> None:
    units = np.column_stack([np.arange(10.0), np.ones(10)])
    same = paired_bootstrap(population(units, 1), lambda s: s[..., 0], lambda s: s[..., 0], seed=1)
    assert same is not None
    assert (same.estimate, same.p_value) == (0, 1)


def test_the_bound_for_fifty_independent_models() -> None:
    # The studentized range of 50 means, infinite degrees of freedom, at 5 %, over the square root of 2: 3.97.
    spread = rank_spread(Estimates(np.zeros(50), np.eye(50), None), seed=1, draws=20_000)
    assert spread.critical == pytest.approx(3.97, abs=0.03)
    theirs = scipy_stats.studentized_range.ppf(0.95, 4, np.inf) / 2**0.5
    four = rank_spread(Estimates(np.zeros(4), np.eye(4), None), seed=1, draws=20_000)
    assert four.critical == pytest.approx(theirs, abs=0.03)


def test_few_items_need_a_larger_bound() -> None:
    theirs = scipy_stats.studentized_range.ppf(0.95, 4, 9) / 2**0.5
    spread = rank_spread(Estimates(np.zeros(4), np.eye(4), 10), seed=2, draws=20_000)
    assert spread.critical == pytest.approx(theirs, abs=0.05)


def test_models_far_apart_have_one_place_each() -> None:
    rng = np.random.default_rng(4)
    items = rng.random((3, 2000)) < np.array([[0.9], [0.3], [0.6]])
    spread = spread_of_items(items.astype(float), seed=1)
    assert [(place.rank, place.best, place.worst) for place in spread.places] == [(1, 1, 1), (3, 3, 3), (2, 2, 2)]
    assert spread.surely_better == (frozenset({1, 2}), frozenset(), frozenset({1}))
    assert spread.groups == ()
    assert spread.tied_for_first == (0,)
    assert [place.top_1 for place in spread.places] == pytest.approx([1, 0, 0], abs=1e-3)
    assert [place.top_3 for place in spread.places] == pytest.approx([1, 1, 1])


def test_twins_share_rank_places_and_chances() -> None:
    rng = np.random.default_rng(5)
    model = (rng.random(1000) < 0.8).astype(float)
    spread = spread_of_items(np.stack([model, model, np.zeros(1000)]), seed=1)
    assert [(place.rank, place.best, place.worst) for place in spread.places] == [(1, 1, 2), (1, 1, 2), (3, 3, 3)]
    assert spread.places[0].top_1 == pytest.approx(0.5, abs=0.02)  # 10,000 tosses: four standard errors
    assert spread.groups == ((0, 1),)
    assert spread.tied_for_first == (0, 1)


def test_all_right_against_all_wrong_is_sure_only_with_enough_items() -> None:
    few, many = (spread_of_items(np.stack([np.ones(n), np.zeros(n)]), seed=1) for n in (4, 40))
    assert few.places[1].best == 1
    assert many.places[1].best == 2


def test_groups_are_runs_of_models_that_cannot_be_told_apart() -> None:
    # Errors of .01 each: c * sqrt(2) * .01 is about .033 for three, so .02 apart is not sure and .04 is.
    spread = rank_spread(Estimates(np.array([0.90, 0.88, 0.86]), np.eye(3) * 1e-4, None), seed=1)
    assert spread.groups == ((0, 1), (1, 2))
    assert [(place.best, place.worst) for place in spread.places] == [(1, 2), (1, 3), (2, 3)]


def test_declared_rows_without_an_interval_have_a_rank_and_no_spread() -> None:
    errors = [standard_error(0.93, 0.97), None, standard_error(0.89, 0.95), None]
    spread = rank_spread(estimates_of_declared([0.95, 0.94, 0.92, None], errors), seed=1)
    assert [place.rank for place in spread.places] == [1, 2, 3, None]
    assert [place.best for place in spread.places] == [1, None, 1, None]
    assert spread.places[1].top_1 is None


@pytest.mark.parametrize("scores", [[], [0.5], [0.5, None], [None, None]])
def test_fewer_than_two_known_scores_have_no_spread(scores: list[float | None]) -> None:
    spread = rank_spread(estimates_of_declared(scores, [0.1] * len(scores)), seed=1)
    assert all(place.best is None for place in spread.places)
    assert spread.critical is None


def test_scored_and_declared_rows_stand_on_one_board() -> None:
    items = (np.random.default_rng(6).random((2, 500)) < 0.7).astype(float)
    both = joined(estimates_of_items(items), estimates_of_declared([0.2], [0.01]))
    spread = rank_spread(both, seed=1)
    assert spread.places[2].best == 3
    assert both.covariance[0, 2] == 0


def test_equal_scores_share_a_rank() -> None:
    assert shared_ranks(np.array([0.9, 0.8, 0.8, 0.7, np.nan])) == [1, 2, 2, 4, None]


def test_items_without_variance_are_refused() -> None:
    with pytest.raises(ValueError, match="no variance"):
        spread_of_items(np.ones((2, 1)), seed=1)


def test_declared_intervals_are_compared_unpaired() -> None:
    assert standard_error(0.93, 0.97) == pytest.approx(0.04 / 3.92, rel=1e-4)
    apart = unpaired(0.95, 0.01, 0.92, 0.01)
    # z = .03 / (.01 * sqrt 2) = 2.1213; p = .0339
    assert apart.p_value == pytest.approx(0.0339, abs=1e-4)
    assert (apart.method, apart.distinguishable) == ("unpaired", True)
    assert (unpaired(0.9, 0, 0.9, 0).p_value, unpaired(0.9, 0, 0.8, 0).p_value) == (1, 0)


def test_the_smallest_difference_a_dataset_can_show() -> None:
    # (1.95996 + .84162)^2 / 8 / .03^2 = 1090.1; a paper says 1,090.
    assert items_needed(0.03) == 1091
    assert detectable_difference(1090) == pytest.approx(0.03, abs=2e-6)
    assert detectable_difference(4 * 1090) == pytest.approx(0.015, abs=1e-6)
    with pytest.raises(ValueError, match="no items"):
        detectable_difference(0)


def test_the_first_submission_is_on_the_ladder_rounded_to_an_item() -> None:
    step = climb(None, np.array([0.2, 0.4, 0.9]))  # mean .5 is 1.5 of 3 items, rounded to 2 of 3
    assert (step.accepted, step.needed) == (True, None)
    assert step.rung.shown == pytest.approx(2 / 3)


def test_a_step_must_be_larger_than_chance() -> None:
    # 100 items, 40 wrong. Correcting 3: the losses differ by -1 on 3 items, mean -.03,
    # s = sqrt((.03 - .0009) * 100 / 99) = .17145, needed .4 - .017145 = .382855; .37 is below.
    first = np.array([1.0] * 40 + [0.0] * 60)
    best = climb(None, first).rung
    corrected = first.copy()
    corrected[:3] = 0
    step = climb(best, corrected)
    assert step.needed == pytest.approx(0.382855, abs=1e-6)
    assert (step.accepted, step.rung.shown) == (True, 0.37)
    # Ten corrected, nine spoiled: one better in all, s = sqrt((.19 - .0001) * 100 / 99) = .438, needed .356.
    guessed = first.copy()
    guessed[:10], guessed[50:59] = 0, 1
    step = climb(best, guessed)
    assert (step.accepted, step.rung) == (False, best)


def test_the_same_again_or_a_worse_one_changes_nothing() -> None:
    best = climb(None, np.array([1.0, 0, 0, 1])).rung
    assert not climb(best, np.array([1.0, 0, 0, 1])).accepted
    assert climb(best, np.ones(4)).rung is best


def test_the_ladder_refuses_other_items() -> None:
    with pytest.raises(ValueError, match="other items"):
        climb(Rung(0.5, np.zeros(3)), np.zeros(4))
    with pytest.raises(ValueError, match="other items"):
        climb(None, np.zeros(0))


@pytest.mark.parametrize(("mistakes", "places"), [(6, [(1, 2), (1, 2)]), (7, [(1, 1), (2, 2)])])
def test_a_board_tells_apart_no_models_that_the_exact_test_does_not(
    mistakes: int, places: list[tuple[int, int]]
) -> None:
    # Of 24 items one model has one wrong, the other that one and some more: 2 * (1/2)**5 = 0.0625, (1/2)**5 = 0.031.
    right = np.ones((2, 24))
    right[0, 0] = 0
    right[1, :mistakes] = 0
    found = rank_spread(estimates_of_items(right), seed=1, right=right)
    assert [(each.best, each.worst) for each in found.places] == places
    assert bool(found.groups) == (mistakes == 6)
    # By |t| alone both would be told apart.
    assert rank_spread(estimates_of_items(right), seed=1).places[0].worst == 1
