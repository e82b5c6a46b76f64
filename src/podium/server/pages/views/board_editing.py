"""The board editor: its form, what a change would move, the button that makes it, and how that stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe

from podium.rules.access import Action
from podium.rules.errors import BundleError, NotFound, UserError
from podium.rules.runs import RunState
from podium.server.jobs.internal.problems import error_of_problems
from podium.server.jobs.internal.queries import JobStatus
from podium.server.leaderboards.queries import NamedBoard, boards_shown
from podium.server.pages import wording
from podium.server.pages.board_form import BoardFields, draft_of, fields_of, row_count, sent_fields
from podium.server.pages.errors import wants_fragment
from podium.server.pages.heads import opened
from podium.server.pages.parts import Place
from podium.server.pages.people import signed_in
from podium.server.updates.board_changes import apply
from podium.server.updates.board_editions import edition_of
from podium.server.updates.board_list import status_of_change
from podium.server.updates.board_moves import Move
from podium.server.updates.board_previews import ProposedBoard, preview, preview_status


@dataclass(frozen=True)
class ShownMove:
    """A row that moves, in words."""

    phase: str
    submission_id: int
    owner: str
    before: str
    after: str


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int, leaderboard: int) -> HttpResponse:
    """The form with the leaderboard as it is; with what was sent, and what that would change; and the change."""
    shown, context = opened(request, pk, "results")
    person = signed_in(request)
    shown.standing.require(Action.EDIT_BOARD)
    boards = boards_shown(person, pk)
    if leaderboard not in {board.id for board in boards}:
        raise NotFound("leaderboard-not-found", "There is no such leaderboard.", "Choose one of those it has.")
    problem: UserError | None = None
    found: ProposedBoard | None = None
    fields, edition = None, ""
    if request.method == "POST":
        try:
            if "proposal" in request.POST:
                return redirect("board_change", pk, apply(person, leaderboard, request.POST["proposal"]))
            sent = request.POST.dict()
            fields, edition = sent_fields(sent, row_count(sent)), sent.get("edition", "")
            said = preview(person, leaderboard, draft_of(fields), edition)
            if isinstance(said, int):
                return redirect("board_preview", pk, said)
            found = said
        except UserError as error:
            problem = error
    if fields is None:
        now = edition_of(person, leaderboard)
        fields, edition = fields_of(now.draft), now.edition
    context |= _form(boards, pk, leaderboard, fields, edition) | _refused(problem) | _described(found)
    return render(request, "podium/competition/board_edit.html", context, status=problem.status if problem else 200)


@require_safe
def previewed(request: HttpRequest, pk: int, job: int) -> HttpResponse:
    """What a change would move, of so many submissions that it takes a while: how far that is, and then the same as
    `edit` says at once of few."""
    shown, context = opened(request, pk, "results")
    person = signed_in(request)
    status = preview_status(person, job)
    if status.wish.competition_id != shown.id:
        raise NotFound("no-such-preview", "There is no such preview.", "Check the address.")
    waits = not status.job.ended
    context |= {"job": status.job, "waits": waits, "leaderboard": status.wish.leaderboard_id}
    if not waits:
        problem = error_of_problems(status.job.problems) if status.found is None else None
        form = fields_of(status.wish.draft)
        context |= _form(boards_shown(person, pk), pk, status.wish.leaderboard_id, form, status.wish.edition)
        context |= _refused(problem) | _described(status.found)
    template = "podium/competition/board_preview.html"
    if wants_fragment(request):
        template = "podium/competition/board_preview_part.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def change(request: HttpRequest, pk: int, job: int) -> HttpResponse:
    """How a change stands, of a leaderboard or of their list, that the person began."""
    shown, context = opened(request, pk, "results")
    found = status_of_change(signed_in(request), job)
    if found.payload.get("competition") != shown.id:
        raise NotFound("no-such-change", "There is no such change.", "Check the address.")
    if wants_fragment(request) and not found.ended:
        return HttpResponse(status=204)
    template = "podium/competition/board_change_state.html"
    if not wants_fragment(request):
        template = "podium/competition/board_change.html"
    response = render(request, template, context | _state(found))
    patch_vary_headers(response, ["HX-Request"])
    return response


def _form(boards: Sequence[NamedBoard], pk: int, leaderboard: int, fields: BoardFields, edition: str) -> dict[str, Any]:
    return {
        "fields": fields,
        "edition": edition,
        "leaderboard": leaderboard,
        "boards": [
            Place(board.title, reverse("edit_board", args=[pk, board.id]), current=board.id == leaderboard)
            for board in boards
        ],
    }


def _refused(problem: UserError | None) -> dict[str, Any]:
    return {"problem": problem, "problems": problem.problems if isinstance(problem, BundleError) else ()}


def _described(found: ProposedBoard | None) -> dict[str, Any]:
    if found is None:
        return {"proposed": None}
    return {
        "proposed": found,
        "lines": [f"{each.part.capitalize()} “{each.name}”: {each.text}" for each in found.changes],
        "moves": _moves(found.moves.first),
        "moved": _moved(found.moves.count),
        "more": found.moves.count - len(found.moves.first),
        "notes": found.notes,
    }


def _moves(moves: Sequence[Move]) -> list[ShownMove]:
    return [
        ShownMove(
            move.phase, move.submission_id, move.owner, _rank(move.before, "not there"), _rank(move.after, "goes")
        )
        for move in moves
    ]


def _rank(rank: int | None, otherwise: str) -> str:
    return otherwise if rank is None else f"{rank:,}"


def _moved(count: int) -> str:
    if not count:
        return "No row moves."
    return "1 row moves." if count == 1 else f"{wording.counted(count, 'row')} move."


def _state(found: JobStatus) -> dict[str, Any]:
    finished = found.state is RunState.FINISHED
    error = error_of_problems(found.problems) if found.ended and not finished else None
    return {
        "job": found,
        "finished": finished,
        "error": error,
        "problems": error.problems if isinstance(error, BundleError) else (),
        "leaderboard": found.payload["leaderboard"],
        "heading": _heading(found, finished=finished, failed=error is not None),
    }


def _heading(found: JobStatus, *, finished: bool, failed: bool) -> str:
    if failed:
        return "Nothing was changed"
    one = found.payload["leaderboard"] is not None
    done = "The leaderboard is changed" if one else "The leaderboards are changed"
    return done if finished else "Changing it" if one else "Changing them"
