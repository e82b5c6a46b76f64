"""Answers that wait for a job: `podium.server.front.later` reads the header that this sets."""

from __future__ import annotations

from django.http import HttpResponse

HEADER = "Podium-Later"
LONGEST_S = 60.0


def answered_later(response: HttpResponse, job: int | None, seconds: float, address: str = "") -> HttpResponse:
    """The same answer, to be sent once a job has ended, so many seconds later at most; then what GET of the address
    answers takes its place, if there is one. At once where there is no job."""
    if job is not None and seconds > 0:
        response.headers[HEADER] = f"{job} {min(seconds, LONGEST_S):g} {address}".rstrip()
    return response
