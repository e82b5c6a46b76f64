"""What the charts of a board show, as specifications of Vega-Lite: plain dicts, made of plain numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from podium.rules.board.display import aligned

MOST_POINTS = 1500
_MOST_BINS = 20
_LARGEST = 1.7976931348e308
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_WIDTH = 560
_HEIGHT = 220
_FONT = "system-ui, sans-serif"


class Kind(StrEnum):
    """The charts that there are of a board."""

    TIME = "time"
    SPREAD = "spread"
    RANKS = "ranks"


class Theme(StrEnum):
    """The colours of a picture."""

    LIGHT = "light"
    DARK = "dark"


_INK = {Theme.LIGHT: "#1c2526", Theme.DARK: "#e6eceb"}
_QUIET = {Theme.LIGHT: "#5b6868", Theme.DARK: "#9fb0af"}
_GRID = {Theme.LIGHT: "#dde3e2", Theme.DARK: "#35403f"}
_ACCENT = {Theme.LIGHT: "#0b6470", Theme.DARK: "#63c3cf"}


@dataclass(frozen=True)
class Point:
    """The score of one entry, and when it was submitted."""

    at: datetime
    value: float


@dataclass(frozen=True)
class Series:
    """What a chart is made of: the scores of one column in the order of time. `higher` says whether more is better."""

    title: str
    precision: int
    higher: bool
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Drawing:
    """A chart before it is drawn: its title, a description for those who do not see it, the same facts as rows below a
    head, the specification without its colours, and rows of data where the board's own file does not hold them."""

    title: str
    description: str
    head: tuple[str, ...]
    facts: tuple[tuple[str, ...], ...]
    spec: dict[str, Any]
    data: tuple[tuple[str, str, int | None], ...] = ()


def best_so_far(series: Series) -> list[Point]:
    """The points that were better than all before them, the first among them."""
    best: list[Point] = []
    for point in series.points:
        if not best or (point.value > best[-1].value if series.higher else point.value < best[-1].value):
            best.append(point)
    return best


def scores_over_time(series: Series) -> Drawing:
    """Every entry as a point, and the best one so far as a line in steps."""
    best = best_so_far(series)
    shown = _thinned(series.points)
    last = series.points[-1].at
    steps = [{"at": moment(each.at), "value": each.value} for each in best]
    if best[-1].at != last:
        steps.append({"at": moment(last), "value": best[-1].value})
    count = len(series.points)
    description = (
        f"{_counted(count)} between {_day(series.points[0].at)} and {_day(last)}. The best {series.title} went from "
        f"{aligned(best[0].value, series.precision)} to {aligned(best[-1].value, series.precision)} in "
        f"{len(best)} step{'' if len(best) == 1 else 's'}."
    )
    if len(shown) < count:
        description += f" {len(shown):,} of the points are drawn."
    x = axis_of_time(series.points[0].at, last, "Submitted (UTC)")
    y = {"field": "value", "type": "quantitative", "title": series.title, "scale": {"zero": False}}
    spec = {
        "layer": [
            {
                "data": {"values": [{"at": moment(each.at), "value": each.value} for each in shown]},
                "mark": {"type": "point", "filled": True, "size": 26, "opacity": 0.55, "color": "quiet"},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"values": steps},
                "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2, "color": "accent"},
                "encoding": {"x": x, "y": y},
            },
        ],
    }
    facts = tuple((minute(each.at), aligned(each.value, series.precision)) for each in best)
    title = f"How has the best {series.title} moved?"
    return Drawing(title, description, ("From", f"Best {series.title}"), facts, spec)


def axis_of_time(first: datetime, last: datetime, title: str) -> dict[str, Any]:
    """The moments between two, from left to right."""
    days = (last - first).days
    axis = {"format": "%d %b %Y" if days > 2 else "%d %b %H:%M", "tickCount": 5, "labelOverlap": True}
    return {"field": "at", "type": "temporal", "title": title, "scale": {"type": "utc"}, "axis": axis}


