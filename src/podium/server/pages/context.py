"""What every template may ask for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from podium.server.accounts.people import person_of
from podium.server.configuration import configuration

_PLACES = {"competitions": "competitions", "submissions": "competitions", "": "competitions", "my-work": "work"}


def site(request: HttpRequest) -> dict[str, Any]:
    """The person, what the site offers, and which place of the top bar the page belongs to."""
    chosen = configuration()
    return {
        "person": person_of(getattr(request, "user", None)),
        "sign_up_open": chosen.sign_up == "open",
        "mail_works": bool(chosen.email_host),
        "place": _PLACES.get(request.path.split("/", 2)[1], ""),
    }
