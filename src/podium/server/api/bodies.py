"""The body of a request, as JSON, form or multipart, checked against what the route wants."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from pydantic import BaseModel, ConfigDict, ValidationError

from podium.rules.errors import TooLarge, UserError
from podium.server.api.errors import FieldErrors, fields_of

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_JSON = "application/json"
_DEEPEST = 100


class Body(BaseModel):
    """What a route wants to be sent. Further fields are ignored, as the contract's clients send some."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


AnyBody = TypeVar("AnyBody", bound=Body)


def read(request: HttpRequest, wanted: type[AnyBody], *, storable: bool = True) -> AnyBody:
    """The request's body.

    `storable` refuses characters that no database takes; who cleans the text anyway says False.

    Raises:
        FieldErrors: a field is missing or has the wrong type; every such field is named.
        UserError: the body is no JSON object and no form, or too large.
    """
    fields = _fields(request)
    if storable:
        check_storable(fields)
    try:
        return wanted.model_validate(fields)
    except ValidationError as error:
        raise FieldErrors(fields_of(error.errors(include_url=False, include_input=False))) from error


def read_object(request: HttpRequest) -> dict[str, Any]:
    """All fields of the request's body as they were sent, for routes that keep what they do not know.

    Raises:
        UserError: the body is no JSON object and no form, or too large, or holds what no database takes.
    """
    fields = _fields(request)
    check_storable(fields)
    return fields


def check_storable(value: object, *, depth: int = 0) -> None:
    """Raises UserError where a text has characters that no database takes, which are NUL and half a surrogate pair, or
    where lists and objects are in each other deeper than whoever handles them later should have to follow."""
    if depth > _DEEPEST:
        raise UserError(
            "json-deep", f"Lists or objects are inside each other more than {_DEEPEST} deep.", "Send flatter ones."
        )
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise UserError(
                "text-characters", "A text has a NUL or half a character in it.", "Send valid Unicode without NUL."
            )
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_storable(key)
            check_storable(inner, depth=depth + 1)
    elif isinstance(value, list):
        for inner in value:
            check_storable(inner, depth=depth + 1)


def _fields(request: HttpRequest) -> dict[str, Any]:
    kind = (request.content_type or "").lower()
    try:
        if kind == _MULTIPART and request.method == "POST":
            return _plain(request.POST)
        body = request.body
        if not body:
            return {}
        if kind == _FORM:
            return _plain(QueryDict(body, encoding="utf-8"))
    except RequestDataTooBig as error:
        raise TooLarge("body-too-large", "The request's body is too large.", "Send less at once.") from error
    except (SuspiciousOperation, MultiPartParserError, UnicodeDecodeError) as error:
        raise UserError("form-invalid", f"The form cannot be read: {error}", "Send it again.") from error
    if kind == _JSON or kind.endswith("+json"):
        return _object(body)
    refusal = UserError("media-type", f"A body of type {kind[:60]!r} cannot be read here.", "Send JSON or a form.")
    refusal.status = 415
    raise refusal


def _object(body: bytes) -> dict[str, Any]:
    """NaN and Infinity are read as numbers, so that scores can be refused with their reason."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        reason = _json_fault(error)
        raise UserError("json-invalid", f"The request is not valid JSON: {reason}.", "Send a JSON object.") from error
    if not isinstance(value, dict):
        raise UserError("json-invalid", "The request is not a JSON object.", "Send a JSON object.")
    return value


def _json_fault(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[:1].lower()}{error.msg[1:]} at line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start + 1:,} is not {error.encoding.upper()}"
    if isinstance(error, RecursionError):
        return "its lists or objects are too deep inside each other"
    return "a whole number has too many digits"


def _plain(form: QueryDict) -> dict[str, Any]:
    return {name: values[0] if len(values) == 1 else list(values) for name, values in form.lists()}
