"""A board as a file to keep."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from podium.rules.errors import NotFound
from podium.server.competitions.queries import competition_detail
from podium.server.exports.boards.files import board_file
from podium.server.pages.people import acting


@require_safe
def table(request: HttpRequest, pk: int, phase: int, leaderboard: int, ending: str) -> FileResponse:
    """One board in a format of choice, as far as the person sees it."""
    person = acting(request)
    shown = competition_detail(person, pk)
    if not any(each.id == phase for each in shown.phases):
        raise NotFound("phase-not-found", "This competition has no such phase.", "Choose one of those it has.")
    file = board_file(person, phase, leaderboard, ending)
    response = FileResponse(file.content, as_attachment=True, filename=file.name, content_type=file.media_type)
    response.headers["Cache-Control"] = "private, no-store"
    return response
