"""What every response carries, whoever made it: the request's id and the security headers; and the last resort."""

from __future__ import annotations

import logging
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from podium.server.front.call import ViewFailed
from podium.server.front.refusal import explain_failure

_log = logging.getLogger(__name__)

# A response that sets one of these itself keeps what it set: pages have a policy of their own, and detailed results
# are shown in a frame.
SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
)


class Envelope:
    """ASGI middleware around the whole application.

    The request's id is made here, never taken from the client: it is in `scope["state"]["request_id"]`, in every log
    record of the request, and in the response's X-Request-Id. An exception nobody caught is logged under it; the
    client gets a 500 that names it, or, where the response had begun, a connection that ends before its end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request through the application."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = uuid4().hex[:12]
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def send_wrapped(message: Message) -> None:
            nonlocal started
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                started = True
                message = {**message, "headers": _completed(message.get("headers", ()), request_id)}
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_wrapped)
            except Exception as error:  # noqa: BLE001 - the edge: logged under the id that the client sees
                if not isinstance(error, ViewFailed):
                    _log.exception("A request failed: %s %s.", scope.get("method", scope["type"]), scope["path"])
                if scope["type"] == "websocket":
                    await send_wrapped({"type": "websocket.close", "code": 1011})
                elif not started:
                    await explain_failure(scope, request_id)(scope, receive, send_wrapped)


def _completed(headers: object, request_id: str) -> list[tuple[bytes, bytes]]:
    fields = [(bytes(name).lower(), bytes(value)) for name, value in headers]  # type: ignore[attr-defined]
    present = {name for name, _ in fields}
    fields.extend(field for field in SECURITY_HEADERS if field[0] not in present)
    return [*(field for field in fields if field[0] != b"x-request-id"), (b"x-request-id", request_id.encode())]
