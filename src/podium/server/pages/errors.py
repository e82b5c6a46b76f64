"""Errors as people read them: a page, or a fragment where only a part of the page asked.

Below /api/ errors are the API's own business.
"""

from __future__ import annotations

import sys
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from podium.rules.errors import BundleError, InternalError, NotAllowed, NotFound, UserError

log = structlog.get_logger("podium.pages")


def wants_fragment(request: HttpRequest) -> bool:
    """Whether a script asked, which puts the answer into a page that is already there."""
    return request.headers.get("HX-Request") == "true"


def for_the_api(request: HttpRequest) -> bool:
    """Whether the address belongs to the API."""
    return request.path.startswith(("/api/", "/public/"))


def moved(request: HttpRequest, target: str) -> HttpResponse:
    """A redirect that a form and a script both follow."""
    return HttpResponseClientRedirect(target) if wants_fragment(request) else HttpResponseRedirect(target)


def explained(request: HttpRequest, error: UserError) -> HttpResponse:
    """The answer to a request that ended in an error somebody can act on."""
    if isinstance(error, NotAllowed) and error.sign_in:
        query = urlencode({"next": _way_back(request)})
        return moved(request, f"{reverse('account_login')}?{query}")
    problems = error.problems if isinstance(error, BundleError) else ()
    context = {"error": error, "status": error.status, "problems": problems}
    template = "podium/errors/fragment.html" if wants_fragment(request) else "podium/errors/page.html"
    return render(request, template, context, status=error.status)


def unexpected(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """The answer to a failure of ours. It is logged under the reference that the person sees.

    The page is rendered without the request: what failed may be the very thing a context processor needs.
    """
    failure = error if isinstance(error, InternalError) else InternalError(str(error))
    log.error("unexpected", reference=failure.reference, method=request.method, path=request.path, exc_info=error)
    if for_the_api(request):
        said = f"Something failed on our side (reference {failure.reference})."
        body = {"code": "internal", "message": said, "hint": "", "detail": said, "reference": failure.reference}
        return JsonResponse(body, status=HTTPStatus.INTERNAL_SERVER_ERROR)
    fragment = wants_fragment(request)
    template = "podium/errors/internal_fragment.html" if fragment else "podium/errors/internal.html"
    text = render_to_string(template, {"reference": failure.reference})
    return HttpResponse(text, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's handler for requests it does not understand."""
    return _plain(
        request, UserError("bad-request", "This request could not be understood.", "Go back, reload, and try again.")
    )


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's handler for what is forbidden."""
    return _plain(request, NotAllowed("not-allowed", "You may not see this page."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's handler for addresses that lead nowhere."""
    return _plain(
        request, NotFound("no-such-page", "There is no page at this address.", "Check the address for a mistake.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler for failures outside of views; `explain_errors` has seen all others."""
    return unexpected(request, sys.exc_info()[1])


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's handler for forms that were sent without their secret."""
    log.info("form refused", reason=reason, path=request.path)
    return _plain(
        request,
        NotAllowed(
            "form-expired",
            "This form is too old, or your browser refused the cookie that belongs to it.",
            "Go back, reload the page, and send it again. Cookies of this site must be allowed.",
        ),
    )


def wrong_method(request: HttpRequest) -> HttpResponse:
    """A page in place of the empty body of a 405."""
    error = UserError("wrong-method", "This address only takes a form.", "Go back and use the button there.")
    error.status = HTTPStatus.METHOD_NOT_ALLOWED
    return _plain(request, error)


def _plain(request: HttpRequest, error: UserError) -> HttpResponse:
    if for_the_api(request):
        body = {"code": error.code, "message": error.message, "hint": error.hint, "detail": error.message}
        return JsonResponse(body, status=error.status)
    return explained(request, error)


def _way_back(request: HttpRequest) -> str:
    if request.method == "GET":
        return request.get_full_path()
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return urlsplit(referer).path
    return "/"
