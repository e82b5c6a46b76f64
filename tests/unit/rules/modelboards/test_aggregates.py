"""Aggregates over datasets: arithmetic by hand, and what must not change them."""

from __future__ import annotations

import random
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.modelboards.aggregates import (
    Aggregate,
    Measured,
    Missing,
    aggregates,
    borda_count,
    models_beaten,
    weighted_mean,
    win_rates,
)
from podium.rules.modelboards.scales import Scale, scale_of_metric, scale_of_scores

share = partial(scale_of_metric, "accuracy", bounds=(0.0, 1.0))


def errors(scores: object) -> None:
    """The scale of a metric without an upper end."""


# Three models. Accuracy: .9 .6 .6; an error rate without an upper end: 3 1 none, the lowest is the best.
ACCURACY = Measured([0.9, 0.6, 0.6], scale=share)
ERRORS = Measured([3.0, 1.0, None], lower_is_better=True, scale=errors)


def test_a_model_without_a_result_comes_last_on_that_dataset() -> None:
    # Accuracy: beaten 2, .5, .5 of 2 others. Errors: the second beats both, the first the one without a result.
    # Win rates: (1 + .5) / 2, (.25 + 1) / 2, (.25 + 0) / 2. Points: 2 + 1, .5 + 2, .5 + 0.
    assert aggregates([ACCURACY, ERRORS], Missing.LAST) == [
        Aggregate(0.9, 0.75, 3.0, 2),
        Aggregate(0.6, 0.625, 2.5, 2),
        Aggregate(0.6, 0.125, 0.5, 1),
    ]


def test_a_model_is_judged_by_its_own_datasets() -> None:
    # Errors: of two models, the second beats the first: 0, 1; the third has its win rate of .25 from accuracy alone.
    assert aggregates([ACCURACY, ERRORS], Missing.OWN) == [
        Aggregate(0.9, 0.5, 2.0, 2),
        Aggregate(0.6, 0.625, 1.5, 2),
        Aggregate(0.6, 0.25, 0.5, 1),
    ]


def test_only_models_with_every_result_are_compared() -> None:
    # Without the third, accuracy says 1, 0 and errors 0, 1.
    assert aggregates([ACCURACY, ERRORS], Missing.COMPLETE) == [
        Aggregate(0.9, 0.5, 1.0, 2),
        Aggregate(0.6, 0.5, 1.0, 2),
        Aggregate(None, None, None, 1),
    ]


def test_weights_count_and_a_weight_of_nothing_takes_a_dataset_out() -> None:
    seen = [
        Measured([10.0, 20.0], scale=scale_of_scores, weight=3),
        Measured([0.5, 0.1], scale=scale_of_scores, weight=1),
        Measured([None, 1.0], weight=0),
    ]
    # From the lowest to the highest seen: 0, 1 and 1, 0; by weight 1/4 and 3/4. Points 0*3 + 1*1 and 1*3 + 0*1.
    expected = [Aggregate(0.25, 0.25, 1.0, 2), Aggregate(0.75, 0.75, 3.0, 2)]
    for missing in Missing:
        assert aggregates(seen, missing) == expected


def test_a_missing_result_is_nothing_in_the_mean_where_it_comes_last() -> None:
    columns = [Measured([0.5, 0.8], scale=share), Measured([None, 0.4], scale=share)]
    # (.5 + 0) / 2 against .5 alone.
    assert [each.mean for each in aggregates(columns, Missing.LAST)] == pytest.approx([0.25, 0.6])
    assert [each.mean for each in aggregates(columns, Missing.OWN)] == pytest.approx([0.5, 0.6])


def test_a_scale_that_is_seen_is_that_of_the_models_compared() -> None:
    columns = [Measured([1.0, 2.0, 5.0]), Measured([1.0, 2.0, None])]
    # With the third: (1-1)/4, (2-1)/4 and 0, 1. Without it: 0, 1 and 0, 1.
    assert [each.mean for each in aggregates(columns, Missing.OWN)] == [0.0, 0.625, 1.0]
    assert [each.mean for each in aggregates(columns, Missing.COMPLETE)] == [0.0, 1.0, None]


