"""What every template may ask for."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest

from podium.server.accounts.people import person_of
from podium.server.configuration import configuration
from podium.server.jobs.crew import runs_without_sandbox

_PLACES = {
    "competitions": "competitions",
    "submissions": "competitions",
    "": "competitions",
    "my-work": "work",
    "compare": "boards",
    "leaderboard": "boards",
    "model": "boards",
    "submit": "boards",
    "predictions": "boards",
}


def _runs_without_sandbox() -> bool:
    """The same where the database answers; a page that says that it does not has nothing to say of workers."""
    try:
        return runs_without_sandbox()
    except DatabaseError:
        return False


def site(request: HttpRequest) -> dict[str, Any]:
    """The person, what the site offers, and which place of the top bar the page belongs to."""
    chosen = configuration()
    return {
        "person": person_of(getattr(request, "user", None)),
        "sign_up_open": chosen.sign_up == "open",
        "mail_works": bool(chosen.email_host),
        "unsandboxed": _runs_without_sandbox,
        "place": _PLACES.get(request.path.split("/", 2)[1], ""),
    }
