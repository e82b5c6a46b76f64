"""Who asks: by an API token, or by the session of a browser, which must then prove that its own page asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest
from ninja.utils import check_csrf

from podium.rules.errors import NotAllowed
from podium.server.accounts.models import User
from podium.server.accounts.people import Person, person_of
from podium.server.accounts.services import account_of_token

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SCHEMES = frozenset({"token", "bearer"})


@dataclass(frozen=True)
class Caller:
    """Who sent a request. `person` is None for a visitor."""

    person: Person | None
    by_token: bool = False


def anybody(request: HttpRequest) -> Caller:
    """Lets everybody in. Credentials that are sent must be right all the same.

    Raises:
        NotAllowed: they are not, the account is banned, or a session's unsafe request comes from elsewhere.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        return caller_of_token(token.strip() if scheme.lower() in _SCHEMES else "")
    user = request.user
    if not isinstance(user, User):
        return Caller(None)
    if request.method not in _SAFE and check_csrf(request) is not None:
        raise NotAllowed(
            "csrf-failed",
            "This request does not prove that it comes from a page of this site.",
            "Send the header X-CSRFToken with the value of the cookie csrftoken, or use an API token.",
        )
    return Caller(_may_act(user))


def signed_in(request: HttpRequest) -> Caller:
    """Lets in whoever is signed in; raises NotAllowed for everybody else."""
    caller = anybody(request)
    if caller.person is None:
        raise NotAllowed(
            "sign-in-required",
            "Authentication credentials were not provided.",
            "Send the header `Authorization: Token ...` with a token of yours.",
            sign_in=True,
        )
    return caller


def caller_of(request: HttpRequest) -> Caller:
    """Who was let in."""
    return cast("Caller", request.auth)  # type: ignore[attr-defined]


def visitor_or_person(request: HttpRequest) -> Person | None:
    """The person who asks, where a visitor may too."""
    return caller_of(request).person


def person_asking(request: HttpRequest) -> Person:
    """The person who asks, behind `signed_in`."""
    person = caller_of(request).person
    if person is None:
        message = "this route lets in only people who are signed in"
        raise AssertionError(message)
    return person


@contextmanager
def refused_to_visitors_too() -> Iterator[None]:
    """Let visitors be refused like everybody else, with 403, where the contract wants that: else they are asked to sign
    in."""
    try:
        yield
    except NotAllowed as refused:
        raise NotAllowed(refused.code, refused.message, refused.hint) from refused


def caller_of_token(token: str) -> Caller:
    """Who sent a token.

    Raises:
        NotAllowed: nobody has it, or the account is banned.
    """
    user = account_of_token(token) if token else None
    if user is None:
        raise invalid_token(sign_in=True)
    return Caller(_may_act(user), by_token=True)


def invalid_token(*, sign_in: bool) -> NotAllowed:
    """The refusal of a token that nobody has, in the contract's words; `sign_in` as in `NotAllowed`."""
    return NotAllowed(
        "token-invalid",
        "Invalid token.",
        "Send `Authorization: Token` and 40 hexadecimal digits, as POST /api/api-token-auth/ gives them, "
        "or make a new one on the page My work.",
        sign_in=sign_in,
    )


def _may_act(user: User) -> Person:
    person = person_of(user)
    if person is None:
        raise NotAllowed("account-closed", "This account is closed.", "Ask the administrator of the site.")
    return person
