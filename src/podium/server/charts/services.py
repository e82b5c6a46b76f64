"""Drawing charts by the jobs process, as soon as somebody looks at a board whose last ones are old."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from podium.server import clock
from podium.server.charts.drawing import Renderer
from podium.server.charts.models import Chart
from podium.server.charts.queries import Drawn, charted_column, series_of
from podium.server.charts.rank_lines import ranks_over_time
from podium.server.charts.specs import Drawing, Kind, Theme, coloured, scores_over_time, spread_of_scores
from podium.server.jobs.internal.queries import job_waits
from podium.server.jobs.internal.services import ask_for, forget_ended
from podium.server.jobs.internal.work import JobKind, Work
from podium.server.leaderboards.queries import BoardPlan, BoardSight, plan_of_phase, stamp_of_phase
from podium.server.past.top import top_over_time

CHARTS = "charts"
_NOT_MORE_OFTEN = timedelta(seconds=5)
# Of the many points of a long board, a few more are seen by nobody.
_LONG = 20_000
_LONG_NOT_MORE_OFTEN = timedelta(minutes=5)
_renderer = Renderer()


def want_charts(sight: BoardSight, drawn: Sequence[Drawn], stamp: int) -> bool:
    """Have the charts of a board drawn where the last ones, `drawn`, show another version of it than `stamp`. Returns
    whether new ones are on their way. Those of a long board are drawn less often."""
    key = charted_column(sight)
    last = drawn[0] if drawn else None
    if key is None or (last is not None and last.stamp == stamp):
        return False
    total = sight.ranked.total()
    if not total:
        return False
    pause = _LONG_NOT_MORE_OFTEN if total > _LONG else _NOT_MORE_OFTEN
    if last is not None and clock.now() - last.at < pause:
        return pause == _NOT_MORE_OFTEN
    payload = {"leaderboard": sight.plan.leaderboard_id, "phase": sight.plan.phase_id, "column": key}
    subject = _subject(payload)
    # Asked before, as everybody who looks at the board comes by: only the first of them has something to write.
    if job_waits(CHARTS, subject):
        return True
    with transaction.atomic():
        if not job_waits(CHARTS, subject):
            ask_for(CHARTS, None, payload, subject=subject)
    return True


def _draw(work: Work) -> None:
    payload = work.order.payload
    plan = plan_of_phase(payload["phase"], payload["leaderboard"])
    stamp = stamp_of_phase(plan.phase_id)
    column = payload["column"]
    drawings = _drawings(plan, column)
    here = Chart.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id, column_key=column)
    known = dict(here.values_list("kind", "digest"))
    made = {}
    for kind in Kind:
        work.check()
        drawn = drawings[kind]
        digest, specs = _specified(drawn)
        if known.get(kind) != digest:
            made[kind] = {
                "digest": digest,
                "title": drawn.title if drawn else "",
                "description": drawn.description if drawn else "",
                "facts": {"head": drawn.head if drawn else ("", ""), "rows": drawn.facts if drawn else ()},
                "data": drawn.data if drawn else (),
                **{theme.value: _renderer.svg(specs[theme]) if drawn else "" for theme in Theme},
            }
    with transaction.atomic():
        here.update(stamp=stamp, drawn_at=clock.now())
        for kind, fields in made.items():
            Chart.objects.update_or_create(
                leaderboard_id=plan.leaderboard_id,
                phase_id=plan.phase_id,
                column_key=column,
                kind=kind,
                defaults={**fields, "stamp": stamp, "drawn_at": clock.now()},
            )
        forget_ended(CHARTS, work.order.subject)
        work.finish({"drawn": sorted(made)})


def _drawings(plan: BoardPlan, column: str) -> dict[Kind, Drawing | None]:
    """The charts of a board; None for one that has nothing to show."""
    series = series_of(plan, column)
    top = top_over_time(plan)
    return {
        Kind.TIME: None if series is None else scores_over_time(series),
        Kind.SPREAD: None if series is None else spread_of_scores(series),
        Kind.RANKS: None if top is None else ranks_over_time(top),
    }


def _specified(drawn: Drawing | None) -> tuple[str, dict[Theme, dict[str, Any]]]:
    """The hash of what is to be drawn, and the specifications; empty where there is nothing to draw."""
    if drawn is None:
        return "", {}
    specs = {theme: coloured(drawn, theme) for theme in Theme}
    text = json.dumps([[specs[theme] for theme in Theme], drawn.facts, drawn.data], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest(), specs


def _subject(payload: dict[str, object]) -> str:
    text = "/".join(str(value) for value in payload.values())
    return hashlib.sha256(text.encode()).hexdigest()[:32]


CHART_DRAWING = JobKind(CHARTS, carry_out=_draw)
