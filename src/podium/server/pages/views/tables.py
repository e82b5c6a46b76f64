"""A board as a file to keep, and the pictures below it."""

from __future__ import annotations

import csv

from django.http import FileResponse, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from podium.rules.errors import NotFound
from podium.server.charts.queries import picture, ranks_behind
from podium.server.charts.rank_lines import DATA_HEAD
from podium.server.competitions.queries import competition_detail
from podium.server.exports.boards.escaping import for_spreadsheet
from podium.server.exports.boards.files import board_file
from podium.server.history.proving import head_of_competition
from podium.server.leaderboards.queries import board_for
from podium.server.pages.people import acting

# A picture draws nothing but itself, also where it is opened alone.
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


@require_safe
def table(request: HttpRequest, pk: int, phase: int, leaderboard: int, ending: str) -> FileResponse:
    """One board in a format of choice, as far as the person sees it."""
    _check_phase(request, pk, phase)
    file = board_file(acting(request), phase, leaderboard, ending)
    response = FileResponse(file.content, as_attachment=True, filename=file.name, content_type=file.media_type)
    response.headers["Cache-Control"] = "private, no-store"
    # As of every other file of results: how the chain of events ended when this was written.
    response.headers["Podium-History"] = file.history
    return response


@require_safe
def chart(request: HttpRequest, pk: int, phase: int, leaderboard: int, kind: str) -> HttpResponse:
    """A chart of a board as SVG, with `?theme=dark` for dark pages."""
    _check_phase(request, pk, phase)
    svg = picture(board_for(acting(request), phase, leaderboard), kind, dark=request.GET.get("theme") == "dark")
    if svg is None:
        raise _no_such_chart()
    response = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    response.headers["Content-Security-Policy"] = _PICTURE_POLICY
    # A page shows it all the same; by its own address it is a file, as it holds words of participants.
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}.svg"'
    response.headers["Cache-Control"] = "private, max-age=600"
    return response


@require_safe
def ranks(request: HttpRequest, pk: int, phase: int, leaderboard: int) -> HttpResponse:
    """What the chart of ranks shows, as CSV: every change of a rank."""
    _check_phase(request, pk, phase)
    rows = ranks_behind(board_for(acting(request), phase, leaderboard))
    if rows is None:
        raise _no_such_chart()
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="ranks.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Podium-History"] = str(head_of_competition(pk))
    writer = csv.writer(response)
    writer.writerow(DATA_HEAD)
    writer.writerows((at, for_spreadsheet(name), "" if rank is None else rank) for at, name, rank in rows)
    return response


def _no_such_chart() -> NotFound:
    return NotFound("no-such-chart", "This board has no such chart yet.", "Load the board again in a moment.")


def _check_phase(request: HttpRequest, pk: int, phase: int) -> None:
    if not any(each.id == phase for each in competition_detail(acting(request), pk).phases):
        raise NotFound("phase-not-found", "This competition has no such phase.", "Choose one of those it has.")
