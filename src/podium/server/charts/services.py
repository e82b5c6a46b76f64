"""Drawing charts by the jobs process, as soon as somebody looks at a board whose last ones are old."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db import transaction

from podium.server import clock
from podium.server.charts.drawing import Renderer
from podium.server.charts.models import Chart
from podium.server.charts.queries import charted_column, series_of
from podium.server.charts.specs import Drawing, Kind, Series, Theme, coloured, drawing
from podium.server.jobs.internal.queries import job_waits
from podium.server.jobs.internal.services import ask_for, forget_ended
from podium.server.jobs.internal.work import JobKind, Work
from podium.server.leaderboards.queries import BoardSight, plan_of_phase, stamps_of_phases

CHARTS = "charts"
_NOT_MORE_OFTEN = timedelta(seconds=5)
# Of the many points of a long board, a few more are seen by nobody.
_LONG = 20_000
_LONG_NOT_MORE_OFTEN = timedelta(minutes=5)
_renderer = Renderer()


def want_charts(sight: BoardSight, stamp: int, total: int) -> bool:
    """Have the charts of a board drawn where the last ones show another version of it. Returns whether new ones are on
    their way. `total` is the number of entries: those of a long board are drawn less often."""
    key = charted_column(sight)
    if key is None or not total:
        return False
    plan = sight.plan
    rows = Chart.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id, column_key=key)
    last = rows.order_by("drawn_at").values_list("stamp", "drawn_at").first()
    pause = _LONG_NOT_MORE_OFTEN if total > _LONG else _NOT_MORE_OFTEN
    if last is not None and (last[0] == stamp or clock.now() - last[1] < pause):
        return last[0] != stamp and pause == _NOT_MORE_OFTEN
    payload = {"leaderboard": plan.leaderboard_id, "phase": plan.phase_id, "column": key}
    subject = _subject(payload)
    with transaction.atomic():
        if not job_waits(CHARTS, subject):
            ask_for(CHARTS, None, payload, subject=subject)
    return True


def _draw(work: Work) -> None:
    payload = work.order.payload
    plan = plan_of_phase(payload["phase"], payload["leaderboard"])
    stamp = stamps_of_phases([plan.phase_id])[plan.phase_id]
    series = series_of(plan, payload["column"])
    column = payload["column"]
    here = Chart.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id, column_key=column)
    known = dict(here.values_list("kind", "digest"))
    made = {}
    for kind in Kind:
        work.check()
        digest, specs, drawn = _specified(kind, series)
        if known.get(kind) != digest:
            made[kind] = {
                "digest": digest,
                "title": drawn.title if drawn else "",
                "description": drawn.description if drawn else "",
                "facts": {"head": drawn.head if drawn else ("", ""), "rows": drawn.facts if drawn else ()},
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


def _specified(kind: Kind, series: Series | None) -> tuple[str, dict[Theme, dict[str, Any]], Drawing | None]:
    """The hash of what is to be drawn, the specifications, and the chart; None where there is nothing to draw."""
    if series is None:
        return "", {}, None
    drawn = drawing(kind, series)
    specs = {theme: coloured(drawn, theme) for theme in Theme}
    text = json.dumps([specs[theme] for theme in Theme], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest(), specs, drawn


def _subject(payload: dict[str, object]) -> str:
    text = "/".join(str(value) for value in payload.values())
    return hashlib.sha256(text.encode()).hexdigest()[:32]


CHART_DRAWING = JobKind(CHARTS, carry_out=_draw)
