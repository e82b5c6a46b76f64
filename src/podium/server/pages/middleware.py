"""What every answer of the pages carries, and what a person reads when something went wrong."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase

from podium.rules.errors import Conflict, UserError
from podium.server.pages.errors import explained, for_the_api, unexpected, wrong_method

Answer = Callable[[HttpRequest], HttpResponseBase]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "font-src 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# allauth checks an address when it is added, and not again when it becomes the account's own.
_ACCOUNTS = "/accounts/"
_TAKEN = Conflict("account-taken", "Another account has this name or address.", "Go back and choose another.")
_DJANGO_EXPLAINS = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)


def security_headers(get_response: Answer) -> Answer:
    """Forbid browsers everything that our pages do not need. A view that sets a header itself has its reasons."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return answer


class ErrorPages:
    """Turns what views raise into pages; the API explains its own errors."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if response.status_code == 405 and isinstance(response, HttpResponse) and not for_the_api(request):
            page = wrong_method(request)
            page.headers["Allow"] = response.headers.get("Allow", "")
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Called by Django with what a view raised; None leaves it to Django."""
        if isinstance(exception, UserError) and not for_the_api(request):
            return explained(request, exception)
        if isinstance(exception, IntegrityError) and request.path.startswith(_ACCOUNTS):
            return explained(request, _TAKEN)
        if isinstance(exception, _DJANGO_EXPLAINS) or for_the_api(request):
            return None
        return unexpected(request, exception)


def explain_errors(get_response: Answer) -> ErrorPages:
    """The middleware, under the name that the settings know."""
    return ErrorPages(get_response)
