"""Parts of pages that stay true while they are open: their streams, and answers that are only the part."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from podium.server.pages.errors import wants_fragment
from podium.server.submissions.queries.following import Place


def submission_stream(submission_id: int, place: Place) -> str:
    """Where the page of a submission hears what is new after a place."""
    return _stream(f"submissions/{submission_id}", place)


def list_stream(place: Place, competition_id: int | None, *, everybody: bool = False) -> str:
    """Where a list of one's own submissions, or of everybody's, hears what is new."""
    if competition_id is None:
        return _stream("submissions", place)
    return _stream(f"competitions/{competition_id}/submissions{'/all' if everybody else ''}", place)


def board_stream(phase_id: int, place: Place) -> str:
    """Where the boards of a phase hear what is new."""
    return _stream(f"phases/{phase_id}/results", place)


def page_or_part(request: HttpRequest, page: str, part: str, context: dict[str, Any], state: object) -> HttpResponse:
    """The page, or only its part where a script asks for that; 204 where `state` is what the script has seen.

    The templates find in `news_url` where to ask for what is new after this answer.
    """
    seen = hashlib.sha256(repr(state).encode()).hexdigest()[:16]
    fragment = wants_fragment(request)
    if fragment and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    context = {**context, "news_url": f"{request.path}?{_query(request, seen)}"}
    response = render(request, part if fragment else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _query(request: HttpRequest, seen: str) -> str:
    """What the address asks for besides, so that the part is read again as it is shown."""
    asked = [(name, value) for name, values in request.GET.lists() if name != "seen" for value in values]
    return urlencode([*asked, ("seen", seen)])


def _stream(path: str, place: Place) -> str:
    return f"/live/{path}/?{urlencode({'after': str(place)})}"
