"""Scores: read, and written by hand by organizers."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from pydantic import BeforeValidator

from podium.server.api.answers import answer, nothing
from podium.server.api.asking import person_asking
from podium.server.api.bodies import Body, read
from podium.server.api.codabench.numbers import Id
from podium.server.submissions.queries.contract_scores import score_json, scores_json
from podium.server.submissions.services.score_editing import WrittenScore, edit_score, edit_scores

_NO_REASON = "A program wrote it and gave no reason."


def _number(value: object) -> object:
    if isinstance(value, bool):
        # The library makes its messages of this kind of error alone.
        raise ValueError("a number is wanted, and this is true or false")  # noqa: TRY004
    return value


class ScoreBody(Body):
    """A score, and why it is written; clients of Codabench give no reason."""

    score: Annotated[float, BeforeValidator(_number)]
    reason: str = _NO_REASON


class NewScore(ScoreBody):
    """The same for a column that a submission has no score of yet; where it ran on several tasks, `submission` is the
    child of the task."""

    submission: Id
    column_key: str


def listed(request: HttpRequest, submission: Id | None = None, phase: Id | None = None) -> HttpResponse:
    """The scores of one submission, or of all that one sees."""
    return answer(scores_json(person_asking(request), submission_id=submission, phase_id=phase))


def one(request: HttpRequest, pk: Id) -> HttpResponse:
    """A score."""
    return answer(score_json(person_asking(request), pk))


def made(request: HttpRequest) -> HttpResponse:
    """Write a score of a submission."""
    wish = read(request, NewScore)
    person = person_asking(request)
    written = edit_scores(person, wish.submission, {wish.column_key: wish.score}, wish.reason)
    return answer(_json(written[0]), 201)


def changed(request: HttpRequest, pk: Id) -> HttpResponse:
    """Write a score anew, which has another number from then on."""
    wish = read(request, ScoreBody)
    written = edit_score(person_asking(request), pk, wish.score, wish.reason)
    return answer(_json(written) if written else {})


def removed(request: HttpRequest, pk: Id) -> HttpResponse:
    """Take a score away; the history keeps it."""
    edit_score(person_asking(request), pk, None, _NO_REASON)
    return nothing()


def _json(written: WrittenScore) -> dict[str, Any]:
    return {
        "id": written.id,
        "index": written.index,
        "score": repr(written.value),
        "column_key": written.column_key,
    }
