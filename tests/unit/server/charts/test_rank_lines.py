"""Who led when: the chart of ranks, worked out by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from podium.server.charts.drawing import Renderer
from podium.server.charts.rank_lines import LOWEST_DRAWN, rank_changes, ranks_over_time
from podium.server.charts.specs import Theme, coloured
from podium.server.past.top import Leader, Standing, TopOverTime

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANNA, BERT = Leader("a", "Anna"), Leader("b", "Bert")


def top(*ranks: dict[str, int], leaders: tuple[Leader, ...] = (ANNA, BERT), sampled: bool = False) -> TopOverTime:
    standings = tuple(Standing(START + timedelta(days=day), each) for day, each in enumerate(ranks))
    return TopOverTime(leaders, standings, sampled=sampled, shortened=False)


# Anna leads, Bert comes behind her on the third day, overtakes her on the fourth, is removed and comes back in front.
STORY = ({}, {"a": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 1}, {"a": 2, "b": 1}, {"a": 2, "b": 1})


def test_only_moments_at_which_a_rank_changed_count() -> None:
    assert [each.at.day for each in rank_changes(top(*STORY).standings)] == [2, 3, 4, 5, 6]


def test_lines_have_a_point_at_each_change_and_a_gap_where_somebody_stood_nowhere() -> None:
    drawn = ranks_over_time(top(*STORY))
    assert drawn is not None
    anna, bert, names = drawn.spec["layer"]
    # The last point is that of the last moment that was looked at, the 7th.
    assert [(point["at"][8:10], point["rank"], point["part"]) for point in anna["data"]["values"]] == [
        ("02", 1, 0),
        ("03", 1, 0),
        ("04", 2, 0),
        ("05", 1, 0),
        ("06", 2, 0),
        ("07", 2, 0),
    ]
    assert [(point["at"][8:10], point["rank"], point["part"]) for point in bert["data"]["values"]] == [
        ("03", 2, 0),
        ("04", 1, 0),
        ("05", 1, 0),
        ("06", 1, 1),
        ("07", 1, 1),
    ]
    assert [(end["name"], end["rank"]) for end in names["data"]["values"]] == [("Anna", 2), ("Bert", 1)]
    assert anna["encoding"]["y"]["scale"]["reverse"] is True
    assert anna["mark"]["interpolate"] == "step-after"


def test_the_table_says_rank_best_rank_and_since_when() -> None:
    drawn = ranks_over_time(top(*STORY))
    assert drawn is not None
    assert drawn.facts == (
        ("Anna", "2", "1", "2026-03-06 12:00 UTC"),
        ("Bert", "1", "1", "2026-03-06 12:00 UTC"),
    )
    assert "changed at 5 moments between 2026-03-02 12:00 UTC and 2026-03-07 12:00 UTC." in drawn.description
    assert "evenly" not in drawn.description


def test_somebody_who_never_moved_is_on_the_rank_since_the_beginning() -> None:
    drawn = ranks_over_time(top({"a": 1}, {"a": 1, "b": 3}, {"a": 1, "b": 2}))
    assert drawn is not None
    assert [fact[3] for fact in drawn.facts] == ["2026-03-01 12:00 UTC", "2026-03-03 12:00 UTC"]


def test_the_data_have_a_row_for_each_change_of_a_person() -> None:
    drawn = ranks_over_time(top(*STORY))
    assert drawn is not None
    assert [(at[8:10], name, rank) for at, name, rank in drawn.data] == [
        ("02", "Anna", 1),
        ("03", "Bert", 2),
        ("04", "Anna", 2),
        ("04", "Bert", 1),
        ("05", "Anna", 1),
        ("05", "Bert", None),
        ("06", "Anna", 2),
        ("06", "Bert", 1),
    ]


def test_low_ranks_are_told_but_not_drawn() -> None:
    drawn = ranks_over_time(top({"a": 1, "b": LOWEST_DRAWN + 1}, {"a": 1, "b": 2}, sampled=True))
    assert drawn is not None
    assert [point["rank"] for point in drawn.spec["layer"][1]["data"]["values"]] == [2]
    assert "Ranks below 20 are not drawn." in drawn.description
    assert "2 moments were looked at, evenly over all." in drawn.description
    assert drawn.data[1][2] == LOWEST_DRAWN + 1


@pytest.mark.parametrize(
    "nothing",
    [
        top(),
        top({}, {}),
        top({"a": 1, "b": 2}),
        top({"a": 1, "b": 2}, {"a": 1, "b": 2}),
        top({"a": 2}, {"a": 1}, leaders=(ANNA,)),
    ],
)
def test_what_never_moved_is_not_drawn(nothing: TopOverTime) -> None:
    assert ranks_over_time(nothing) is None


def test_ten_lines_differ_without_colours() -> None:
    leaders = tuple(Leader(str(at), f"Person {at}") for at in range(10))
    ranks = {leader.user: at + 1 for at, leader in enumerate(leaders)}
    drawn = ranks_over_time(top({"0": 1}, ranks, leaders=leaders))
    assert drawn is not None
    marks = [layer["mark"] for layer in drawn.spec["layer"][:-1]]
    assert len({(mark["strokeWidth"], str(mark.get("strokeDash"))) for mark in marks}) == 10


@pytest.mark.slow
def test_the_picture_has_names_at_the_ends_and_reads_no_markup_from_them() -> None:
    renderer = Renderer(kept_s=60)
    try:
        drawn = ranks_over_time(top(*STORY, leaders=(Leader("a", "<script>x</script>"), BERT)))
        assert drawn is not None
        for theme in Theme:
            spec = coloured(drawn, theme)
            assert '"accent"' not in json.dumps(spec)
            svg = renderer.svg(spec)
            assert "Who led when?" in svg
            assert "Bert" in svg
            assert "<script" not in svg
    finally:
        renderer.close()
