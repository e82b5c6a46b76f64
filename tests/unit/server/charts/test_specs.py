"""What the charts say, worked out by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.server.charts.drawing import Renderer
from podium.server.charts.specs import (
    MOST_POINTS,
    Point,
    Series,
    Theme,
    best_so_far,
    binned,
    coloured,
    scores_over_time,
    spread_of_scores,
)

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def series(*values: float, higher: bool = True, title: str = "Accuracy") -> Series:
    points = tuple(Point(START + timedelta(days=day), value) for day, value in enumerate(values))
    return Series(title, 2, higher, points)


def test_the_best_so_far_moves_only_where_it_gets_better() -> None:
    assert [point.value for point in best_so_far(series(0.5, 0.4, 0.7, 0.7, 0.6, 0.9))] == [0.5, 0.7, 0.9]
    assert [point.value for point in best_so_far(series(5, 4, 7, 4, 3, higher=False))] == [5, 4, 3]


def test_scores_over_time_draw_points_and_a_line_in_steps() -> None:
    drawn = scores_over_time(series(0.5, 0.75, 0.25))
    points, line = drawn.spec["layer"]
    assert points["data"]["values"] == [
        {"at": "2026-03-01T12:00:00Z", "value": 0.5},
        {"at": "2026-03-02T12:00:00Z", "value": 0.75},
        {"at": "2026-03-03T12:00:00Z", "value": 0.25},
    ]
    # The line goes on to the last entry, which was no better.
    assert [step["value"] for step in line["data"]["values"]] == [0.5, 0.75, 0.75]
    assert line["mark"]["interpolate"] == "step-after"
    assert drawn.facts == (("2026-03-01 12:00 UTC", "0.50"), ("2026-03-02 12:00 UTC", "0.75"))
    assert "3 entries between 2026-03-01 and 2026-03-03" in drawn.description
    assert "from 0.50 to 0.75 in 2 steps" in drawn.description


def test_very_many_points_are_thinned_and_the_text_says_so() -> None:
    drawn = scores_over_time(series(*(0.5 for _ in range(MOST_POINTS + 7))))
    assert len(drawn.spec["layer"][0]["data"]["values"]) == MOST_POINTS
    assert "1,500 of the points are drawn" in drawn.description


def test_the_spread_counts_every_score_once() -> None:
    # From 0 to 1 the widths 0.05 and 0.1 are round; 0.05 would need 21 bins.
    drawn = spread_of_scores(series(0.0, 0.05, 0.1, 0.95, 1.0))
    assert [(low, high, count) for low, high, count in binned([0.0, 0.05, 0.1, 0.95, 1.0]) if count] == [
        (0.0, 0.1, 2),
        (0.1, 0.2, 1),
        (0.9, 1.0, 1),
        (1.0, 1.1, 1),
    ]
    assert sum(row["count"] for row in drawn.spec["data"]["values"]) == 5


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=50))
def test_any_scores_are_drawn(values: list[float]) -> None:
    bins = binned(values)
    assert sum(count for _, _, count in bins) == len(values)
    assert len(bins) <= 60
    for draw in (scores_over_time, spread_of_scores):
        json.dumps(coloured(draw(series(*values)), Theme.DARK), allow_nan=False)


def test_each_theme_has_its_colours_and_no_name_of_one_is_left() -> None:
    texts = {theme: json.dumps(coloured(scores_over_time(series(1.0, 2.0)), theme)) for theme in Theme}
    assert texts[Theme.LIGHT] != texts[Theme.DARK]
    assert all('"accent"' not in text for text in texts.values())


@pytest.mark.slow
def test_the_picture_has_title_and_axes_and_reads_no_markup_from_titles() -> None:
    renderer = Renderer(kept_s=60)
    try:
        title = "<script>alert(1)</script>&"
        for draw in (scores_over_time, spread_of_scores):
            svg = renderer.svg(coloured(draw(series(0.5, 0.75, title=title)), Theme.LIGHT))
            assert svg.startswith("<svg")
            assert "<script" not in svg
            assert "&lt;script&gt;" in svg
        assert renderer.running
        with pytest.raises(Exception, match="could not be drawn"):
            renderer.svg({"mark": "no such mark"})
        assert renderer.svg(coloured(scores_over_time(series(1.0)), Theme.DARK)).startswith("<svg")
    finally:
        renderer.close()
    assert not renderer.running


@pytest.mark.slow
def test_a_process_that_was_killed_is_begun_again() -> None:
    renderer = Renderer(kept_s=60)
    try:
        spec = coloured(spread_of_scores(series(0.5, 0.75)), Theme.LIGHT)
        first = renderer.svg(spec)
        process = renderer._process
        assert process is not None
        process.kill()
        process.wait()
        assert renderer.svg(spec) == first
    finally:
        renderer.close()
