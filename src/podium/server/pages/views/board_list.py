"""The page on which organizers add leaderboards, remove them, and put them into another order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from podium.rules.access import Action
from podium.rules.bundle.board_list import NewBoard
from podium.rules.errors import BundleError, UserError
from podium.server.pages import wording
from podium.server.pages.board_form import whole_number
from podium.server.pages.heads import opened
from podium.server.pages.people import signed_in
from podium.server.updates.board_list import BoardList, ListedBoard, ProposedList, apply_list, board_list, preview_list


@dataclass(frozen=True)
class ListRow:
    """A leaderboard in the form."""

    id: int
    title: str
    hidden: bool
    rows: str
    place: str
    removed: bool
    like: bool
    url: str


@require_http_methods(["GET", "HEAD", "POST"])
def edit_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The form with the leaderboards as they are; with what was sent, and what that would mean; and the change."""
    shown, context = opened(request, pk, "results")
    person = signed_in(request)
    shown.standing.require(Action.EDIT_BOARD)
    now = board_list(person, pk)
    problem: UserError | None = None
    found: ProposedList | None = None
    sent: Mapping[str, str] = {}
    edition = now.edition
    if request.method == "POST":
        try:
            if "proposal" in request.POST:
                return redirect("board_change", pk, apply_list(person, pk, request.POST["proposal"]))
            sent = request.POST.dict()
            edition = sent.get("edition", "")
            found = preview_list(person, pk, _wish(now, sent), edition)
        except UserError as error:
            problem = error
    context |= {
        "edition": edition,
        "rows": [_row(pk, number, board, sent) for number, board in enumerate(now.boards, start=1)],
        "new": {
            "title": sent.get("new-title", ""),
            "hidden": not sent or "new-hidden" in sent,
            "place": sent.get("new-place", str(len(now.boards) + 1)),
        },
        "problem": problem,
        "problems": problem.problems if isinstance(problem, BundleError) else (),
        **_described(found),
    }
    return render(request, "podium/competition/board_list.html", context, status=problem.status if problem else 200)


def _wish(now: BoardList, sent: Mapping[str, str]) -> list[int | NewBoard]:
    """What the fields want: the leaderboards by their places, and the new one if it has a title.

    Of two with the same place, one that moves up or is new goes before the one that was there, one that moves down
    behind it.
    """
    placed: list[tuple[int, int, int | NewBoard]] = []
    for number, board in enumerate(now.boards, start=1):
        if f"remove-{board.id}" not in sent:
            place = whole_number(sent.get(f"place-{board.id}", ""), f"place of {board.title}")
            placed.append((place, (place > number) - (place < number), board.id))
    if title := sent.get("new-title", "").strip():
        like = whole_number(sent.get("new-like", ""), "leaderboard that the new one is to be like")
        place = whole_number(sent.get("new-place", ""), "place of the new leaderboard")
        placed.append((place, -1, NewBoard(title, like, "new-hidden" in sent)))
    return [each for _, _, each in sorted(placed, key=lambda each: each[:2])]


def _row(pk: int, number: int, board: ListedBoard, sent: Mapping[str, str]) -> ListRow:
    return ListRow(
        id=board.id,
        title=board.title,
        hidden=board.hidden,
        rows=wording.counted(board.entries, "row"),
        place=sent.get(f"place-{board.id}", str(number)),
        removed=f"remove-{board.id}" in sent,
        like=sent.get("new-like") == str(board.id),
        url=reverse("edit_board", args=[pk, board.id]),
    )


def _described(found: ProposedList | None) -> dict[str, Any]:
    if found is None:
        return {"proposed": None}
    return {
        "proposed": found,
        "lines": [_line(each.name, each.text) for each in found.changes],
        "notes": found.notes,
    }


def _line(name: str, text: str) -> str:
    return f"Leaderboard “{name}”: {text}" if name else text[:1].upper() + text[1:]