def test_nothing_makes_nothing() -> None:
    assert aggregates([], Missing.LAST) == []
    alone = [Measured([0.5], scale=share)]
    assert aggregates(alone, Missing.OWN) == [Aggregate(0.5, None, 0.0, 1)]
    nobody = [Measured([None, None], scale=share)]
    assert aggregates(nobody, Missing.OWN) == [Aggregate(None, None, None, 0)] * 2
    assert aggregates([Measured([0.5, 0.1], weight=0)], Missing.LAST) == [Aggregate(None, None, None, 0)] * 2
    # Equal scores are no scale to measure on, and half a win each.
    assert aggregates([Measured([2.0, 2.0])], Missing.OWN) == [Aggregate(None, 0.5, 0.5, 1)] * 2
    assert weighted_mean([None], [1.0]) is None
    assert borda_count([None, None], [1.0, 2.0]) is None


@pytest.mark.parametrize(
    ("metric", "scores", "bounds", "scale"),
    [
        ("accuracy", [0.2, None, 1.0], (None, None), Scale(0, 1)),
        ("Classification Accuracy", [93.5, 0.0], (None, None), Scale(0, 100)),
        ("F1", [101.0], (None, None), None),
        ("F1", [-0.1, 0.5], (None, None), None),
        ("exact_match", [], (None, None), Scale(0, 1)),
        ("accuracy error", [0.1], (None, None), Scale(0, 1)),
        ("WER", [0.1], (None, None), None),
        ("perplexity", [7.0], (0.0, None), None),
        ("mcc", [-0.5, 0.5], (-1.0, 1.0), Scale(-1, 1)),
        ("mcc", [50.0], (-1.0, 1.0), None),
        ("chrF", [55.0], (0.0, 100.0), Scale(0, 100)),
        ("chrF", [0.5], (0.0, 100.0), Scale(0, 100)),
        ("", [0.5], (None, None), None),
        ("speed", [0.5], (None, None), None),
        ("map", [0.5], (None, None), Scale(0, 1)),
        ("mapping", [0.5], (None, None), None),
    ],
)
def test_the_scale_of_a_metric(
    metric: str, scores: list[float | None], bounds: tuple[float | None, float | None], scale: Scale | None
) -> None:
    assert scale_of_metric(metric, scores, bounds) == scale


@pytest.mark.parametrize(("low", "high"), [(-1.7e308, 1.7e308), (0.0, 5e-324), (-5.0, 5.0)])
def test_any_scale_has_a_lower_and_an_upper_end(low: float, high: float) -> None:
    scale = scale_of_scores([high, low])
    assert scale is not None
    assert (scale.share(low, lower_is_better=False), scale.share(high, lower_is_better=False)) == (0, 1)
    assert (scale.share(low, lower_is_better=True), scale.share(high, lower_is_better=True)) == (1, 0)


def table(scores: st.SearchStrategy[float | None]) -> st.SearchStrategy[list[list[float | None]]]:
    def of(models: int) -> st.SearchStrategy[list[list[float | None]]]:
        return st.lists(st.lists(scores, min_size=models, max_size=models), min_size=1, max_size=5)

    return st.integers(1, 6).flatmap(of)


# Small whole numbers, so that ties are frequent and arithmetic is exact.
TABLES = table(st.one_of(st.none(), st.integers(-8, 8).map(float)))
MISSING = st.sampled_from(Missing)


def of_scores(rows: list[list[float | None]], **how: object) -> list[Measured]:
    return [Measured(row, **how) for row in rows]  # type: ignore[arg-type]


def orders(found: list[Aggregate]) -> list[tuple[float | None, float | None, int]]:
    return [(each.win_rate, each.borda, each.count) for each in found]


@given(TABLES, MISSING)
def test_win_rate_and_borda_see_only_the_order(rows: list[list[float | None]], missing: Missing) -> None:
    bent = [[None if score is None else score**3 + 7 for score in row] for row in rows]
    assert orders(aggregates(of_scores(bent), missing)) == orders(aggregates(of_scores(rows), missing))


@given(TABLES, MISSING)
def test_turning_scores_and_direction_round_changes_nothing(rows: list[list[float | None]], missing: Missing) -> None:
    turned = [[None if score is None else -score for score in row] for row in rows]
    found = aggregates(of_scores(turned, lower_is_better=True), missing)
    assert orders(found) == orders(aggregates(of_scores(rows), missing))


