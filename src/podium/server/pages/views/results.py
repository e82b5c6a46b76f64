"""The leaderboards."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from podium.rules.access import Action
from podium.rules.errors import NotFound
from podium.server.competitions.queries import CompetitionHeading
from podium.server.exports.boards.files import FORMATS
from podium.server.leaderboards.queries import Board, board, boards_shown
from podium.server.pages.board_charts import board_charts
from podium.server.pages.board_rows import RowsBeside
from podium.server.pages.board_state import BoardState, column_names, known, state_from
from podium.server.pages.board_tabs import board_places, phase_places, task_places
from podium.server.pages.boards import board_table, column_choices
from podium.server.pages.heads import headed
from podium.server.pages.news import board_stream, page_or_part
from podium.server.pages.parts import Place
from podium.server.pages.people import acting
from podium.server.pages.rescores import told_on_board
from podium.server.pages.views.then import results_then
from podium.server.rescores.queries import notices_of
from podium.server.submissions.queries.following import follow_board, place_of
from podium.server.submissions.queries.shared import detailed_on_board, finished_of, public_submissions

ROWS = 100
_FORMAT_NAMES = {"csv": "CSV", "json": "JSON", "tex": "LaTeX", "md": "Markdown"}


@require_safe
def results(request: HttpRequest, pk: int, phase: int | None = None, leaderboard: int | None = None) -> HttpResponse:
    """A board of a phase. Where no phase is named, the one that is open, else the next; where no board is named, the
    first that the person may see. Where a moment is named, as it was then."""
    if "at" in request.GET:
        return results_then(request, pk, phase, leaderboard)
    shown, context = headed(request, pk, "results")
    chosen = next((each for each in shown.phases if each.id == phase), None) if phase else shown.phase
    if chosen is None:
        raise NotFound("phase-not-found", "This competition has no such phase.", "Choose one of those it has.")
    person = acting(request)
    boards = boards_shown(person, pk)
    if leaderboard is None and boards:
        leaderboard = boards[0].id
    state = state_from(request.path, request.GET)
    place = place_of(follow_board(person, chosen.id))
    offset = ROWS * (state.page - 1)
    found = board(
        person, chosen.id, leaderboard, limit=ROWS, offset=offset, arrangement=state.arrangement, task_id=state.task
    )
    state = known(state, column_names(found.groups))
    beside = RowsBeside(
        sees_submissions=shown.standing.may(Action.SEE_ANY_SUBMISSION),
        public=public_submissions([row.submission_id for row in found.rows]),
        detailed=detailed_on_board(person, chosen.id, [part for row in found.rows for _, part in row.parts]),
        finished=finished_of(chosen.id, {row.owner_id for row in found.rows}),
    )
    charts, charts_come = board_charts(found)
    context |= _around(found, state, shown) | {
        "board": board_table(found, state, beside),
        "phases": phase_places(pk, shown.phases, chosen.id, found.leaderboard_id if len(boards) > 1 else None),
        "tasks": task_places(found, state),
        "boards": board_places(pk, chosen.id, boards, found.leaderboard_id),
        "live_url": board_stream(chosen.id, place),
        "charts": charts,
        "data_url": reverse("board_table", args=[pk, chosen.id, found.leaderboard_id, "csv"]),
        "charts_come": charts_come,
        "notices": told_on_board(notices_of(pk, chosen.id)),
    }
    seen = (found, state, beside, charts, charts_come)
    return page_or_part(request, "podium/competition/results.html", "podium/competition/board.html", context, seen)


def _around(found: Board, state: BoardState, shown: CompetitionHeading) -> dict[str, Any]:
    """What stands around the table: how to search and choose, other pages, one's own row, files."""
    return {
        "who": state.who,
        "search_fields": state.fields("who", "page"),
        "column_fields": state.fields("columns", "page"),
        "choices": column_choices(found, state),
        "choice_made": bool(state.columns),
        "page_before": state.at_page(state.page - 1).url if state.page > 1 else "",
        "page_after": "" if found.ends else state.at_page(state.page + 1).url,
        "me_url": _own_row(found, state),
        "files": [
            Place(
                _FORMAT_NAMES[ending],
                reverse("board_table", args=[found.competition_id, found.phase_id, found.leaderboard_id, ending]),
            )
            for ending in FORMATS
        ],
        "edit_url": reverse("edit_board", args=[found.competition_id, found.leaderboard_id])
        if shown.standing.may(Action.EDIT_BOARD)
        else "",
        "all_csv": f"/api/competitions/{found.competition_id}/get_csv/"
        if shown.standing.may(Action.EXPORT_BOARD)
        else "",
    }


def _own_row(found: Board, state: BoardState) -> str:
    """Where the reader's best row is, where it is not on this page."""
    if found.my_rank is None:
        return ""
    return f"{state.by_rank().at_page(1 + (found.my_rank - 1) // ROWS).url}#me"
