"""How the share of what is right has moved from submission to submission: a small chart, drawn in the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from django.utils.safestring import SafeString

from podium.rules.board.columns import Column
from podium.rules.board.display import aligned
from podium.rules.board.shares import is_share
from podium.server.pages import wording
from podium.server.submissions.queries.listing import SubmissionRow

MOST_CHARTS = 3
_LEAST_POINTS = 2
_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 34, 44
_LINES = (0.0, 0.25, 0.5, 0.75, 1.0)
# Scripts and styles have no part in it; colours are those of the text around it.
_TEXT = 'font-size="12" fill="currentColor"'


@dataclass(frozen=True)
class SharePoint:
    """The share of one submission."""

    name: str
    owner: str
    at: datetime
    value: float


@dataclass(frozen=True)
class ShareChart:
    """A chart of one column, what it says, and the same as rows: submission, when, share."""

    key: str
    title: str
    description: str
    picture: SafeString
    rows: tuple[tuple[str, str, str], ...]


def share_charts(rows: Sequence[SubmissionRow], columns: Mapping[str, Column], *, named: bool) -> list[ShareChart]:
    """The charts of the first columns that hold shares, from the submissions of a list; `columns` are those that the
    person may see, `named` says whether submissions of several people are in it."""
    charts = []
    for key, column in columns.items():
        points = sorted(_points(rows, key), key=lambda point: point.at)
        if len(points) >= _LEAST_POINTS and is_share(column, [point.value for point in points]):
            charts.append(_chart(column, points, named=named))
    return charts[:MOST_CHARTS]


def _points(rows: Iterable[SubmissionRow], key: str) -> Iterable[SharePoint]:
    for row in rows:
        value = dict(row.scores).get(key)
        if value is not None:
            yield SharePoint(f"No. {row.number}", row.owner, row.created_at, value)


def _chart(column: Column, points: Sequence[SharePoint], *, named: bool) -> ShareChart:
    best, last = max(point.value for point in points), points[-1]
    first_day, last_day = _day(points[0].at), _day(last.at)
    when = f"on {first_day}" if first_day == last_day else f"between {first_day} and {last_day}"
    description = (
        f"{wording.counted(len(points), 'submission')} {when}. The last one has {_percent(column, last.value)}, "
        f"the best {_percent(column, best)}."
    )
    title = f"{column.title} over time, in percent"
    return ShareChart(
        key=column.key,
        title=title,
        description=description,
        picture=SafeString(_picture(title, description, column, points, named=named)),
        rows=tuple(
            (
                f"{point.name} by {point.owner}" if named else point.name,
                _minute(point.at),
                _percent(column, point.value),
            )
            for point in points
        ),
    )


def _picture(title: str, description: str, column: Column, points: Sequence[SharePoint], *, named: bool) -> str:
    places = _places([point.at for point in points])
    drawn = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(f"{title}. {description}")}">',
        f'<text x="0" y="16" font-size="14" fill="currentColor">{escape(title)}</text>',
    ]
    for share in _LINES:
        y = _height(share)
        drawn.append(
            f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="currentColor" opacity="0.18"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" {_TEXT}>{share:.0%}</text>'
        )
    drawn.append(f'<path d="{_path(points, places, steps=named)}" fill="none" stroke="currentColor" stroke-width="2"/>')
    for point, x in zip(points, places, strict=True):
        said = (
            f"{point.name}{f' by {point.owner}' if named else ''}, {_minute(point.at)}: {_percent(column, point.value)}"
        )
        drawn.append(
            f'<circle cx="{x:.1f}" cy="{_height(point.value):.1f}" r="4" fill="currentColor">'
            f"<title>{escape(said)}</title></circle>"
        )
    below = _HEIGHT - _BOTTOM + 18
    drawn.append(f'<text x="{_LEFT}" y="{below}" {_TEXT}>{_minute(points[0].at)}</text>')
    drawn.append(f'<text x="{_WIDTH - _RIGHT}" y="{below}" text-anchor="end" {_TEXT}>{_minute(points[-1].at)}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    drawn.append(f'<text x="{middle}" y="{below + 20}" text-anchor="middle" {_TEXT}>Submitted</text></svg>')
    return "".join(drawn)


def _path(points: Sequence[SharePoint], places: Sequence[float], *, steps: bool) -> str:
    """From submission to submission of one person; of several, the best so far."""
    drawn = f"M{places[0]:.1f} {_height(points[0].value):.1f}"
    best = points[0].value
    for point, x in zip(points[1:], places[1:], strict=True):
        best = max(best, point.value)
        drawn += f"H{x:.1f}V{_height(best):.1f}" if steps else f"L{x:.1f} {_height(point.value):.1f}"
    return drawn


def _places(moments: Sequence[datetime]) -> list[float]:
    begin, span = moments[0], (moments[-1] - moments[0]).total_seconds()
    room = _WIDTH - _LEFT - _RIGHT
    return [_LEFT + room * ((at - begin).total_seconds() / span if span else 0.5) for at in moments]


def _height(share: float) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - share)


def _percent(column: Column, value: float) -> str:
    return f"{aligned(100 * value, max(column.precision - 2, 0))} %"


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"