def spread_of_scores(series: Series) -> Drawing:
    """How many entries have which score, in bins of the same width."""
    bins = binned([point.value for point in series.points])
    fullest = max(bins, key=lambda each: each[2])
    low, high = bins[0][0], bins[-1][1]
    middle = statistics.median_low(point.value for point in series.points)
    description = (
        f"{_counted(len(series.points))}. {series.title} lies between {_short(low)} and {_short(high)}; its "
        f"median is {aligned(middle, series.precision)}. Most stand between {_short(fullest[0])} and "
        f"{_short(fullest[1])}: {fullest[2]:,}."
    )
    spec = {
        "data": {"values": [{"from": low, "to": high, "base": 0, "count": count} for low, high, count in bins]},
        "mark": {"type": "rect", "color": "accent", "stroke": "transparent"},
        "encoding": {
            "x": {"field": "from", "type": "quantitative", "title": series.title, "scale": {"zero": False}},
            "x2": {"field": "to"},
            "y": {
                "field": "count",
                "type": "quantitative",
                "title": "Entries",
                "axis": {"values": _whole_numbers(fullest[2]), "format": ",d"},
            },
            "y2": {"field": "base"},
        },
    }
    facts = tuple((f"{_short(low)} to {_short(high)}", f"{count:,}") for low, high, count in bins)
    return Drawing(
        f"How are the scores for {series.title} spread?", description, (series.title, "Entries"), facts, spec
    )


def binned(values: Sequence[float]) -> list[tuple[float, float, int]]:
    """Bins of one round width over all values: (from, to, how many), the upper end belonging to the next one."""
    low, high = min(values), max(values)
    width = _round_width(low, high)
    first = math.floor(low / width)
    number = max(1, math.floor(high / width) - first + 1)
    counts = [0] * number
    for value in values:
        counts[min(max(math.floor(value / width) - first, 0), number - 1)] += 1
    return [(_clean((first + at) * width), _clean((first + at + 1) * width), count) for at, count in enumerate(counts)]


def _whole_numbers(largest: int) -> list[int]:
    """At most six numbers from 0 up to the largest, all a round step apart."""
    powers = (10**power for power in range(19))
    step = next(power * by for power in powers for by in (1, 2, 5) if largest <= 5 * power * by)
    return list(range(0, largest + 1, step))


def coloured(drawn: Drawing, theme: Theme) -> dict[str, Any]:
    """The whole specification in the colours of a theme."""
    colours = {"accent": _ACCENT[theme], "quiet": _QUIET[theme]}
    axis = {
        "labelColor": _QUIET[theme],
        "titleColor": _INK[theme],
        "gridColor": _GRID[theme],
        "domainColor": _QUIET[theme],
        "tickColor": _QUIET[theme],
        "labelFont": _FONT,
        "titleFont": _FONT,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleLimit": _WIDTH,
    }
    return {
        "$schema": _SCHEMA,
        "title": {
            "text": drawn.title,
            "color": _INK[theme],
            "font": _FONT,
            "fontSize": 14,
            "anchor": "start",
            "limit": _WIDTH,
        },
        "description": drawn.description,
        "width": _WIDTH,
        "height": _HEIGHT,
        "background": "transparent",
        "config": {"view": {"stroke": "transparent"}, "axis": axis},
        **_with_colours(drawn.spec, colours),
    }


def _with_colours(part: Any, colours: dict[str, str]) -> Any:
    if isinstance(part, dict):
        return {
            key: colours[value] if key == "color" and value in colours else _with_colours(value, colours)
            for key, value in part.items()
        }
    return [_with_colours(each, colours) for each in part] if isinstance(part, list) else part


def _thinned(points: Sequence[Point]) -> list[Point]:
    """At most MOST_POINTS of them, evenly over time."""
    if len(points) <= MOST_POINTS:
        return list(points)
    return [points[at * len(points) // MOST_POINTS] for at in range(MOST_POINTS)]


def _round_width(low: float, high: float) -> float:
    """A width of 1, 2 or 5 times a power of ten with which at most `_MOST_BINS` bins hold everything."""
    # Halves first: the difference of two large numbers may be none any more.
    spread = (high / 2 - low / 2) * 2
    if not spread or not math.isfinite(spread):
        spread = max(abs(low), abs(high), 1.0)
    power = 10.0 ** math.floor(math.log10(spread / _MOST_BINS)) if spread > 1e-300 else 1.0
    return next((power * step for step in (1, 2, 5, 10, 20) if spread / (power * step) < _MOST_BINS - 1), power * 50)


def _clean(value: float) -> float:
    """Without the last digits, which come from adding; the end of a bin may lie beyond what a float holds."""
    return float(f"{max(-_LARGEST, min(_LARGEST, value)):.12g}")


def _short(value: float) -> str:
    return f"{value:.6g}"


def _counted(number: int) -> str:
    return f"{number:,} {'entry' if number == 1 else 'entries'}"


def moment(at: datetime) -> str:
    """As specifications and files of data write a moment."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def minute(at: datetime) -> str:
    """As people read a moment."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"
