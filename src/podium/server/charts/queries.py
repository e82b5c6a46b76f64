"""The last charts of a board, and what they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from podium.rules.board.columns import Sorting
from podium.rules.board.ranking import column_order
from podium.server.charts.models import Chart
from podium.server.charts.specs import Kind, Point, Series
from podium.server.leaderboards.queries import BoardPlan, BoardSight
from podium.server.leaderboards.queries.ranked import RankedEntries
from podium.server.prepared_queries import prepared

_PORTION = 2000


@dataclass(frozen=True)
class ShownChart:
    """A chart as a page shows it; `digest` changes with its pictures."""

    kind: Kind
    digest: str
    title: str
    description: str
    head: tuple[str, ...]
    facts: tuple[tuple[str, ...], ...]


def charted_column(sight: BoardSight) -> str | None:
    """The key of the column whose charts the person is shown: the first by which rows are compared that they see."""
    plan = sight.plan
    visible = {column.key for column in sight.columns}
    order = (column.key for column in column_order(plan.columns, plan.primary_index))
    return next((key for key in order if key in visible), None)


@dataclass(frozen=True)
class Drawn:
    """When a chart was drawn, of which version of the board, and the hash of what it was drawn from: empty where nobody
    had a score."""

    kind: str
    digest: str
    stamp: int
    at: datetime


def drawn_charts(sight: BoardSight) -> tuple[Drawn, ...]:
    """The charts of a board that were drawn last, in the order of time; one query."""
    key = charted_column(sight)
    if key is None:
        return ()
    found = _drawn(board=sight.plan.leaderboard_id, phase=sight.plan.phase_id, column=key)
    return tuple(Drawn(*row) for row in found)


@prepared
def _drawn(board: int, phase: int, column: str) -> QuerySet[Chart, Any]:
    found = Chart.objects.filter(leaderboard_id=board, phase_id=phase, column_key=column).order_by("drawn_at", "pk")
    return found.values_list("kind", "digest", "stamp", "drawn_at")


def shown_charts(sight: BoardSight) -> tuple[ShownChart, ...]:
    """The charts of a board that were drawn last; none of a board that nobody has looked at yet. One query."""
    key = charted_column(sight)
    if key is None:
        return ()
    plan = sight.plan
    rows = Chart.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id, column_key=key)
    # One without a digest shows nothing: nobody had a score.
    found = {row.kind: row for row in rows.exclude(digest="").defer("light", "dark", "data")}
    return tuple(
        ShownChart(
            kind=kind,
            digest=row.digest,
            title=row.title,
            description=row.description,
            head=tuple(row.facts["head"]),
            facts=tuple(tuple(fact) for fact in row.facts["rows"]),
        )
        for kind in Kind
        if (row := found.get(kind)) is not None
    )


def picture(sight: BoardSight, kind: str, *, dark: bool) -> str | None:
    """The SVG of a chart that the person may see; None where there is none yet."""
    return _chart(sight, kind).values_list("dark" if dark else "light", flat=True).first()


def ranks_behind(sight: BoardSight) -> list[tuple[str, str, int | None]] | None:
    """The rows behind the chart of ranks: from when on, who, and the rank, None for one who left the board then. None
    where there is no such chart that the person may see."""
    rows = _chart(sight, Kind.RANKS).values_list("data", flat=True).first()
    return None if rows is None else [(at, name, rank) for at, name, rank in rows]


def _chart(sight: BoardSight, kind: str) -> QuerySet[Chart]:
    plan, key = sight.plan, charted_column(sight)
    rows = Chart.objects.filter(
        leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id, column_key=key or "", kind=kind
    )
    return rows.exclude(digest="")


def series_of(plan: BoardPlan, column_key: str) -> Series | None:
    """The scores of a column that ranked entries have, in the order of time; None where the board has no such column or
    nobody has a score there."""
    column = next((each for each in plan.ranking_columns if each.key == column_key), None)
    if column is None:
        return None
    entries = RankedEntries(plan.leaderboard_id, plan.phase_id).in_order()
    rows = entries.values_list("submitted_at", "values").iterator(_PORTION)
    points = [Point(at, float(value)) for at, values in rows if (value := values.get(column_key)) is not None]
    points.sort(key=lambda point: point.at)
    if not points:
        return None
    return Series(column.title, column.precision, column.sorting is Sorting.DESCENDING, tuple(points))
