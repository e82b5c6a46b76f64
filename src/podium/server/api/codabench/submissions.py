"""Submissions: made, listed, followed, put on the board, stopped, deleted."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import BeforeValidator, Field

from podium.rules.errors import UserError
from podium.server.api.answers import answer, link_to, nothing, offset_of, page_of
from podium.server.api.asking import caller_of, person_asking
from podium.server.api.bodies import Body, check_storable, read
from podium.server.api.codabench.numbers import Id, PageNumber
from podium.server.api.errors import FieldErrors
from podium.server.files.queries import own_data_set
from podium.server.submissions.queries.contract import (
    SubmissionFilter,
    count_submissions,
    submission_json,
    submissions_json,
    taken_in_json,
)
from podium.server.submissions.queries.files import submission_files
from podium.server.submissions.queries.possibility import why_not_submit
from podium.server.submissions.services.board import add_to_board, remove_from_board
from podium.server.submissions.services.lifecycle import cancel, delete
from podium.server.submissions.services.sharing import set_public
from podium.server.submissions.services.submit import SubmissionRequest, run_submission, submit

_PAGE_SIZE = 50
_LARGEST_PAGE = 1000


def _listed_or_single(value: object) -> object:
    """A form with one task sends it bare."""
    return value if value is None or isinstance(value, list) else [value]


def _json_or_object(value: object) -> object:
    """A form sends an object as its JSON."""
    if not isinstance(value, str):
        return value
    try:
        decoded = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise ValueError("this is not a JSON object") from error
    check_storable(decoded)
    return decoded


class NewSubmission(Body):
    """`data` is the key of an uploaded data set; no `tasks` means all of the phase."""

    phase: Id
    data: UUID
    tasks: Annotated[list[Id] | None, BeforeValidator(_listed_or_single)] = Field(default=None, max_length=1000)
    fact_sheet_answers: Annotated[dict[str, Any] | None, BeforeValidator(_json_or_object)] = None
    description: str = Field(default="", max_length=1000)


def can_make(request: HttpRequest, phase_id: Id) -> HttpResponse:
    """Whether one may submit to the phase now."""
    obstacle = why_not_submit(person_asking(request), phase_id)
    return answer({"can": obstacle is None, "reason": None if obstacle is None else str(obstacle)})


def listed(
    request: HttpRequest,
    phase: Id | None = None,
    phase__competition: Id | None = None,
    status: str = "",
    search: str = "",
    page: PageNumber | None = None,
    page_size: str | None = None,
) -> HttpResponse:
    """One's own submissions and those to competitions that one runs: all in an array, or a page of them."""
    check_storable([search, status])
    person = person_asking(request)
    wanted = SubmissionFilter(phase, phase__competition, status[:20], search)
    if page is None and page_size is None:
        return answer(submissions_json(person, wanted))
    number = page or 1
    size = _size(page_size)
    count = count_submissions(person, wanted)
    rows = submissions_json(person, wanted, limit=size, offset=offset_of(number, size, count))
    return answer(page_of(request, rows, count=count, page=number, size=size, page_size=size))


def made(request: HttpRequest) -> HttpResponse:
    """Submit an uploaded file to a phase."""
    person = person_asking(request)
    wanted = read(request, NewSubmission)
    data = own_data_set(person, wanted.data)
    asked = SubmissionRequest(
        phase_id=wanted.phase,
        description=wanted.description,
        fact_sheet_answers=wanted.fact_sheet_answers,
        task_ids=tuple(wanted.tasks) if wanted.tasks else None,
    )
    taken_in = taken_in_json(submit(person, asked, data))
    body = taken_in | {
        "data": wanted.data,
        "organization": None,
        "queue": None,
        "created_when": f"{taken_in['created_when'].astimezone(UTC):%Y-%m-%d %H:%M}",
    }
    return answer(body, 201)


def one(request: HttpRequest, pk: Id) -> HttpResponse:
    """One submission; a child under its own number."""
    return answer(submission_json(person_asking(request), pk))


def details(request: HttpRequest, pk: Id) -> HttpResponse:
    """Links to what was sent, and to what its run wrote."""
    files = submission_files(person_asking(request), pk)
    return answer(
        {
            "logs": [{"name": name, "data_file": link_to(request, file)} for name, file in files.logs.items()],
            "data_file": link_to(request, files.data),
            "prediction_result": link_to(request, files.prediction_result),
            "detailed_result": link_to(request, files.detailed_result),
            "scoring_result": link_to(request, files.scoring_result),
            "leaderboards": [],
            "fact_sheet_answers": files.fact_sheet_answers,
        }
    )


def on_board(request: HttpRequest, pk: Id, leaderboard: Id | None = None) -> HttpResponse:
    """Put a submission on a leaderboard, or take it off; the first one where none is named."""
    change = add_to_board if request.method == "POST" else remove_from_board
    change(person_asking(request), pk, leaderboard)
    return answer({})


def cancelled(request: HttpRequest, pk: Id) -> HttpResponse:
    """Stop a submission. By GET as the contract has it only with a token: a link must not act for a browser."""
    caller = caller_of(request)
    if request.method == "GET" and not caller.by_token:
        error = UserError("wrong-method", "A browser cannot cancel a submission by GET.", "Send a POST.")
        error.status = 405
        raise error
    return answer({"canceled": cancel(person_asking(request), pk)})


def toggled_public(request: HttpRequest, pk: Id) -> HttpResponse:
    """Make what was sent public, or private again; answers the submission. By GET with a token only, as above."""
    if request.method == "GET" and not caller_of(request).by_token:
        error = UserError("wrong-method", "A browser cannot share a submission by GET.", "Send a POST.")
        error.status = 405
        raise error
    person = person_asking(request)
    set_public(person, pk)
    return answer(submission_json(person, pk))


def started(request: HttpRequest, pk: Id) -> HttpResponse:
    """Start a submission that waits for its organizer."""
    run_submission(person_asking(request), pk)
    return answer({"id": pk})


def deleted(request: HttpRequest, pk: Id) -> HttpResponse:
    """Delete a submission that has ended."""
    delete(person_asking(request), pk)
    return nothing()


def _size(text: str | None) -> int:
    if text in {None, ""}:
        return _PAGE_SIZE
    if text == "all":
        return _LARGEST_PAGE
    if text is None or not text.isascii() or not text.isdigit() or not 1 <= int(text[:10]) <= _LARGEST_PAGE:
        raise FieldErrors({"page_size": [f"Use a number from 1 to {_LARGEST_PAGE}, or all."]})
    return int(text)
