"""Who asks: by a key in `X-API-Key` or `Authorization`, by the session of a browser, or by nobody's."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.throttling import SimpleRateThrottle

from podium.rules.errors import NotAllowed
from podium.server.accounts.services import token_digest
from podium.server.api.asking import Caller, anybody, caller_of_token
from podium.server.configuration import configuration

_KEY = "HTTP_X_API_KEY"


def reader(request: HttpRequest) -> Caller:
    """Lets everybody in; a key that is sent must be right all the same."""
    key = request.META.get(_KEY, "").strip()
    return caller_of_token(key) if key else anybody(request)


def writer(request: HttpRequest) -> Caller:
    """Lets in who sends a key or is signed in; everybody, where the site says that its model boards are open.

    Raises:
        NotAllowed: nobody asks, and the boards are not open.
    """
    caller = reader(request)
    if caller.person is None and not configuration().open_modelboards:
        raise _key_required()
    return caller


def signed_in_reader(request: HttpRequest) -> Caller:
    """Lets in who sends a key or is signed in.

    Raises:
        NotAllowed: nobody asks.
    """
    caller = reader(request)
    if caller.person is None:
        raise _key_required()
    return caller


def _key_required() -> NotAllowed:
    return NotAllowed(
        "key-required",
        "An API key is required.",
        "Send the header X-API-Key with a token of yours, from the page My work.",
        sign_in=True,
    )


class WriteThrottle(SimpleRateThrottle):
    """So many writes a minute and key, or address of whoever sends none; counted by each web process."""

    scope = "model-boards"

    def __init__(self) -> None:
        super().__init__(f"{configuration().modelboard_writes_per_minute}/m")

    def get_cache_key(self, request: HttpRequest) -> str | None:
        """The key to count under."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        key = request.META.get(_KEY, "").strip() or (token.strip() if scheme else "")
        return f"model-boards:{token_digest(key) if key else request.META.get('REMOTE_ADDR', '')}"
