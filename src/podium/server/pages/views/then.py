"""A leaderboard as it was: the table of a moment, and how to choose the moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from podium.rules.access import Action
from podium.rules.errors import NotFound, UserError
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.leaderboards.queries import boards_shown
from podium.server.pages import wording
from podium.server.pages.board_rows import RowsBeside
from podium.server.pages.board_state import BoardState, state_from
from podium.server.pages.board_tabs import phase_places, task_places
from podium.server.pages.boards import board_table
from podium.server.pages.errors import wants_fragment
from podium.server.pages.heads import headed
from podium.server.pages.parts import Place
from podium.server.pages.people import acting
from podium.server.past.moments import moment_of, moments_of
from podium.server.past.queries import PastBoard, past_board
from podium.server.past.sight import PastPhase, past_phase
from podium.server.submissions.queries.shared import answers_of, public_submissions

ROWS = 100
_ON_SLIDER = 100
_LISTED = 10


@dataclass(frozen=True)
class ThenState(BoardState):
    """The state of the page of a moment: it stands in the order of ranks, whatever heads are followed."""

    at: str = ""

    def fields(self, *left_out: str) -> list[tuple[str, str]]:
        """What stands in an address, the moment among it."""
        return [("at", self.at), *super().fields("sort", "who", "columns", *left_out)]

    def of_task(self, task: int | None) -> BoardState:
        """The board of one task alone, or (None) of all together, at the same moment."""
        return replace(self, task=task, page=1)

    def sorted_by(self, name: str, *, descending: bool) -> BoardState:
        """The same: nothing else can be asked of the past."""
        del name, descending
        return self


def results_then(request: HttpRequest, pk: int, phase: int | None, leaderboard: int | None) -> HttpResponse:
    """A board of a phase at the moment that the address names."""
    shown, context = headed(request, pk, "results")
    chosen = next((each for each in shown.phases if each.id == phase), None) if phase else shown.phase
    if chosen is None:
        raise NotFound("phase-not-found", "This competition has no such phase.", "Choose one of those it has.")
    person = acting(request)
    text = request.GET.get("at", "")
    problem: UserError | None = None
    part, said, places = SafeString(), "", list[Place]()
    wish = state_from(request.path, request.GET)
    state = ThenState(request.path, page=wish.page, task=wish.task, at=text)
    # The way out where the board of that moment had no tab for the task.
    tasks = [] if state.task is None else [Place("All tasks", state.of_task(None).url)]
    try:
        at = moment_of(text) if text else clock.now().replace(microsecond=0)
        then = past_phase(person, chosen.id, at)
        text = _written(at)
        state = replace(state, at=text)
        board = then.boards[0].id if leaderboard is None and then.boards else leaderboard
        places = _boards(pk, chosen.id, then, board, text)
        offset = ROWS * (state.page - 1)
        found = past_board(then, board, limit=ROWS, offset=offset, answers_of=answers_of, task_id=state.task)
        part = _part(found, state, sees_submissions=shown.standing.may(Action.SEE_ANY_SUBMISSION))
        tasks = task_places(found.sight, state)
        said = wording.moment_text(at)
    except UserError as error:
        if error.status in {401, 403}:
            raise
        problem = error
    context |= {
        "today_url": _today(pk, chosen.id, leaderboard, person),
        "phases": [
            replace(place, url=f"{place.url}?{urlencode({'at': text})}")
            for place in phase_places(pk, shown.phases, chosen.id, leaderboard)
        ],
        "boards": places,
        "tasks": tasks,
        "task": state.task,
        "said": said,
        "at": text,
        "at_local": text.removesuffix("Z")[:19],
        "problem": problem,
        "board_part": part,
        **_moments(pk, request.path),
    }
    template = "podium/competition/then_part.html" if wants_fragment(request) else "podium/competition/then.html"
    response = render(request, template, context, status=problem.status if problem else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _today(competition_id: int, phase_id: int, leaderboard: int | None, person: Person | None) -> str:
    """The page of the same board as it is now; of one that was removed, that of the first."""
    if leaderboard in {board.id for board in boards_shown(person, competition_id)}:
        return reverse("board_results", args=[competition_id, phase_id, leaderboard])
    return reverse("phase_results", args=[competition_id, phase_id])


def _boards(competition_id: int, phase_id: int, then: PastPhase, current: int | None, at: str) -> list[Place]:
    """The links to the other boards of that moment, those among them that were removed since."""
    query = urlencode({"at": at})
    return [
        Place(
            f"{board.title}{' (hidden)' if board.hidden else ''}{' (removed since)' if board.removed else ''}",
            f"{reverse('board_results', args=[competition_id, phase_id, board.id])}?{query}",
            current=board.id == current,
        )
        for board in then.boards
    ]


def _part(found: PastBoard, state: BoardState, *, sees_submissions: bool) -> SafeString:
    beside = RowsBeside(
        sees_submissions=sees_submissions,
        public=public_submissions([row.submission_id for row in found.board.rows]),
        detailed=(),
        finished={},
    )
    context = {
        "board": board_table(found.board, state, beside),
        "page_before": state.at_page(state.page - 1).url if state.page > 1 else "",
        "page_after": "" if found.board.ends else state.at_page(state.page + 1).url,
    }
    html = render_to_string("podium/competition/board_part.html", context)
    if not found.withheld:
        return html
    rows, are = wording.counted(found.withheld, "entry", "entries"), "is" if found.withheld == 1 else "are"
    return html + format_html('<p class="note">{} that stood on this page then {} hidden today.</p>', rows, are)


def _moments(competition_id: int, path: str) -> dict[str, Any]:
    """The moments of the slider, and some of them as links."""
    moments = moments_of(competition_id, _ON_SLIDER)
    step = max(1, len(moments) // _LISTED)
    listed = list(reversed(moments[::-1][::step]))
    return {
        "moments": " ".join(_written(at) for at in moments),
        "links": [
            Place(wording.moment_text(at), f"{path}?{urlencode({'at': _written(at)})}") for at in listed[-_LISTED:]
        ],
    }


def _written(at: datetime) -> str:
    text = at.astimezone(UTC).isoformat(timespec="seconds" if not at.microsecond else "microseconds")
    return text.replace("+00:00", "Z")
