"""Asking to take part, and deciding about those who asked."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from podium.rules.access import ParticipantStatus
from podium.server.api.answers import answer
from podium.server.api.asking import person_asking
from podium.server.api.bodies import Body, read
from podium.server.api.codabench.numbers import Id
from podium.server.competitions import services
from podium.server.competitions.queries import participants


class Wish(Body):
    """Whoever registers by the API accepts the terms by that, unless they say otherwise."""

    secret_key: UUID | None = None
    accept_terms: bool = True


class Decision(Body):
    """What becomes of somebody's wish to take part."""

    status: ParticipantStatus


def register(request: HttpRequest, pk: Id) -> HttpResponse:
    """Ask to take part in a competition."""
    wish = read(request, Wish)
    status = services.register(person_asking(request), pk, accepts_terms=wish.accept_terms, secret_key=wish.secret_key)
    return answer({"participant_status": status}, 201)


def listed(
    request: HttpRequest, competition: Id | None = None, status: ParticipantStatus | None = None
) -> HttpResponse:
    """Everybody who asked to take part in a competition; nobody where none is named."""
    if competition is None:
        return answer([])
    rows = participants(person_asking(request), competition, status=status)
    return answer(
        [
            {
                "id": row.id,
                "username": row.username,
                "name": row.name,
                "email": row.email,
                "is_bot": row.is_bot,
                "status": row.status,
                "is_deleted": False,
                "created_when": row.created_at,
            }
            for row in rows
        ]
    )


def decided(request: HttpRequest, pk: Id) -> HttpResponse:
    """Approve or deny somebody."""
    decision = read(request, Decision)
    services.decide(person_asking(request), pk, decision.status)
    return answer({"id": pk, "status": decision.status})
