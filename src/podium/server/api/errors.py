"""What a client reads when something did not work: one shape, made in one place.

`code` is for programs; `message` and `hint` for people; `detail`, `non_field_errors` and the names of fields are where
clients of the contract look. A bundle that cannot be used adds `problems`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import Throttled, ValidationError

from podium.rules.errors import (
    BundleError,
    InternalError,
    NotAllowed,
    NotFound,
    OutOfSpace,
    Problem,
    ProgramError,
    TooLarge,
    UserError,
)
from podium.server.api.answers import answer

_log = structlog.get_logger("podium.api")


class FieldErrors(UserError):
    """Fields of a request that do not do: for each, what is wrong with it."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        said = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in fields.items())
        super().__init__("request-invalid", f"The request does not fit: {said}", "Correct the fields that are named.")
        self.fields = fields


def fields_of(errors: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Pydantic's errors by the name of the field, in the contract's words where it has some."""
    found: dict[str, list[str]] = {}
    for error in errors:
        name = ".".join(str(part) for part in error["loc"]) or "non_field_errors"
        message = "This field is required." if error["type"] == "missing" else f"{error['msg']}."
        found.setdefault(name, []).append(message)
    return found


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem of a bundle with its place."""
    return {
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
    }


def error_json(error: UserError) -> dict[str, Any]:
    """An error that is told later: what its refusal would have said."""
    problems = error.problems if isinstance(error, BundleError) else ()
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "problems": [problem_json(problem) for problem in problems],
    }


def explained(error: UserError | ProgramError) -> HttpResponse:
    """The answer to a request that ended in an error somebody can act on."""
    status = error.status if isinstance(error, UserError) else 400
    asks_to_sign_in = isinstance(error, NotAllowed) and error.sign_in
    body: dict[str, Any] = {
        **(dict(error.fields) if isinstance(error, FieldErrors) else {}),
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "detail": error.message,
    }
    if status == 400 and not isinstance(error, FieldErrors):
        body["non_field_errors"] = [error.message]
    if isinstance(error, BundleError):
        body["problems"] = [problem_json(problem) for problem in error.problems]
    response = answer(body, 401 if asks_to_sign_in else status)
    if asks_to_sign_in:
        response.headers["WWW-Authenticate"] = "Token"
    return response


def failed(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The answer to a failure of ours, which is logged under the reference that the client reads."""
    failure = error if isinstance(error, InternalError) else InternalError(str(error))
    _log.error("request_failed", reference=failure.reference, method=request.method, path=request.path, exc_info=error)
    message = f"Something failed on our side (reference {failure.reference})."
    body = {
        "code": "internal",
        "message": message,
        "hint": "It is not your fault. Try again; if it stays, give the administrator the reference.",
        "detail": message,
        "reference": failure.reference,
    }
    return answer(body, 500)


def unknown_address() -> NotFound:
    """For addresses that lead nowhere."""
    return NotFound("no-such-address", "There is nothing at this address of the API.", "Check it for a mistake.")


def wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    """For a method that an address does not take."""
    error = UserError("wrong-method", f'Method "{request.method}" not allowed.', f"This address takes {allowed}.")
    error.status = 405
    response = explained(error)
    response.headers["Allow"] = allowed
    return response


def translated(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The answer to whatever a route raised."""
    match error:
        case type():
            return translated(request, error())
        case OutOfSpace() | UserError() | ProgramError():
            return explained(error)
        case ValidationError():
            return explained(_of_parameters(error))
        case Http404():
            return explained(unknown_address())
        case PermissionDenied():
            return explained(NotAllowed("not-allowed", "You may not do this."))
        case Throttled():
            return _too_many(error)
        case RequestDataTooBig():
            return explained(TooLarge("body-too-large", "The request's body is too large.", "Send less at once."))
        case SuspiciousOperation():
            return explained(UserError("request-invalid", "The request cannot be read.", "Send it again."))
        case _:
            return failed(request, error)


def explain_errors(api: NinjaAPI) -> None:
    """Let an API answer everything that its routes raise by `translated`."""
    for kind in (Exception, UserError, ProgramError, ValidationError, Http404, Throttled):
        api.add_exception_handler(kind, translated)


def _of_parameters(error: ValidationError) -> UserError:
    """What is wrong with an address, which leads nowhere then, or with its query."""
    if any(each["loc"][0] == "path" for each in error.errors):
        return unknown_address()
    return FieldErrors(fields_of({**each, "loc": each["loc"][1:]} for each in error.errors))


def _too_many(error: Throttled) -> HttpResponse:
    refusal = UserError("too-many-requests", "Too many attempts.", "Wait a minute, then try again.")
    refusal.status = 429
    response = explained(refusal)
    if error.wait is not None:
        response.headers["Retry-After"] = str(int(error.wait) + 1)
    return response
