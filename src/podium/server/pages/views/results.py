"""The leaderboards."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from podium.rules.access import Action
from podium.rules.errors import NotFound
from podium.server.certainty.queries import board_sureness
from podium.server.charts.queries import drawn_charts
from podium.server.charts.services import want_charts
from podium.server.exports.boards.files import FORMATS
from podium.server.leaderboards.queries import (
    AS_RANKED,
    Board,
    BoardSight,
    board_for,
    board_page,
    boards_shown,
    column_groups,
)
from podium.server.pages.board_charts import board_charts
from podium.server.pages.board_rows import RowsBeside
from podium.server.pages.board_state import BoardState, column_names, known, state_from
from podium.server.pages.board_sureness import row_sureness, sureness_sentence
from podium.server.pages.board_tabs import board_places, phase_places, task_places
from podium.server.pages.boards import board_table, column_choices
from podium.server.pages.errors import wants_fragment
from podium.server.pages.heads import headed
from podium.server.pages.kept_boards import BoardPart, Look, kept_part
from podium.server.pages.news import board_stream, page_or_part
from podium.server.pages.parts import Place
from podium.server.pages.people import acting
from podium.server.pages.rescores import told_on_board
from podium.server.pages.views.then import results_then
from podium.server.rescores.queries import notices_of
from podium.server.submissions.queries.following import board_of, place_of
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
    # Before the board is read, so that a page that follows it from there on misses nothing.
    place = place_of(board_of(pk, chosen.id))
    sight = board_for(person, chosen.id, leaderboard)
    if state.task is not None:
        sight = sight.of_task(state.task)
    state = known(state, column_names(column_groups(sight)))
    drawn = drawn_charts(sight)
    look = Look(sight, person, state, ROWS, place, drawn, want_charts(sight, drawn, place.live))
    part = kept_part(look, lambda: _part(look), lambda parts: detailed_on_board(person, chosen.id, parts))
    context |= {"live_url": board_stream(chosen.id, place), "board_part": part}
    if not wants_fragment(request):
        named = sight.plan.leaderboard_id if len(boards) > 1 else None
        context |= _around(sight, state) | {
            "phases": phase_places(pk, shown.phases, chosen.id, named),
            "tasks": task_places(sight, state),
            "boards": board_places(pk, chosen.id, boards, sight.plan.leaderboard_id),
            "notices": told_on_board(notices_of(pk, chosen.id)),
        }
    return page_or_part(request, "podium/competition/results.html", "podium/competition/board.html", context, part)


def _part(look: Look) -> BoardPart:
    """The table with what stands right around it, but for the addresses where the page hears of changes."""
    sight, person, state = look.sight, look.person, look.state
    plan = sight.plan
    offset = look.rows * (state.page - 1)
    found = board_page(sight, person, limit=look.rows, offset=offset, arrangement=state.arrangement)
    parts = tuple(part for row in found.rows for _, part in row.parts)
    detailed = detailed_on_board(person, plan.phase_id, parts)
    sureness = board_sureness(sight, {row.submission_id: [part for _, part in row.parts] for row in found.rows})
    beside = RowsBeside(
        sees_submissions=sight.standing.may(Action.SEE_ANY_SUBMISSION),
        public=public_submissions([row.submission_id for row in found.rows]),
        detailed=detailed or (),
        finished=finished_of(plan.phase_id, {row.owner_id for row in found.rows}),
        sure=row_sureness(sureness, found.rows, in_order=found.arrangement == AS_RANKED),
    )
    context = {
        "board": board_table(found, state, beside, sureness_sentence(sureness)),
        "who": state.who,
        "page_before": state.at_page(state.page - 1).url if state.page > 1 else "",
        "page_after": "" if found.ends else state.at_page(state.page + 1).url,
        "me_url": _own_row(found, state),
        "charts": board_charts(sight) if look.drawn else (),
        "charts_come": look.coming,
        "data_url": reverse("board_table", args=[plan.competition_id, plan.phase_id, plan.leaderboard_id, "csv"]),
    }
    html = render_to_string("podium/competition/board_part.html", context)
    lasting = found.stale_since is None and not state.who and not found.refused
    return BoardPart(html, lasting, parts, detailed)


def _around(sight: BoardSight, state: BoardState) -> dict[str, Any]:
    """What stands farther around the table: how to search and choose columns, files."""
    plan, standing = sight.plan, sight.standing
    table = [plan.competition_id, plan.phase_id, plan.leaderboard_id]
    return {
        "who": state.who,
        "task": state.task,
        "search_fields": state.fields("who", "page"),
        "column_fields": state.fields("columns", "page"),
        "choices": column_choices(column_groups(sight), state),
        "choice_made": bool(state.columns),
        "files": [Place(_FORMAT_NAMES[ending], reverse("board_table", args=[*table, ending])) for ending in FORMATS],
        "publish_url": reverse("publications", args=[plan.competition_id]),
        "edit_url": reverse("edit_board", args=[plan.competition_id, plan.leaderboard_id])
        if standing.may(Action.EDIT_BOARD)
        else "",
        "all_csv": f"/api/competitions/{plan.competition_id}/get_csv/" if standing.may(Action.EXPORT_BOARD) else "",
    }


def _own_row(found: Board, state: BoardState) -> str:
    """Where the reader's best row is, where it is not on this page."""
    if found.my_place is None:
        return ""
    return f"{state.by_rank().at_page(1 + (found.my_place - 1) // ROWS).url}#me"
