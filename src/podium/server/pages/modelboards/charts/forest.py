"""How far apart the models are: every score with its interval."""

from __future__ import annotations

from podium.server.pages import wording
from podium.server.pages.modelboards.charts.drawing import (
    WIDTH,
    Chart,
    Scale,
    axis_below,
    dot,
    label,
    line,
    picture,
    shortened,
    spread_out,
)
from podium.server.pages.modelboards.contents import BoardContents
from podium.server.pages.modelboards.figures import number

MOST = 60
_LEFT, _RIGHT, _ROW, _TOP = 220, WIDTH - 20, 22, 10
_NOTE = (
    "A line is the interval around a score, and the dashed one marks the best score. A hollow dot was declared, a full"
    " one was scored here."
)


def forest(contents: BoardContents) -> Chart | None:
    """The first models of the board; None where none has a score."""
    ranked = [row for row in contents.chosen if row.score is not None]
    rows = ranked[:MOST]
    values = [value for row in rows for value in (row.score, row.ci_low, row.ci_high) if value is not None]
    if not values:
        return None
    scale = Scale(*spread_out(min(values), max(values)), _LEFT, _RIGHT)
    bottom = _TOP + _ROW * len(rows)
    parts = axis_below(scale, _TOP, bottom, contents.metric.axis)
    best = contents.best
    if best is not None and best.score is not None and scale.low <= best.score <= scale.high:
        parts.append(line(scale.at(best.score), _TOP, scale.at(best.score), bottom, "dashed"))
    for place, row in enumerate(rows):
        if row.score is None:
            continue
        y = _TOP + _ROW * (place + 0.5)
        parts.append(label(_LEFT - 10, y + 4, shortened(row.model, _LEFT - 20), anchor="end"))
        if row.ci_low is not None and row.ci_high is not None:
            parts.append(line(scale.at(row.ci_low), y, scale.at(row.ci_high), y, "whisker"))
        bounds = "" if row.ci_low is None or row.ci_high is None else f", {number(row.ci_low)} to {number(row.ci_high)}"
        parts.append(dot(scale.at(row.score), y, f"{row.model}: {number(row.score)}{bounds}", hollow=row.count is None))
    left_out = len(ranked) - len(rows)
    return Chart(
        title="How far apart are the models?",
        svg=picture(bottom + 44, f"Scores of {wording.counted(len(rows), 'model')} with their intervals", parts),
        head=("Model", "Score", "From", "To"),
        rows=tuple((row.model, *(_number(value) for value in (row.score, row.ci_low, row.ci_high))) for row in rows),
        note=f"{_NOTE} {wording.counted(left_out, 'further model')} are left out." if left_out else _NOTE,
    )


def _number(value: float | None) -> str:
    return "–" if value is None else number(value)
