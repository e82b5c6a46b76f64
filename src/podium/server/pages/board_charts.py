"""The charts below a board: pictures by their addresses, and the same facts as tables."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from podium.server.charts.queries import shown_charts
from podium.server.charts.specs import Kind
from podium.server.leaderboards.queries import BoardSight

_MOST_FACTS = 50


@dataclass(frozen=True)
class BoardChart:
    """A chart: the addresses of its two pictures, what it says, and rows below a head. `data_url` is where its data are
    where those of the board do not tell them, else empty."""

    kind: str
    title: str
    description: str
    light: str
    dark: str
    head: tuple[str, ...]
    facts: tuple[tuple[str, ...], ...]
    left_out: int
    data_url: str


def board_charts(sight: BoardSight) -> list[BoardChart]:
    """The charts that were drawn last."""
    plan = sight.plan
    made = []
    for chart in shown_charts(sight):
        args = [plan.competition_id, plan.phase_id, plan.leaderboard_id, chart.kind.value]
        url = reverse("board_chart", args=args)
        version = chart.digest[:16]
        made.append(
            BoardChart(
                kind=chart.kind.value,
                title=chart.title,
                description=chart.description,
                light=f"{url}?{urlencode({'v': version})}",
                dark=f"{url}?{urlencode({'theme': 'dark', 'v': version})}",
                head=chart.head,
                facts=chart.facts[-_MOST_FACTS:],
                left_out=max(0, len(chart.facts) - _MOST_FACTS),
                data_url=reverse("board_ranks", args=args[:3]) if chart.kind is Kind.RANKS else "",
            )
        )
    return made
