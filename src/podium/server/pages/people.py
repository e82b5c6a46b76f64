"""Who sent a request, where somebody must have."""

from __future__ import annotations

from django.http import HttpRequest

from podium.rules.errors import NotAllowed
from podium.server.accounts.people import Person, person_of


def acting(request: HttpRequest) -> Person | None:
    """The person who sent the request; None for a visitor."""
    return person_of(request.user)


def signed_in(request: HttpRequest) -> Person:
    """The person who sent the request.

    Raises:
        NotAllowed: it was a visitor, whom the error page sends to sign in.
    """
    person = acting(request)
    if person is None:
        raise NotAllowed("sign-in-required", "Only people who are signed in can do this.", "Sign in.", sign_in=True)
    return person
