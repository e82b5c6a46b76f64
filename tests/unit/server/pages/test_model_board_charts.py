"""Drawing the charts of model boards: scales, ticks, and which models no other beats."""

from __future__ import annotations

import re
from math import isfinite

import pytest

from podium.server.pages.modelboards.charts.drawing import Scale, axis_below, dot, label, picture, shortened, spread_out
from podium.server.pages.modelboards.charts.heat import heat_of
from podium.server.pages.modelboards.charts.price import front
from podium.server.pages.modelboards.figures import number, written_alike

TINY, HUGE = 5e-324, 1.7e308


def test_a_scale_puts_its_ends_at_its_ends() -> None:
    scale = Scale(10, 20, 100, 300)
    assert [scale.at(value) for value in (10, 15, 20)] == [100, 200, 300]
    assert scale.ticks() == [10, 12, 14, 16, 18, 20]


def test_a_logarithmic_scale_ticks_at_powers_of_ten() -> None:
    scale = Scale(1, 1000, 0, 300, logarithmic=True)
    assert [scale.at(value) for value in (1, 10, 100, 1000)] == [0, 100, 200, 300]
    assert scale.ticks() == [1, 10, 100, 1000]
    assert Scale(2, 5, 0, 1, logarithmic=True).ticks() == [2, 5]


@pytest.mark.parametrize(
    ("low", "high"),
    [(-HUGE, HUGE), (0, TINY), (TINY, 2 * TINY), (1, 1), (0, 0), (HUGE / 2, HUGE), (1e15, 1e15 + 1), (-1e-300, 1e300)],
)
def test_any_two_numbers_make_a_scale(low: float, high: float) -> None:
    low, high = spread_out(low, high)
    scale = Scale(low, high, 0, 700)
    ticks = scale.ticks()
    assert 1 <= len(ticks) <= 15
    assert all(0 <= scale.at(tick) <= 700 for tick in ticks)
    assert all(isfinite(tick) for tick in ticks)
    drawn = "".join(axis_below(scale, 0, 10, "Score"))
    assert not re.search(r"nan|inf", drawn)


def test_texts_are_escaped_and_cut() -> None:
    hostile = '<script>"&'
    drawn = picture(10, hostile, [label(0, 0, hostile), dot(0, 0, hostile)])
    assert "<script>" not in drawn
    assert drawn.count("&lt;script&gt;&quot;&amp;") == 3
    assert shortened("abcdefghij", 70) == "abcdefghij"
    assert shortened("abcdefghijk", 70) == "abcdefghi…"
    # Letters twice as wide leave room for half as many.
    assert shortened("模型模型模型", 70) == "模型模型…"


@pytest.mark.parametrize(
    ("points", "lower_is_better", "unbeaten"),
    [
        ([(1, 0.5), (2, 0.4), (3, 0.9)], False, [0, 2]),
        ([(1, 0.5), (2, 0.4), (3, 0.9)], True, [0, 1]),
        ([(1, 0.5), (1, 0.7)], False, [1]),
        ([(1, 0.5), (1, 0.5), (2, 0.5)], False, [0, 1]),
        ([], False, []),
    ],
)
def test_the_front_holds_what_no_other_beats(
    points: list[tuple[float, float]], lower_is_better: bool, unbeaten: list[int]
) -> None:
    assert front(points, lower_is_better=lower_is_better) == unbeaten


def test_heat_goes_from_the_lowest_to_the_highest() -> None:
    assert [heat_of(value, [0, 1]) for value in (0, 0.5, 1)] == [0, 4, 9]
    assert heat_of(3, [3, 3]) == 0
    assert heat_of(HUGE, [-HUGE, HUGE]) == 9


def test_numbers_of_a_column_are_written_alike() -> None:
    alike = written_alike([0.955, 0.9475, 0.9])
    assert [alike(value) for value in (0.955, 0.9475, 0.9)] == ["0.9550", "0.9475", "0.9000"]
    apart = written_alike([1e-9, 1e9])
    assert [apart(1e-9), apart(1e9)] == [number(1e-9), "1,000,000,000"]
