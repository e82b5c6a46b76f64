"""What organizers correct about one submission: its scores, and how its entries stand on the boards."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from podium.rules.access import Action
from podium.rules.board.columns import Column
from podium.rules.board.marks import Mark
from podium.rules.errors import UserError
from podium.server.accounts.people import Person
from podium.server.competitions.queries.standing import standing_of
from podium.server.leaderboards.queries import columns_of_competition
from podium.server.leaderboards.queries.marks import marks_of_submission
from podium.server.pages.people import signed_in
from podium.server.submissions.queries.detail import SubmissionDetail, submission_detail
from podium.server.submissions.queries.parts import PartDetail
from podium.server.submissions.services.board import mark_on_board, unmark_on_board
from podium.server.submissions.services.score_editing import edit_scores

_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class ScoreField:
    """A number that may be written; `name` is that of its field."""

    name: str
    title: str
    value: str


@dataclass(frozen=True)
class ScoredPart:
    """The numbers of a submission on one task."""

    id: int
    task: str
    fields: tuple[ScoreField, ...]


@require_http_methods(["GET", "HEAD", "POST"])
def corrections(request: HttpRequest, pk: int) -> HttpResponse:
    """The forms; and what they send."""
    person = signed_in(request)
    found = submission_detail(person, pk)
    standing_of(person, found.competition_id).require(Action.EDIT_SCORES)
    problem: UserError | None = None
    if request.method == "POST":
        try:
            messages.success(request, _done(request, person, found))
            return redirect("correct_submission", found.id)
        except UserError as error:
            problem = error
    columns = _columns(found)
    context = {
        "found": found,
        "parts": [_part(part, columns, request) for part in found.parts],
        "several": len(found.parts) > 1,
        "marks": marks_of_submission(found.id, sees_hidden=True),
        "problem": problem,
        "reason": request.POST.get("reason", "") if problem else "",
    }
    return render(request, "podium/submission/corrections.html", context, status=problem.status if problem else 200)


def _done(request: HttpRequest, person: Person, found: SubmissionDetail) -> str:
    """Do what a form wants; returns what to say of it."""
    wanted, _, number = request.POST.get("do", "").partition(":")
    reason = request.POST.get("reason", "")
    if not (number.isascii() and number.isdigit()):
        raise _unknown()
    which = min(int(number), _LARGEST_ID)
    if wanted == "scores" and which in {part.id for part in found.parts}:
        edit_scores(person, which, _sent_scores(request, found), reason)
        return "The scores are written, and the leaderboards follow them."
    if wanted in list(Mark):
        mark_on_board(person, which, found.id, Mark(wanted), reason)
        return "Only organizers see the entry now." if wanted == Mark.HIDDEN else "It is shown as a baseline now."
    if wanted == "show":
        unmark_on_board(person, which, found.id)
        return "The entry is shown and ranked like all others."
    raise _unknown()


def _sent_scores(request: HttpRequest, found: SubmissionDetail) -> dict[str, float | None]:
    scores: dict[str, float | None] = {}
    for number, column in enumerate(_columns(found)):
        text = request.POST.get(f"score-{number}")
        if text is None:
            continue
        try:
            scores[column.key] = float(text) if text.strip() else None
        except ValueError as error:
            message = f'The score of {column.title} is "{text[:40]}", which is no number.'
            raise UserError("score-invalid", message, "Write a number such as 0.75, or nothing.") from error
    return scores


def _columns(found: SubmissionDetail) -> list[Column]:
    return [column for column in columns_of_competition(found.competition_id).scored if column.computation is None]


def _part(part: PartDetail, columns: list[Column], request: HttpRequest) -> ScoredPart:
    held = {score.key: repr(score.value) for score in part.scores}
    sent = request.POST if request.POST.get("do") == f"scores:{part.id}" else {}
    return ScoredPart(
        id=part.id,
        task=part.task_name,
        fields=tuple(
            ScoreField(f"score-{number}", column.title, sent.get(f"score-{number}", held.get(column.key, "")))
            for number, column in enumerate(columns)
        ),
    )


def _unknown() -> UserError:
    return UserError("unknown-action", "This page has no such button.", "Load it again.")
