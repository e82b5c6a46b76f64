"""Submitting, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from podium.rules.access import Action
from podium.rules.errors import NotAllowed, NotFound, UserError
from podium.server.accounts.people import Person
from podium.server.certainty.queries import item_reports
from podium.server.competitions.queries import CompetitionDetail
from podium.server.files.links import download_url
from podium.server.leaderboards.queries import columns_of_competition
from podium.server.leaderboards.queries.marks import marks_of_submission
from podium.server.pages.heads import opened
from podium.server.pages.item_notes import item_notes
from podium.server.pages.news import list_stream, page_or_part, submission_stream
from podium.server.pages.people import acting, signed_in
from podium.server.pages.provenance import shown_makings
from podium.server.pages.rescores import told_on_submission
from podium.server.pages.share_charts import share_charts
from podium.server.pages.sheets import lines, main_column
from podium.server.pages.submissions import mark_notes, shown_submission, written_file
from podium.server.removal.files import what_is_gone
from podium.server.rescores.queries import superseded_of
from podium.server.submissions.queries.detail import submission_detail
from podium.server.submissions.queries.following import follow_list, follow_submission, place_of
from podium.server.submissions.queries.listing import SubmissionRow, competition_submissions, own_submissions
from podium.server.submissions.queries.provenance import provenance_of
from podium.server.submissions.queries.shared import sent_file
from podium.server.submissions.services.board import add_to_board, remove_from_board
from podium.server.submissions.services.lifecycle import cancel
from podium.server.submissions.services.rerun import rerun
from podium.server.submissions.services.sharing import set_public
from podium.server.submissions.services.submit import run_submission

_DO: Mapping[str, Callable[[Person, int], object]] = {
    "cancel": cancel,
    "run": run_submission,
    "public": partial(set_public, public=True),
    "private": partial(set_public, public=False),
}
_ON_BOARD = {"add": add_to_board, "remove": remove_from_board}
_LARGEST_ID = 2**63 - 1
_NOTHING_SENT = {
    "empty": "You have sent nothing yet.",
    "empty_more": "Your submissions and what became of them stand here.",
}
_DONE = {
    "add": "Added to the leaderboard.",
    "remove": "Removed from the leaderboard.",
    "cancel": "Cancelled.",
    "run": "Started.",
    "rerun": "It is run again, as this new submission.",
    "public": "Everybody who sees the competition can download it now.",
    "private": "Nobody but you and the organizers can download it now.",
}


@require_safe
def mine(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own submissions to a competition."""
    person = signed_in(request)
    place = place_of(follow_list(person, pk))
    shown, context = opened(request, pk, "submissions")
    shown.standing.require(Action.SEE_OWN_SUBMISSION)
    rows = own_submissions(person, competition_id=pk)
    context |= {
        "heading": "My submissions",
        "live_url": list_stream(place, pk),
        **_NOTHING_SENT,
    }
    return listed(request, rows, context, "podium/competition/submissions.html", shown)


def submissions_below(person: Person, shown: CompetitionDetail) -> dict[str, Any]:
    """What the table of the person's own submissions needs on another page of the competition."""
    place = place_of(follow_list(person, shown.id))
    return {
        "heading": "My submissions",
        **_tabled(own_submissions(person, competition_id=shown.id), shown, named=False),
        "live_url": list_stream(place, shown.id),
        "news_url": reverse("my_submissions", args=[shown.id]),
        **_NOTHING_SENT,
    }


@require_safe
def everybodys(request: HttpRequest, pk: int) -> HttpResponse:
    """All submissions to a competition, for those who run it."""
    person = signed_in(request)
    place = place_of(follow_list(person, pk, everybody=True))
    rows = competition_submissions(person, pk)
    shown, context = opened(request, pk, "all-submissions")
    context |= {
        "heading": "All submissions",
        "live_url": list_stream(place, pk, everybody=True),
        "with_owner": True,
        "rerun_phases": shown.phases,
        "may_rescore": shown.standing.may(Action.EDIT_SCORES),
        "empty": "Nobody has sent anything yet.",
        "empty_more": "The submissions of all participants stand here.",
    }
    return listed(request, rows, context, "podium/competition/submissions.html", shown)


