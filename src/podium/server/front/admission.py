"""Who may send files at all, asked before the first byte of them is taken."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from podium.rules.errors import NotAllowed
from podium.server.accounts.services import user_of_token
from podium.server.api.asking import invalid_token
from podium.server.configuration import configuration
from podium.server.front.bridge import Admit
from podium.server.front.pool import ServicePool
from podium.server.front.refusal import explain

_MODEL_BOARDS = "/api/leaderboard/"


def admission(services: ServicePool) -> Admit:
    """The bridge's question for forms with files: only somebody who is signed in, or brings a token, may send one.

    What exactly the person may do is the view's to decide; this keeps strangers from filling the disk.
    """

    async def admit(scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not headers.get("content-type", "").lower().startswith("multipart/form-data"):
            return None
        authorization = headers.get("authorization", "")
        key = headers.get("x-api-key", "").strip() if scope["path"].startswith(_MODEL_BOARDS) else ""
        if await services.call(is_somebody, headers.get("cookie", ""), f"Token {key}" if key else authorization):
            return None
        if scope["path"].startswith(_MODEL_BOARDS):
            return None if configuration().open_modelboards else _refused_in_envelope(known=bool(key or authorization))
        if authorization:
            return explain(scope, invalid_token(sign_in=False))
        # The contract's clients expect 403 of the API, with and without credentials.
        asks_to_sign_in = not scope["path"].startswith("/api/")
        return explain(
            scope,
            NotAllowed(
                "sign-in", "Only people who are signed in may send files.", "Sign in first.", sign_in=asks_to_sign_in
            ),
        )

    return admit


def _refused_in_envelope(*, known: bool) -> Response:
    """In the words and the envelope of the API of model boards, which their clients read."""
    hint = "Send the header X-API-Key with a token of yours, from the page My work."
    said = "Invalid token." if known else "An API key is required."
    return JSONResponse({"status": "error", "message": f"{said} {hint}"}, 401)


def is_somebody(cookie: str, authorization: str) -> bool:
    """Whether these two fields of a request name a session somebody signed in to, or a token that works."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() in {"token", "bearer"} and user_of_token(token.strip()) is not None:
        return True
    try:
        session = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return False
    return session is not None and SESSION_KEY in SessionStore(session.value)
