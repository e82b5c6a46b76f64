"""The streams that open pages of model boards listen to, as those of competitions do."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from podium.server.accounts.people import Person
from podium.server.live.answers import explained
from podium.server.live.model_boards import place_on_board
from podium.server.live.pages import stream
from podium.server.modelboards.queries.following import LIST, BoardSubject, follow_board, follow_predictions
from podium.server.submissions.queries.following import Place


async def _stream(request: Request, follow: Callable[[Person | None], BoardSubject]) -> Response:
    def begin(person: Person | None, read: str) -> tuple[BoardSubject, Place]:
        subject = follow(person)
        return subject, place_on_board(subject, read)

    return await stream(request, begin)


async def _list(request: Request) -> Response:
    return await _stream(request, lambda _: LIST)


async def _board(request: Request) -> Response:
    return await _stream(request, lambda _: follow_board(request.path_params["slug"]))


async def _predictions(request: Request) -> Response:
    return await _stream(request, lambda person: follow_predictions(person, request.path_params["key"]))


routes = [
    Route("/live/leaderboard/", explained(_list), methods=["GET"]),
    Route("/live/leaderboard/{slug}/", explained(_board), methods=["GET"]),
    Route("/live/predictions/{key:uuid}/", explained(_predictions), methods=["GET"]),
]
