"""Competitions: listed, shown, published, deleted, and how an import stands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from podium.rules.errors import BundleError, UserError
from podium.rules.runs import RunState
from podium.server import clock
from podium.server.api.answers import answer, nothing
from podium.server.api.asking import person_asking, visitor_or_person
from podium.server.api.bodies import Body, check_storable, read
from podium.server.api.codabench.competition_objects import competition_json, listed_json
from podium.server.api.codabench.numbers import Id
from podium.server.api.errors import FieldErrors, error_json, problem_json
from podium.server.competitions.queries import (
    Involvement,
    competition_detail,
    competitions_visible_to,
    submission_counts,
)
from podium.server.competitions.services import delete, publish, unpublish
from podium.server.imports.queries import import_status
from podium.server.leaderboards.queries import leaderboards_json
from podium.server.submissions.queries.quota import used_quotas

_TYPES = {"competition": "competition", "benchmark": "benchmark", "any": None}
# The contract knows no cancelled import.
_STATUS = {RunState.FINISHED: "Finished", RunState.FAILED: "Failed", RunState.CANCELLED: "Failed"}


class PublishWish(Body):
    """`published` of None turns it round."""

    published: bool | None = None


def listed(
    request: HttpRequest,
    type: str = "competition",  # noqa: A002 (the contract's name)
    search: str = "",
    mine: bool = False,
    participating_in: bool = False,
) -> HttpResponse:
    """The competitions that whoever asks sees, oldest first as the contract has it."""
    check_storable(search)
    if type not in _TYPES:
        raise FieldErrors({"type": [f"Use one of: {', '.join(_TYPES)}."]})
    involvement = Involvement.RUNS if mine else Involvement.TAKES_PART if participating_in else Involvement.ANY
    rows = competitions_visible_to(
        visitor_or_person(request), competition_type=_TYPES[type], search=search, involvement=involvement
    )
    return answer([listed_json(request, row) for row in reversed(rows)])


def one(request: HttpRequest, pk: Id, secret_key: UUID | None = None) -> HttpResponse:
    """A competition in full, as far as it is for whoever asks."""
    return answer(whole_competition(request, pk, secret_key))


def whole_competition(request: HttpRequest, pk: int, secret_key: UUID | None = None) -> dict[str, Any]:
    """The same, before it is written as JSON."""
    person = visitor_or_person(request)
    detail = competition_detail(person, pk, secret_key=secret_key)
    boards = leaderboards_json(person, pk, secret_key=secret_key)
    phases = [phase.id for phase in detail.phases]
    used = {} if person is None else used_quotas(person.id, phases, clock.now())
    submissions = submission_counts([pk]).get(pk, 0)
    return competition_json(request, detail, submissions, boards, used)


def creation_status(request: HttpRequest, pk: Id) -> HttpResponse:
    """How an import stands that whoever asks has started; `pk` is its own number, not that of a competition."""
    person = person_asking(request)
    found = import_status(person, pk)
    body = {
        "id": found.id,
        "status": _STATUS.get(found.state, "Starting"),
        "details": None if found.error is None else _details(found.error),
        "resulting_competition": found.competition_id,
        "created_by": person.name,
        "title": found.title,
        "published": found.published,
        "progress": {"done": found.done, "total": found.total, "saying": found.saying or found.reason},
        "error": None if found.error is None else error_json(found.error),
        "notes": [problem_json(note) for note in found.notes],
    }
    return answer(body)


def _details(error: UserError) -> str:
    problems = error.problems if isinstance(error, BundleError) else ()
    lines = [str(problem) for problem in problems if problem.severity == "error"]
    return "\n".join(lines) or f"{error.message} {error.hint}".strip()


def toggle_publish(request: HttpRequest, pk: Id) -> HttpResponse:
    """Show a competition to everybody, or only to its staff."""
    person = person_asking(request)
    wish = read(request, PublishWish).published
    if wish is None:
        wish = publish(person, pk) or not unpublish(person, pk)
    elif wish:
        publish(person, pk)
    else:
        unpublish(person, pk)
    return answer({"published": wish})


def deleted(request: HttpRequest, pk: Id) -> HttpResponse:
    """Delete a competition that nobody has submitted to."""
    delete(person_asking(request), pk)
    return nothing()
