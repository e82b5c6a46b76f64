"""The chart of a share over time."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

from podium.rules.board.columns import Column, Sorting
from podium.rules.runs import SubmissionStatus
from podium.server.pages.share_charts import ShareChart, share_charts
from podium.server.submissions.queries.listing import SubmissionRow

NOON = datetime(2030, 1, 10, 12, tzinfo=UTC)
RIGHT = Column(key="correct", title="Right <so> far", index=0, precision=3)
COLUMNS = {"correct": RIGHT}


def row(number: int, *, minutes: float, owner: str = "anna", **scores: float) -> SubmissionRow:
    return SubmissionRow(
        id=number,
        number=number,
        phase_id=1,
        phase_name="Only",
        competition_id=1,
        competition_title="Hello",
        owner_id=1,
        owner=owner,
        file_name="a.zip",
        description="",
        status=SubmissionStatus.FINISHED,
        status_details="",
        internal_failure=False,
        on_board=False,
        created_at=NOON + timedelta(minutes=minutes),
        ended_at=None,
        scores=tuple(scores.items()),
    )


def one(*rows: SubmissionRow, named: bool = False) -> ShareChart:
    (chart,) = share_charts(rows, COLUMNS, named=named)
    return chart


def circles(chart: ShareChart) -> list[tuple[float, float]]:
    drawing = ET.fromstring(chart.picture)
    return [(float(each.get("cx", "")), float(each.get("cy", ""))) for each in drawing.iter("circle")]


def test_points_stand_at_their_times_and_shares() -> None:
    # A list has the newest first. From 34 (100 %) to 216 (0 %) below the top, from 56 to 624 from the left.
    chart = one(row(3, minutes=40, correct=1.0), row(2, minutes=10, correct=0.5), row(1, minutes=0, correct=0.0))
    assert circles(chart) == [(56.0, 216.0), (198.0, 125.0), (624.0, 34.0)]
    assert 'd="M56.0 216.0L198.0 125.0L624.0 34.0"' in chart.picture
    assert re.findall(r">(\d+%)<", chart.picture) == ["0%", "25%", "50%", "75%", "100%"]
    assert chart.rows[2] == ("No. 3", "2030-01-10 12:40 UTC", "100.0 %")
    assert chart.description == "3 submissions on 2030-01-10. The last one has 100.0 %, the best 100.0 %."


def test_of_several_people_the_line_is_the_best_so_far() -> None:
    rows = [
        row(1, minutes=0, owner="<b>anna", correct=0.5),
        row(1, minutes=10, owner="bea", correct=0.25),
        row(2, minutes=40, owner="bea", correct=0.75),
    ]
    chart = one(*rows, named=True)
    assert 'd="M56.0 125.0H198.0V125.0H624.0V79.5"' in chart.picture
    assert chart.rows[0][0] == "No. 1 by <b>anna"
    assert "No. 1 by &lt;b&gt;anna" in chart.picture


def test_titles_are_no_markup_and_the_picture_is_told_to_those_who_do_not_see_it() -> None:
    chart = one(row(1, minutes=0, correct=0.5), row(2, minutes=0, correct=0.5))
    drawing = ET.fromstring(chart.picture)
    assert drawing.get("role") == "img"
    assert drawing.get("aria-label") == f"Right <so> far over time, in percent. {chart.description}"
    assert "style" not in chart.picture
    # All sent at once stand in the middle.
    assert [x for x, _ in circles(chart)] == [340.0, 340.0]


def test_there_is_no_chart_of_what_is_no_share_or_a_single_point() -> None:
    assert share_charts([row(1, minutes=0, correct=0.5)], COLUMNS, named=False) == []
    beyond = [row(1, minutes=0, correct=0.5), row(2, minutes=1, correct=1.5)]
    assert share_charts(beyond, COLUMNS, named=False) == []
    hidden = [row(1, minutes=0, secret=0.5), row(2, minutes=1, secret=0.5)]
    assert share_charts(hidden, COLUMNS, named=False) == []
    error = {"error": Column(key="error", title="Error", index=0, sorting=Sorting.ASCENDING)}
    assert share_charts([row(1, minutes=0, error=0.5), row(2, minutes=1, error=0.5)], error, named=False) == []


def test_at_most_three_columns_have_one() -> None:
    columns = {f"c{number}": Column(key=f"c{number}", title="C", index=number) for number in range(5)}
    rows = [row(number, minutes=number, **dict.fromkeys(columns, 0.5)) for number in (1, 2)]
    assert [chart.key for chart in share_charts(rows, columns, named=False)] == ["c0", "c1", "c2"]
