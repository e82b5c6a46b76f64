"""Running submissions again, one, many or a whole phase; deleting and fetching many at once."""

from __future__ import annotations

import json
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from podium.rules.errors import NotFound, UserError
from podium.server.api.answers import answer, link_to
from podium.server.api.asking import caller_of, person_asking
from podium.server.api.bodies import Body, read
from podium.server.api.codabench.numbers import Id
from podium.server.submissions.queries.files import submission_archives
from podium.server.submissions.services.lifecycle import delete_many, delete_own
from podium.server.submissions.services.rerun import MOST_AT_ONCE, rerun, rerun_many, rerun_phase

_LARGEST_BODY = 64 << 10


class Chosen(Body):
    """Which submissions."""

    pks: Annotated[list[Id], Field(min_length=1, max_length=MOST_AT_ONCE)]


def rerun_one(request: HttpRequest, pk: Id, task_key: UUID | None = None) -> HttpResponse:
    """Run a submission again as a new one; with `task_key` on that task alone, and never for the board."""
    try:
        made = rerun(person_asking(request), pk, task_key=task_key)
    except NotFound as error:
        if error.code != "task-unknown":
            raise
        return answer({"error_msg": error.message, "code": error.code, "hint": error.hint}, 404)
    return answer({"id": made})


def rerun_chosen(request: HttpRequest) -> HttpResponse:
    """Run those of an array of submissions again that have ended."""
    done = rerun_many(person_asking(request), _array(request))
    return answer({"count": len(done.made), "ids": done.made, "left": done.left})


def rerun_of_phase(request: HttpRequest, pk: Id) -> HttpResponse:
    """Run a whole phase again. By GET as the contract has it only with a token: a link must not act for a browser."""
    if request.method == "GET" and not caller_of(request).by_token:
        error = UserError("wrong-method", "A browser cannot run a phase again by GET.", "Send a POST.")
        error.status = 405
        raise error
    done = rerun_phase(person_asking(request), pk)
    return answer({"count": len(done.made), "left": len(done.left)})


def deleted_chosen(request: HttpRequest) -> HttpResponse:
    """Delete an array of submissions: all of them, or none."""
    delete_many(person_asking(request), _array(request))
    return answer({})


def soft_deleted(request: HttpRequest, pk: Id) -> HttpResponse:
    """Delete a submission of one's own, as participants do."""
    delete_own(person_asking(request), pk)
    return answer({"message": "Submission deleted successfully"})


def downloads(request: HttpRequest) -> HttpResponse:
    """Links to what was sent with each of some submissions."""
    files = submission_archives(person_asking(request), read(request, Chosen).pks)
    return answer([{"name": file.file_name, "url": link_to(request, file)} for file in files])


def _array(request: HttpRequest) -> list[int]:
    """The numbers of submissions in a body that is a bare array."""
    body = request.body
    value: Any = None
    if len(body) <= _LARGEST_BODY:
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            value = None
    numbers = value if isinstance(value, list) else []
    whole = all(isinstance(each, int) and not isinstance(each, bool) and 0 < each < 2**63 for each in numbers)
    if not numbers or not whole or len(numbers) > MOST_AT_ONCE:
        raise UserError(
            "array-invalid", "The body is not an array of submissions.", f"Send 1 to {MOST_AT_ONCE} numbers, as [7, 8]."
        )
    return numbers
