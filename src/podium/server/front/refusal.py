"""Answers of the front itself: a problem told in the form the client reads, and the end of an unwanted upload."""

from __future__ import annotations

import asyncio
import html
import http

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from podium.rules.errors import NotAllowed, UserError

# A client that is still sending reads no answer, and a connection closed under it often destroys the answer too. So
# what it sends is thrown away for a while.
_LINGER_S = 10.0
_LINGER_IDLE_S = 2.0

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body><main><h1>{title}</h1><p>{message}</p>{hint}{reference}</main></body>
</html>
"""


def explain(scope: Scope, error: UserError) -> Response:
    """The response that tells `error` to this client: JSON for programs, a page for browsers, else plain text."""
    status = 401 if isinstance(error, NotAllowed) and error.sign_in else error.status
    return _response(scope, status, error.code, error.message, error.hint, "")


def explain_failure(scope: Scope, reference: str) -> Response:
    """The 500 for our own failure, which the log knows under `reference`."""
    return _response(
        scope,
        500,
        "internal-error",
        "The server made a mistake. This is not your fault.",
        "Tell its administrator the number below if it happens again.",
        reference,
    )


def explain_status(scope: Scope, status: int, message: str) -> Response:
    """The response for an HTTP status that a route answered with."""
    return _response(scope, status, f"http-{status}", message, "", "")


async def refuse(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send `response` in place of taking the body that was announced or is on its way, and close the connection.

    A client that waits for `100 Continue` never sends its body; of others it is read and thrown away for some
    seconds, so that they hear the answer.
    """
    response.headers["connection"] = "close"
    headers = Headers(scope=scope)
    sends_on = "content-length" in headers or "transfer-encoding" in headers
    if not sends_on or headers.get("expect", "").lower() == "100-continue":
        await response(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    await _drain(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _drain(receive: Receive) -> None:
    try:
        async with asyncio.timeout(_LINGER_S):
            more = True
            while more:
                async with asyncio.timeout(_LINGER_IDLE_S):
                    message = await receive()
                more = message["type"] == "http.request" and message.get("more_body", False)
    except TimeoutError:
        return


def _response(scope: Scope, status: int, code: str, message: str, hint: str, reference: str) -> Response:
    response = _formatted(scope, status, code, message, hint, reference)
    if status == http.HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["retry-after"] = "5"
    return response


def _formatted(scope: Scope, status: int, code: str, message: str, hint: str, reference: str) -> Response:
    accept = Headers(scope=scope).get("accept", "")
    if scope["path"].startswith(("/api/", "/live/", "/blobs/")) or "application/json" in accept:
        told = {"detail": message, "code": code, "hint": hint, "reference": reference}
        return JSONResponse({name: text for name, text in told.items() if text}, status)
    if "text/html" in accept:
        return HTMLResponse(_page(status, message, hint, reference), status)
    lines = [message, hint, f"Reference: {reference}" if reference else ""]
    return PlainTextResponse("\n".join(line for line in lines if line) + "\n", status)


def _page(status: int, message: str, hint: str, reference: str) -> str:
    return _PAGE.format(
        title=html.escape(http.HTTPStatus(status).phrase),
        message=html.escape(message),
        hint=f"<p>{html.escape(hint)}</p>" if hint else "",
        reference=f"<p>Reference: <code>{html.escape(reference)}</code></p>" if reference else "",
    )
