"""Phases and their leaderboards."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from podium.rules.phases import Migrated
from podium.server import clock
from podium.server.api.answers import answer, ready
from podium.server.api.asking import person_asking, refused_to_visitors_too, visitor_or_person
from podium.server.api.bodies import Body, read
from podium.server.api.codabench.competition_objects import phase_json
from podium.server.api.codabench.numbers import Id, PageNumber
from podium.server.competitions.queries import phase_detail
from podium.server.leaderboards.queries import Asked, BoardPage, ready_leaderboard, ready_phase_board
from podium.server.leaderboards.queries.contract import LARGEST_PAGE
from podium.server.past.moments import moment_of
from podium.server.past.queries import past_contract
from podium.server.past.sight import past_phase, require_boards
from podium.server.submissions.queries.quota import used_quotas
from podium.server.submissions.queries.shared import answers_of
from podium.server.submissions.services.migration import migrate_by_hand

PageSize = Annotated[int, Field(ge=1, le=LARGEST_PAGE)]


class MigrationWish(Body):
    """`migrate` of None means what the phase that takes the submissions says."""

    migrate: Migrated | None = None


def one(request: HttpRequest, pk: Id, secret_key: UUID | None = None) -> HttpResponse:
    """A phase as whoever asks may see it."""
    person = visitor_or_person(request)
    detail = phase_detail(person, pk, secret_key=secret_key)
    used = None if person is None else used_quotas(person.id, [pk], clock.now())[pk]
    return answer(phase_json(request, detail, used))


def leaderboard(
    request: HttpRequest,
    pk: Id,
    secret_key: UUID | None = None,
    page: PageNumber | None = None,
    page_size: PageSize | None = None,
    at: str | None = None,
) -> HttpResponse:
    """The board of a phase in rank order, whole or a page of it; 304 for whoever has this very board already. With
    `at`, as it was at that moment. A hidden one is refused with 403, to visitors too."""
    with refused_to_visitors_too():
        if at is None:
            return ready(ready_phase_board(_asked(request, secret_key, page, page_size), pk))
        person, wanted = visitor_or_person(request), BoardPage.wanted(page, page_size)
        require_boards(person, pk, secret_key=secret_key)
        then = past_phase(person, pk, moment_of(at), secret_key=secret_key)
        return answer(past_contract(then, answers_of=answers_of, page=wanted))


def one_leaderboard(
    request: HttpRequest,
    pk: Id,
    secret_key: UUID | None = None,
    page: PageNumber | None = None,
    page_size: PageSize | None = None,
) -> HttpResponse:
    """One leaderboard with what stands on it in every phase; 304 for whoever has it already. A hidden one is refused
    with 403, to visitors too."""
    with refused_to_visitors_too():
        return ready(ready_leaderboard(_asked(request, secret_key, page, page_size), pk))


def _asked(request: HttpRequest, secret_key: UUID | None, page: int | None, page_size: int | None) -> Asked:
    return Asked(
        visitor_or_person(request),
        secret_key,
        BoardPage.wanted(page, page_size),
        request.headers.get("If-None-Match", ""),
    )


def migrated(request: HttpRequest, pk: Id) -> HttpResponse:
    """Run the successful submissions of this phase again in the next one."""
    wish = read(request, MigrationWish).migrate
    migrate_by_hand(person_asking(request), pk, wish)
    return answer({})
