"""What the programs of a submission wrote, to look at: logs as plain text, and the page that scoring makes."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from podium.rules.errors import NotFound
from podium.server.files.services import store
from podium.server.pages.middleware import CONTENT_SECURITY_POLICY
from podium.server.pages.news import page_or_part, submission_stream
from podium.server.pages.people import acting
from podium.server.submissions.queries.detailed_results import detailed_results
from podium.server.submissions.queries.following import follow_submission, place_of
from podium.server.submissions.queries.logs import log_of

_LOG_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
# A page that a program of somebody wrote: it may draw and compute, and reach nothing; its origin is nobody's.
_DOCUMENT_POLICY = "; ".join(
    (
        "sandbox allow-scripts",
        "default-src 'none'",
        "script-src 'unsafe-inline' 'unsafe-eval' blob: data:",
        "style-src 'unsafe-inline'",
        "img-src data: blob:",
        "font-src data:",
        "media-src data: blob:",
        "worker-src blob:",
        "connect-src 'none'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
_FRAME_POLICY = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
_FRAMES = frozenset({"", "iframe", "frame", "empty"})


@require_safe
def log(request: HttpRequest, pk: int, part: int, kind: str) -> HttpResponseBase:
    """A log as plain text, also while it is being written; with `?download` as a file to keep."""
    found = log_of(acting(request), pk, part, kind)
    response: HttpResponseBase
    if found.file is not None:
        response = FileResponse(store().open(found.file.sha256), content_type="text/plain; charset=utf-8")
    else:
        response = HttpResponse(found.text, content_type="text/plain; charset=utf-8")
    shown_as = "attachment" if "download" in request.GET else "inline"
    response.headers["Content-Disposition"] = f'{shown_as}; filename="submission-{part}-{kind}.txt"'
    response.headers["Content-Security-Policy"] = _LOG_POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
def detailed(request: HttpRequest, pk: int) -> HttpResponse:
    """The page with the detailed results of a submission to one task in a frame; it is loaded again when it changes."""
    person = acting(request)
    found = detailed_results(person, pk)
    live_url = submission_stream(found.submission, place_of(follow_submission(person, pk))) if found.own_page else ""
    context = {"found": found, "document": reverse("detailed_results_document", args=[pk]), "live_url": live_url}
    response = page_or_part(
        request, "podium/submission/detailed.html", "podium/submission/detailed_part.html", context, found
    )
    response.headers["Content-Security-Policy"] = _FRAME_POLICY
    return response


@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The detailed results themselves, which can do nothing but be looked at inside a frame of this site."""
    found = detailed_results(acting(request), pk)
    if request.headers.get("Sec-Fetch-Dest", "") not in _FRAMES:
        # Opened by itself it would not be in a frame that keeps it from leading elsewhere.
        return HttpResponse(status=303, headers={"Location": reverse("detailed_results", args=[pk])})
    if found.file is None:
        raise NotFound("no-detailed-results", "There are no detailed results yet.", "Wait for the scoring program.")
    response = FileResponse(store().open(found.file.sha256), content_type="text/html; charset=utf-8")
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = _DOCUMENT_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "private, no-store"
    return response
