"""Publishing leaderboards of a competition to model boards."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from podium.server.api.answers import answer
from podium.server.api.asking import person_asking
from podium.server.api.bodies import Body, read
from podium.server.api.codabench.numbers import Id
from podium.server.publishing.queries import PublicationRow, publications_of
from podium.server.publishing.services import PublicationWishes, publish, unpublish


class PublicationBody(Body):
    """What to publish, and the dataset to publish it to, which is made where there is none of that name."""

    phase: Id
    leaderboard: Id
    column: str
    dataset: str
    task_type: str
    description: str = ""


def listed(request: HttpRequest, pk: Id) -> HttpResponse:
    """What of a competition is published."""
    return answer({"publications": [_json(row) for row in publications_of(person_asking(request), pk)]})


def begun(request: HttpRequest, pk: Id) -> HttpResponse:
    """Publish a column of a leaderboard in a phase: 201."""
    wish = read(request, PublicationBody)
    wishes = PublicationWishes(
        wish.phase, wish.leaderboard, wish.column, wish.dataset, wish.task_type, wish.description
    )
    return answer({"id": publish(person_asking(request), pk, wishes)}, 201)


def ended(request: HttpRequest, pk: Id, publication: Id) -> HttpResponse:
    """End a publication: its results are withdrawn."""
    unpublish(person_asking(request), pk, publication)
    return HttpResponse(status=204)


def _json(row: PublicationRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "phase": row.phase,
        "leaderboard": row.leaderboard,
        "column": row.column,
        "dataset": row.dataset,
        "models": row.models,
        "note": row.note,
        "created_at": row.created_at,
        "refreshed_at": row.refreshed_at,
    }
