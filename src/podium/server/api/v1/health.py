"""Whether the site works, for whoever watches it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from podium.server.api.answers import answer
from podium.server.jobs.queries import waiting_jobs


def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """200 where the database answers; where it does not, the 500 of every other failure."""
    waiting_jobs()
    return answer({"status": "ok"})
