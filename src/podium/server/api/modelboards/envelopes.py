"""What clients of model boards read: `{"status": "success", ...}` below /api/leaderboard, `{"success": true, ...}`
below /public, and one message where something did not work."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import Throttled, ValidationError

from podium.rules.errors import ProgramError, UserError
from podium.server.api.answers import answer
from podium.server.api.errors import translated, wrong_method
from podium.server.modelboards.requests import Answered

Envelope = Callable[[str], dict[str, object]]
WARNING_HEADER = "X-Podium-Warning"
_MOST_WARNING_LETTERS = 2000


def leaderboard_error(message: str) -> dict[str, object]:
    """What an error looks like below /api/leaderboard."""
    return {"status": "error", "message": message}


def public_error(message: str) -> dict[str, object]:
    """What an error looks like below /public."""
    return {"success": False, "error": message}


def success(*, message: str, warnings: Sequence[str] = (), **more: object) -> HttpResponse:
    """What was done, below /api/leaderboard; what the client should know besides stands in a header."""
    return told(Answered({"status": "success", "message": message, **more}, warnings))


def told(answered: Answered) -> HttpResponse:
    """An answer; what the client should know besides stands in a header."""
    response = answer(answered.content)
    if answered.warnings:
        text = " ".join(answered.warnings).encode("ascii", "backslashreplace").decode()
        response.headers[WARNING_HEADER] = text[:_MOST_WARNING_LETTERS]
    return response


def explaining(envelope: Envelope) -> Callable[[NinjaAPI], None]:
    """Lets an API answer everything that its views raise in an envelope."""

    def explain(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        return in_envelope(translated(request, error), envelope)

    def register(api: NinjaAPI) -> None:
        for kind in (Exception, UserError, ProgramError, ValidationError, Http404, Throttled):
            api.add_exception_handler(kind, explain)

    return register


def refusing_methods(envelope: Envelope) -> Callable[[HttpRequest, str], HttpResponse]:
    """The answer to a method that an address does not take."""

    def refuse(request: HttpRequest, allowed: str) -> HttpResponse:
        return in_envelope(wrong_method(request, allowed), envelope)

    return refuse


def in_envelope(response: HttpResponse, envelope: Envelope) -> HttpResponse:
    """An error as the rest of the API tells it, in an envelope."""
    said = orjson.loads(response.content)
    message = " ".join(part for part in (said["message"], said["hint"]) if part)
    response.content = orjson.dumps(envelope(message))
    return response
