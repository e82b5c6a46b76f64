"""The leaderboards."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from podium.rules.access import Action
from podium.rules.errors import NotFound
from podium.server.leaderboards.queries import board, boards_shown
from podium.server.pages.boards import board_places, board_table, phase_places
from podium.server.pages.heads import opened
from podium.server.pages.news import board_stream, page_or_part
from podium.server.pages.people import acting
from podium.server.submissions.queries.following import follow_board, place_of
from podium.server.submissions.queries.shared import detailed_on_board, public_submissions

_ROWS = 200
# Beyond it the place of a row is no number that a database takes.
_LAST_PAGE = 10**9


@require_safe
def results(request: HttpRequest, pk: int, phase: int | None = None, leaderboard: int | None = None) -> HttpResponse:
    """A board of a phase. Where no phase is named, the one that is open, else the next; where no board is named, the
    first that the person may see."""
    shown, context = opened(request, pk, "results")
    chosen = next((each for each in shown.phases if each.id == phase), None) if phase else shown.phase
    if chosen is None:
        raise NotFound("phase-not-found", "This competition has no such phase.", "Choose one of those it has.")
    boards = boards_shown(acting(request), pk)
    if leaderboard is None and boards:
        leaderboard = boards[0].id
    try:
        page = min(max(int(request.GET.get("page", "1")), 1), _LAST_PAGE)
    except ValueError:
        page = 1
    place = place_of(follow_board(acting(request), chosen.id))
    found = board(acting(request), chosen.id, leaderboard, limit=_ROWS, offset=_ROWS * (page - 1))
    context |= {
        "board": board_table(
            found,
            sees_submissions=shown.standing.may(Action.SEE_ANY_SUBMISSION),
            public=public_submissions([row.submission_id for row in found.rows]),
            detailed=detailed_on_board(
                acting(request), chosen.id, [part for row in found.rows for _, part in row.parts]
            ),
        ),
        "phases": phase_places(pk, shown.phases, chosen.id, found.leaderboard_id if len(boards) > 1 else None),
        "boards": board_places(pk, chosen.id, boards, found.leaderboard_id),
        "live_url": board_stream(chosen.id, place),
        "page_before": page - 1 if page > 1 else 0,
        "page_after": page + 1 if found.offset + len(found.rows) < found.total else 0,
    }
    return page_or_part(request, "podium/competition/results.html", "podium/competition/board.html", context, found)