@given(TABLES, MISSING, st.integers(1, 4))
def test_another_unit_changes_no_mean(rows: list[list[float | None]], missing: Missing, unit: int) -> None:
    other = [[None if score is None else 2.0**unit * score + 3 for score in row] for row in rows]
    before, after = (aggregates(of_scores(each), missing) for each in (rows, other))
    assert [each.mean for each in after] == [None if each.mean is None else pytest.approx(each.mean) for each in before]


@given(TABLES, MISSING, st.randoms(use_true_random=False))
def test_the_order_of_models_and_datasets_does_not_matter(
    rows: list[list[float | None]], missing: Missing, chance: random.Random
) -> None:
    places = list(range(len(rows[0])))
    chance.shuffle(places)
    moved = [[row[place] for place in places] for row in rows]
    chance.shuffle(moved)
    before, after = aggregates(of_scores(rows), missing), aggregates(of_scores(moved), missing)
    for place, found in zip(places, after, strict=True):
        assert found.count == before[place].count
        for name in ("mean", "win_rate", "borda"):
            assert getattr(found, name) == (
                None if getattr(before[place], name) is None else pytest.approx(getattr(before[place], name))
            )


@given(TABLES, MISSING, st.floats(0.01, 100))
def test_only_the_proportion_of_weights_matters(
    rows: list[list[float | None]], missing: Missing, factor: float
) -> None:
    before = aggregates(of_scores(rows), missing)
    after = aggregates(of_scores(rows, weight=factor), missing)
    for one, other in zip(before, after, strict=True):
        assert (other.mean is None, other.win_rate is None) == (one.mean is None, one.win_rate is None)
        assert other.mean is None or other.mean == pytest.approx(one.mean)
        assert other.win_rate is None or other.win_rate == pytest.approx(one.win_rate)
        assert other.borda is None or other.borda == pytest.approx(factor * (one.borda or 0))


@given(TABLES)
def test_where_missing_comes_last_win_rates_average_to_a_half(rows: list[list[float | None]]) -> None:
    # Every meeting of two models hands out one win.
    found = [each.win_rate for each in aggregates(of_scores(rows), Missing.LAST)]
    if len(found) > 1:
        assert sum(rate or 0 for rate in found) / len(found) == pytest.approx(0.5)


@given(table(st.integers(-8, 8).map(float)))
def test_without_gaps_the_rules_agree_and_borda_orders_as_the_win_rate(rows: list[list[float | None]]) -> None:
    found = [aggregates(of_scores(rows), missing) for missing in Missing]
    assert found[0] == found[1] == found[2]
    others = len(rows[0]) - 1
    for each in found[0]:
        assert each.borda == pytest.approx((each.win_rate or 0) * others * len(rows))


@given(TABLES, MISSING, st.data())
def test_a_better_score_never_makes_a_model_worse(
    rows: list[list[float | None]], missing: Missing, data: st.DataObject
) -> None:
    model = data.draw(st.integers(0, len(rows[0]) - 1))
    better = [list(row) for row in rows]
    at = data.draw(st.integers(0, len(rows) - 1))
    score = better[at][model]
    if score is None:
        return
    better[at][model] = score + 1
    before, after = aggregates(of_scores(rows), missing)[model], aggregates(of_scores(better), missing)[model]
    assert (after.win_rate or 0) >= (before.win_rate or 0) - 1e-12
    assert (after.borda or 0) >= (before.borda or 0)


@given(st.lists(st.one_of(st.none(), st.integers(0, 5).map(float)), max_size=8), st.booleans())
def test_models_beaten_are_counted_one_by_one(scores: list[float | None], lower: bool) -> None:
    found = models_beaten(scores, lower_is_better=lower)
    for place, score in enumerate(scores):
        if score is None:
            assert found[place] is None
            continue
        others = [each for at, each in enumerate(scores) if at != place and each is not None]
        won = sum(1.0 for each in others if (each > score if lower else each < score))
        assert found[place] == won + sum(0.5 for each in others if each == score)


def test_a_win_rate_needs_another_model() -> None:
    assert win_rates([0.0], 0) == [None]
