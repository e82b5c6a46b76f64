"""How asynchronous routes read a request and answer it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar, cast

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from podium.rules.errors import InternalError, ProgramError, TooLarge, UserError

_log = structlog.get_logger(__name__)
_BODY_LIMIT = 1 << 20

T = TypeVar("T")


class Services(Protocol):
    """Calls the server's services from asynchronous code, each in a thread of a small pool."""

    async def call(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> T: ...


def services(request: Request) -> Services:
    """The pool through which this request may call services."""
    return cast("Services", request.app.state.services)


class JsonResponse(Response):
    """An answer of JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


async def json_body(request: Request) -> dict[str, Any]:
    """The request's body, an object of JSON of at most 1 MiB.

    Raises:
        TooLarge: it is larger.
        UserError: it is none.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_LIMIT:
            raise TooLarge("body-too-large", f"The request has more than {_BODY_LIMIT} bytes.", "Send less.")
    try:
        value = orjson.loads(bytes(body))
    except orjson.JSONDecodeError as error:
        raise UserError("json-invalid", f"The request is not valid JSON: {error}.", "Send a JSON object.") from error
    if not isinstance(value, dict):
        raise UserError("json-invalid", "The request is not a JSON object.", "Send a JSON object.")
    return value


def explained(
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """Turn what an endpoint raises into an answer that says what happened and what to do."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=499)
        except UserError as error:
            return _refusal(error.status, error.code, error.message, error.hint)
        except ProgramError as error:
            return _refusal(400, error.code, error.message, error.hint)
        except Exception as error:  # noqa: BLE001 - the edge of the process: logged under the id that the client sees
            ours = error if isinstance(error, InternalError) else InternalError(str(error))
            reference = getattr(request.state, "request_id", ours.reference)
            _log.error("request_failed", reference=reference, path=request.url.path, exc_info=error)
            message = f"Something failed on our side (reference {reference})."
            return _refusal(500, "internal", message, "It is not your fault. Tell the administrator the reference.")

    return answer


def _refusal(status: int, code: str, message: str, hint: str) -> JsonResponse:
    content = {"code": code, "message": message, "hint": hint, "detail": f"{message} {hint}".strip()}
    return JsonResponse(content, status_code=status)
