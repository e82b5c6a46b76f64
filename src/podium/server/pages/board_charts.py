"""The charts below a board: pictures by their addresses, and the same facts as tables."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from podium.server.charts.queries import shown_charts
from podium.server.charts.services import want_charts
from podium.server.leaderboards.queries import Board, stamps_of_phases

_MOST_FACTS = 50


@dataclass(frozen=True)
class BoardChart:
    """A chart: the addresses of its two pictures, what it says, and rows below a head."""

    kind: str
    title: str
    description: str
    light: str
    dark: str
    head: tuple[str, str]
    facts: tuple[tuple[str, str], ...]
    left_out: int


def board_charts(found: Board) -> tuple[list[BoardChart], bool]:
    """The charts that were drawn last, and whether newer ones are on their way."""
    if found.sight is None:
        return [], False
    stamp = stamps_of_phases([found.phase_id])[found.phase_id]
    shown = shown_charts(found.sight, stamp)
    coming = want_charts(found.sight, stamp, found.sight.ranked.total())
    made = []
    for chart in shown:
        args = [found.competition_id, found.phase_id, found.leaderboard_id, chart.kind.value]
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
            )
        )
    return made, coming
