"""A server's refusals as the errors that they were there."""

from __future__ import annotations

from typing import Any

import httpx

from podium.rules.errors import BundleError, Conflict, NotAllowed, NotFound, Problem, Severity, TooLarge, UserError

_AWAY = frozenset({502, 503, 504})


class ServerAway(UserError):
    """The server does not answer now; what was asked may be asked again."""


class TooOften(UserError):
    """The server was asked too often; after `wait_s` seconds what was asked may be asked again."""

    status = 429
    wait_s = 1.0


_KINDS: dict[int, type[UserError]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    429: TooOften,
    **dict.fromkeys(_AWAY, ServerAway),
}


def refusal(answer: httpx.Response) -> UserError:
    """The server's refusal as the error that it was there."""
    if answer.has_redirect_location:
        place = answer.headers["Location"]
        return UserError("moved", f"The server sends us to {place}.", "Name that address (--server or PODIUM_SERVER).")
    error = _refusal(answer)
    if isinstance(error, TooOften):
        error.wait_s = _seconds(answer.headers.get("Retry-After", ""))
    return error


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 6 else TooOften.wait_s


def _refusal(answer: httpx.Response) -> UserError:
    kind = _KINDS.get(answer.status_code, UserError)
    try:
        content = answer.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return kind("refused", f"The server answered with status {answer.status_code}.")
    return error_of(content, kind, answer.reason_phrase)


def error_of(content: dict[str, Any], kind: type[UserError], otherwise: str = "") -> UserError:
    """An error as the server tells it."""
    if content.get("code") == "bundle-invalid" and content.get("problems"):
        return BundleError([_problem(item) for item in content["problems"]])
    reference = str(content.pop("reference", ""))
    told = content.get("message") or content.get("detail") or content.get("error")
    message = str(told or _first_line(content) or otherwise)
    hint = str(content.get("hint") or "")
    if reference and reference not in message:
        hint = f"{hint} Reference: {reference}.".strip()
    return kind(str(content.get("code") or "refused"), message, hint)


def _problem(item: dict[str, Any]) -> Problem:
    known = {name: item.get(name) for name in ("file", "line", "column")}
    severity: Severity = "note" if item.get("severity") == "note" else "error"
    return Problem(
        str(item.get("code", "")), str(item.get("message", "")), str(item.get("hint", "")), severity=severity, **known
    )


def _first_line(content: dict[str, Any]) -> str:
    """The text of an answer that names fields with lists of messages."""
    lines = [
        " ".join(map(str, value)) if isinstance(value, list) else str(value) for value in content.values() if value
    ]
    return " ".join(lines)
