"""How the best score has grown: every result by its date, and the best until then as steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from podium.rules.modelboards.standing import sort_key
from podium.server.modelboards.queries import BoardRow
from podium.server.pages.modelboards.charts.drawing import (
    WIDTH,
    Chart,
    Scale,
    axis_beside,
    dot,
    label,
    line,
    picture,
    shortened,
    spread_out,
)
from podium.server.pages.modelboards.contents import BoardContents
from podium.server.pages.modelboards.figures import number

MOST = 2_000
_LEFT, _RIGHT, _TOP, _BOTTOM = 90, WIDTH - 45, 34, 320
_ABOUT_TICKS = 6
_NOTE = (
    "Full dots were the best when they came, and the line is the best until then. The date is the one that was"
    " declared; the day of arrival where none was, or one that had not come. A dashed line is a baseline."
)


@dataclass(frozen=True)
class _Point:
    """A result on its day; `led` says that nothing before it was as good."""

    day: date
    score: float
    row: BoardRow
    led: bool


def timeline(contents: BoardContents, rows: Sequence[BoardRow]) -> Chart | None:
    """All results that models have had by their dates, the newest 2,000 of them; None where none has a score."""
    ranked = [row for row in rows if row.model not in contents.dataset.baselines]
    found = _points(ranked, lower_is_better=contents.metric.lower_is_better)
    points = found[-MOST:]
    if not points:
        return None
    first, last = points[0].day.toordinal(), points[-1].day.toordinal()
    days = Scale(first - 1, last + 1, _LEFT, _RIGHT)
    baselines = contents.dataset.baselines
    bars = {row.model: row.score for row in contents.rows if row.score is not None and row.model in baselines}
    scores = [*(point.score for point in points), *bars.values()]
    scale = Scale(*spread_out(min(scores), max(scores)), _BOTTOM, _TOP)
    parts = [*axis_beside(scale, _LEFT, _RIGHT, contents.metric.axis), *_day_axis(days)]
    parts += _steps([point for point in points if point.led], days, scale)
    for model, score in bars.items():
        y = scale.at(score)
        parts += [line(_LEFT, y, _RIGHT, y, "dashed"), label(_LEFT + 4, y - 5, shortened(model, 300), kind="small")]
    for point in points:
        text = f"{point.row.model}: {number(point.score)}, {point.day.isoformat()}"
        parts.append(dot(days.at(point.day.toordinal()), scale.at(point.score), text, hollow=not point.led))
    return Chart(
        title="How has the best score moved?",
        svg=picture(_BOTTOM + 30, "Scores by date, and the best until then", parts),
        head=("Date", "Model", "Score", "The best then"),
        rows=tuple(
            (point.day.isoformat(), point.row.model, number(point.score), "yes" if point.led else "no")
            for point in reversed(points)
        ),
        note=f"{_NOTE} Older results are left out." if len(found) > MOST else _NOTE,
    )


def _points(rows: Sequence[BoardRow], *, lower_is_better: bool) -> list[_Point]:
    """By day; of one day the best first, so that only that one may have led."""
    there = [(_day(row), row.score, row) for row in rows if row.score is not None]
    there.sort(key=lambda each: (each[0], sort_key(each[1], lower_is_better=lower_is_better)))
    points: list[_Point] = []
    best: float | None = None
    for day, score, row in there:
        led = best is None or (score < best if lower_is_better else score > best)
        best = score if led else best
        points.append(_Point(day, score, row, led))
    return points


def _day(row: BoardRow) -> date:
    """Of a date that had not come when the result arrived, one row would draw the line through years to be."""
    arrival = row.created_at.astimezone(UTC).date()
    return min(row.updated_on or arrival, arrival)


def _steps(leaders: Sequence[_Point], days: Scale, scale: Scale) -> list[str]:
    parts = []
    for before, after in zip(leaders, [*leaders[1:], None], strict=True):
        x, y = days.at(before.day.toordinal()), scale.at(before.score)
        end = _RIGHT if after is None else days.at(after.day.toordinal())
        parts.append(line(x, y, end, y, "whisker"))
        if after is not None:
            parts.append(line(end, y, end, scale.at(after.score), "whisker"))
    return parts


def _day_axis(days: Scale) -> list[str]:
    parts = []
    span = days.high - days.low
    count = int(min(_ABOUT_TICKS, max(span, 1)))
    for place in range(count + 1):
        day = round(days.low + span * place / count)
        x = days.at(day)
        text = datetime.fromordinal(max(day, 1)).date().isoformat()
        parts += [line(x, _TOP, x, _BOTTOM, "grid"), label(x, _BOTTOM + 18, text, anchor="middle", kind="small")]
    return parts
