"""What a score costs: against the number of parameters, the size, the price, or another number of models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from django.utils.safestring import SafeString

from podium.server.modelboards.queries import BoardRow
from podium.server.pages.modelboards.charts.drawing import (
    WIDTH,
    Chart,
    Scale,
    axis_below,
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
from podium.server.pages.parts import Place

_COSTS = ("params", "parameters", "size", "price", "cost", "latency", "time", "duration", "memory", "energy", "tokens")
_LEFT, _RIGHT, _TOP, _BOTTOM = 90, WIDTH - 30, 34, 340
_WIDE = 50
_MOST_KEYS = 20
_NOTE = (
    "Full dots are models that no other beats in both, and the line joins them: less of it and a better score. Hollow"
    " dots are beaten. The numbers are what was declared with the results."
)


@dataclass(frozen=True)
class Priced:
    """A chart and links to those by other numbers."""

    chart: Chart
    choices: tuple[Place, ...]


@dataclass(frozen=True)
class _Point:
    row: BoardRow
    cost: float
    score: float


def costs_of(rows: Sequence[BoardRow]) -> list[str]:
    """The numbers that at least two results with a score tell, those that are costs by their name first; of other
    metrics only those."""
    counts: dict[str, int] = {}
    for row in rows:
        if row.score is not None:
            for name in {*row.extra, *row.detailed_scores}:
                if _cost(row, name) is not None:
                    counts[name] = counts.get(name, 0) + 1
    told = {name for row in rows for name in row.extra}
    found = sorted(name for name, count in counts.items() if count > 1 and (name in told or _is_cost(name)))
    found.sort(key=lambda name: not _is_cost(name))
    return found[:_MOST_KEYS]


def priced(contents: BoardContents) -> Priced | None:
    """The score against the number that the view asks for; None where no two results tell one."""
    names = costs_of(contents.rows)
    if not names:
        return None
    chosen = contents.view.value if contents.view.value in names else names[0]
    points = [
        _Point(row, cost, row.score)
        for row in contents.chosen
        if row.score is not None and (cost := _cost(row, chosen)) is not None
    ]
    choices = tuple(Place(name, contents.view.but(value=name), current=name == chosen) for name in names)
    return Priced(_chart(contents, chosen, points), choices)


def front(points: Sequence[tuple[float, float]], *, lower_is_better: bool) -> list[int]:
    """The places of those that no other beats: none costs as little and scores better, or scores as well for less.

    >>> front([(1, 0.5), (2, 0.4), (3, 0.9)], lower_is_better=False)
    [0, 2]
    """
    turned = [(cost, score if lower_is_better else -score) for cost, score in points]
    found: list[int] = []
    best: float | None = None
    for place in sorted(range(len(turned)), key=lambda place: turned[place]):
        score = turned[place][1]
        if best is None or score < best or (found and turned[found[-1]] == turned[place]):
            found.append(place)
            best = score
    return found


def _chart(contents: BoardContents, name: str, points: Sequence[_Point]) -> Chart:
    best = front([(each.cost, each.score) for each in points], lower_is_better=contents.metric.lower_is_better)
    return Chart(
        title=f"Which models give the best score for their {name.replace('_', ' ')}?",
        svg=_picture(contents, name, points, best),
        head=("Model", name, contents.metric.title, "Beaten"),
        rows=tuple(
            (each.row.model, number(each.cost), number(each.score), "no" if place in best else "yes")
            for place, each in enumerate(points)
        ),
        note=_NOTE,
    )


def _picture(contents: BoardContents, name: str, points: Sequence[_Point], best: Sequence[int]) -> SafeString:
    if not points:
        return picture(40, "No model", [label(_LEFT, 24, "No model that is looked for tells it.")])
    costs, scores = [each.cost for each in points], [each.score for each in points]
    low, high = min(costs), max(costs)
    far = low > 0 and high / low > _WIDE
    ends = (low / 1.3, high * 1.3) if far and isfinite(high * 1.3) else spread_out(low, high)
    across = Scale(*ends, _LEFT, _RIGHT, logarithmic=far and isfinite(high * 1.3))
    up = Scale(*spread_out(min(scores), max(scores)), _BOTTOM, _TOP)
    title = f"{name} (logarithmic)" if across.logarithmic else name
    parts = [*axis_beside(up, _LEFT, _RIGHT, contents.metric.axis), *axis_below(across, _TOP, _BOTTOM, title)]
    places = [(across.at(points[each].cost), up.at(points[each].score)) for each in best]
    for (x, y), (to_x, to_y) in pairwise(places):
        parts += [line(x, y, to_x, y, "whisker"), line(to_x, y, to_x, to_y, "whisker")]
    for place, each in enumerate(points):
        x, y = across.at(each.cost), up.at(each.score)
        text = f"{each.row.model}: {number(each.score)} for {number(each.cost)}"
        parts.append(dot(x, y, text, hollow=place not in best))
        if place in best:
            side = "end" if x > (_LEFT + _RIGHT) / 2 else "start"
            shift = -8 if side == "end" else 8
            parts.append(label(x + shift, y - 7, shortened(each.row.model, 200), anchor=side, kind="small"))
    return picture(_BOTTOM + 44, f"Scores against {name}", parts)


def _is_cost(name: str) -> bool:
    return any(word in name.casefold() for word in _COSTS)


def _cost(row: BoardRow, name: str) -> float | None:
    value = row.extra.get(name, row.detailed_scores.get(name))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        cost = float(value)
    except OverflowError:
        return None
    return cost if isfinite(cost) else None
