"""The JSON of boards, sent from memory without a thread of Django where there is nothing to explain."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from podium.rules.errors import UserError
from podium.server.accounts.credentials import Credential, credential_of, people_behind
from podium.server.accounts.people import Person, person_of
from podium.server.accounts.services import account_of_token
from podium.server.leaderboards.queries import Asked, BoardPage, ReadyBoard, ready_leaderboard, ready_phase_board
from podium.server.leaderboards.queries.contract import LARGEST_PAGE
from podium.server.live.answers import services

_READS = frozenset({"GET", "HEAD"})
_SCHEMES = frozenset({"token", "bearer"})
_KNOWN_WORDS = frozenset({"page", "page_size", "secret_key"})
_LARGEST_NUMBER = 10**9
_LARGEST_ID = 2**63 - 1
_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}

Read = Callable[[Asked, int], ReadyBoard]


class BoardReads:
    """Answers whoever may see a board; everything else, refusals among it, is left to the API behind: it says what is
    wrong, and there is one place that does."""

    def __init__(self, read: Read) -> None:
        self._read = read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        board = await self._found(request) if request.method in _READS else None
        if board is None:
            await request.app.router.default(scope, receive, send)
            return
        headers = {**_HEADERS, "ETag": board.etag}
        if board.content is None:
            response = Response(status_code=304, headers=headers)
        else:
            response = Response(board.content, headers=headers, media_type="application/json")
        await response(scope, receive, send)

    async def _found(self, request: Request) -> ReadyBoard | None:
        try:
            ask = _asking(request)
            read = partial(self._answer, ask, request.headers.get("authorization", ""), request.path_params["pk"])
            return await services(request).call(read, request.headers.get("cookie", ""))
        except (UserError, ValueError):
            return None

    def _answer(self, ask: Callable[[Person | None], Asked], authorization: str, pk: int, cookie: str) -> ReadyBoard:
        return self._read(ask(_person(cookie, authorization)), pk)


def _asking(request: Request) -> Callable[[Person | None], Asked]:
    """What is asked for; raises ValueError where the API has to explain why not."""
    words = request.query_params
    if request.path_params["pk"] > _LARGEST_ID:
        raise ValueError("no number of a row")
    if not words.keys() <= _KNOWN_WORDS or len(words.multi_items()) > len(words):
        raise ValueError("words that the API may know")
    number, size = (_number(words.get(name), most) for name, most in _PARTS)
    key = words.get("secret_key")
    return partial(
        Asked,
        secret_key=None if key is None else UUID(key),
        page=BoardPage.wanted(number, size),
        known=request.headers.get("if-none-match", ""),
    )


_PARTS = (("page", _LARGEST_NUMBER), ("page_size", LARGEST_PAGE))


def _number(text: str | None, most: int) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 11 and 1 <= int(text) <= most):
        raise ValueError("no number of a page")
    return int(text)


def _person(cookie: str, authorization: str) -> Person | None:
    """Who asks; raises ValueError where the credential is not plainly right."""
    if authorization:
        scheme, _, token = authorization.partition(" ")
        user = account_of_token(token.strip()) if scheme.lower() in _SCHEMES and token.strip() else None
        person = person_of(user)
    else:
        credential = credential_of(cookie)
        if credential == Credential():
            return None
        person = people_behind([credential])[credential]
    if person is None:
        raise ValueError("a credential of nobody")
    return person


routes = [
    Route(f"{address}{slash}", BoardReads(read))
    for address, read in (
        ("/api/phases/{pk:int}/get_leaderboard", ready_phase_board),
        ("/api/leaderboards/{pk:int}", ready_leaderboard),
    )
    for slash in ("", "/")
]