def listed(
    request: HttpRequest,
    rows: Sequence[SubmissionRow],
    context: dict[str, Any],
    template: str,
    shown: CompetitionDetail | None = None,
) -> HttpResponse:
    """A page with a table of submissions, or only the table where a page asks for news of it."""
    context |= _tabled(rows, shown, named=bool(context.get("with_owner")))
    return page_or_part(request, template, "podium/submission/table.html", context, rows)


def _tabled(rows: Sequence[SubmissionRow], shown: CompetitionDetail | None, *, named: bool) -> dict[str, Any]:
    """What a table of submissions shows; below it, where they are all of one competition, its charts."""
    if shown is None:
        return {"rows": lines(rows, None), "score_title": ""}
    sees_hidden = shown.standing.may(Action.SEE_HIDDEN_BOARD)
    column = main_column(shown, sees_hidden=sees_hidden)
    columns = columns_of_competition(shown.id).shown(sees_hidden=sees_hidden)
    return {
        "rows": lines(rows, column),
        "score_title": column.title if column else "",
        "shares": share_charts(rows, columns, named=named),
        "data_url": f"/api/submissions/?phase__competition={shown.id}",
    }


@require_http_methods(["GET", "HEAD", "POST"])
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    """A submission: its state, steps, logs, scores and files; its buttons post to the same address."""
    if request.method == "POST":
        return _act(request, pk)
    person = acting(request)
    # Before it is read: what happens meanwhile is told then.
    place = place_of(follow_submission(person, pk))
    found = submission_detail(person, pk)
    columns = columns_of_competition(found.competition_id).shown(sees_hidden=found.staff)
    marks = marks_of_submission(found.id, sees_hidden=found.staff)
    rescored = superseded_of(person, found.id)
    made = provenance_of(person, found.id)
    reports = item_reports(person, found.id)
    context = {
        "shown": shown_submission(found, columns, submission_stream(found.id, place)),
        "mark_notes": mark_notes(found, marks),
        "rescored": told_on_submission(rescored),
        "item_notes": item_notes(found, reports),
        "makings": shown_makings(made),
        "gone": what_is_gone(found.ended_at, file_is_here=found.data is not None),
    }
    seen = (found, marks, rescored, made, reports)
    return page_or_part(request, "podium/submission/page.html", "podium/submission/live.html", context, seen)


@require_safe
def file(request: HttpRequest, pk: int, part: int, kind: str) -> HttpResponse:
    """What was sent (`data`), or what a run of it wrote, by a link that holds for a while."""
    if kind == "data":
        stored = sent_file(acting(request), pk)
    else:
        written = written_file(submission_detail(acting(request), pk), part, kind)
        stored = written.file if written else None
    if stored is None:
        raise NotFound(
            "no-such-file",
            "This submission has no such file, or it is not kept any more.",
            "Its page says which files there are, and for how long they are kept.",
        )
    return HttpResponseRedirect(download_url(stored.sha256, stored.file_name))


def _act(request: HttpRequest, pk: int) -> HttpResponse:
    person = signed_in(request)
    wanted, _, board = request.POST.get("do", "").partition(":")
    if wanted not in _DONE or (board and not (board.isascii() and board.isdigit() and wanted in _ON_BOARD)):
        raise UserError("unknown-action", "A submission has no such button.", "Load its page again.")
    submission_detail(person, pk)
    made = pk
    try:
        if wanted == "rerun":
            made = rerun(person, pk)
        elif wanted in _ON_BOARD:
            _ON_BOARD[wanted](person, pk, min(int(board), _LARGEST_ID) if board else None)
        else:
            _DO[wanted](person, pk)
    except NotAllowed as refused:
        messages.error(request, f"{refused.message} {refused.hint}".strip())
        return redirect("submission", pk)
    messages.success(request, _DONE[wanted])
    return redirect("submission", made)
