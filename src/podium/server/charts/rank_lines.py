"""The chart of the ranks that those who lead now had before: a line in steps for each, with the name at its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from podium.server.charts.specs import Drawing, axis_of_time, minute, moment
from podium.server.past.top import MOST_EVENTS, Leader, Standing, TopOverTime

LOWEST_DRAWN = 20
TITLE = "Who led when?"
_HEAD = ("Participant", "Rank now", "Best rank", "On this rank since")
DATA_HEAD = ("From", "Participant", "Rank")
_NONE = "none"
# Names need the room beside the lines.
_WIDTH = 430
_LONGEST_NAME = 120
# Ten lines that differ without colours: five patterns, each wide and narrow.
_DASHES: tuple[tuple[int, ...], ...] = ((), (8, 3), (2, 2), (8, 3, 2, 3), (14, 4))
_SIDES = (("accent", 2.5), ("quiet", 1.5))


def ranks_over_time(top: TopOverTime) -> Drawing | None:
    """The chart, with its data; None where nothing ever changed, so that there is no more to see than the board."""
    changes = rank_changes(top.standings)
    if len(changes) < 2 or len(top.leaders) < 2:
        return None
    last = top.standings[-1].at
    lines = [_line(leader.user, changes, last) for leader in top.leaders]
    lowest = max((point["rank"] for line in lines for point in line), default=1)
    begin = changes[0].at
    x = axis_of_time(begin, last, "Time (UTC)")
    y = {
        "field": "rank",
        "type": "quantitative",
        "title": "Rank",
        "scale": {"domain": [0.5, lowest + 0.5], "reverse": True, "nice": False, "zero": False},
        "axis": {"values": list(range(1, lowest + 1)), "format": "d", "grid": False, "labelOverlap": True},
    }
    layers = [_layer(at, line, x, y) for at, line in enumerate(lines)]
    ends = [
        {"at": moment(last), "rank": rank, "name": leader.name}
        for leader in top.leaders
        if (rank := changes[-1].ranks.get(leader.user)) is not None and rank <= LOWEST_DRAWN
    ]
    names = {
        "data": {"values": ends},
        "mark": {"type": "text", "align": "left", "dx": 6, "limit": _LONGEST_NAME, "color": "quiet"},
        "encoding": {"x": x, "y": y, "text": {"field": "name", "type": "nominal"}},
    }
    return Drawing(
        TITLE,
        _description(top, changes, last),
        _HEAD,
        tuple(_fact(leader, changes) for leader in top.leaders),
        {"width": _WIDTH, "layer": [*layers, names]},
        tuple(_data(top.leaders, changes)),
    )


def rank_changes(standings: Sequence[Standing]) -> list[Standing]:
    """Those at which anybody's rank was another than before, the first at which somebody had one among them."""
    changes: list[Standing] = []
    for each in standings:
        if each.ranks != (changes[-1].ranks if changes else {}):
            changes.append(each)
    return changes


def _line(user: str, changes: Sequence[Standing], last: datetime) -> list[dict[str, Any]]:
    """The points of one line. Where somebody stood on no rank, or too low to be drawn, another part of it begins."""
    points: list[dict[str, Any]] = []
    part, before = 0, None
    for each in changes:
        rank = each.ranks.get(user)
        drawn = rank if rank is not None and rank <= LOWEST_DRAWN else None
        if drawn is not None:
            points.append({"at": moment(each.at), "rank": drawn, "part": part})
        elif before is not None:
            points.append({"at": moment(each.at), "rank": before, "part": part})
            part += 1
        before = drawn
    if before is not None and changes[-1].at != last:
        points.append({"at": moment(last), "rank": before, "part": part})
    return points


def _layer(at: int, line: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
    colour, width = _SIDES[at // len(_DASHES) % len(_SIDES)]
    dash = _DASHES[at % len(_DASHES)]
    mark: dict[str, Any] = {"type": "line", "interpolate": "step-after", "strokeWidth": width, "color": colour}
    if dash:
        mark["strokeDash"] = list(dash)
    return {
        "data": {"values": line},
        "mark": mark,
        "encoding": {"x": x, "y": y, "detail": {"field": "part", "type": "nominal"}},
    }


def _description(top: TopOverTime, changes: Sequence[Standing], last: datetime) -> str:
    text = (
        f"The ranks of the {len(top.leaders)} who lead now changed at {len(changes)} moments between "
        f"{minute(changes[0].at)} and {minute(last)}."
    )
    if top.sampled:
        text += f" {len(top.standings)} moments were looked at, evenly over all."
    if top.shortened:
        text += f" Only the last {MOST_EVENTS:,} events of the competition were looked at."
    if any(rank > LOWEST_DRAWN for each in changes for rank in each.ranks.values()):
        text += f" Ranks below {LOWEST_DRAWN} are not drawn."
    return text


def _fact(leader: Leader, changes: Sequence[Standing]) -> tuple[str, ...]:
    ranks = [each.ranks.get(leader.user) for each in changes]
    since = next(
        (changes[at].at for at in range(len(ranks) - 1, -1, -1) if at == 0 or ranks[at - 1] != ranks[-1]), None
    )
    best = min((rank for rank in ranks if rank is not None), default=None)
    now = ranks[-1]
    return (
        leader.name,
        _NONE if now is None else f"{now:,}",
        _NONE if best is None else f"{best:,}",
        _NONE if now is None or since is None else minute(since),
    )


def _data(leaders: Sequence[Leader], changes: Sequence[Standing]) -> list[tuple[str, str, int | None]]:
    """A row for each time that a person came to another rank, or left the board: then without one."""
    rows: list[tuple[str, str, int | None]] = []
    before: dict[str, int | None] = {}
    for each in changes:
        for leader in leaders:
            rank = each.ranks.get(leader.user)
            if rank != before.get(leader.user):
                rows.append((moment(each.at), leader.name, rank))
                before[leader.user] = rank
    return rows
