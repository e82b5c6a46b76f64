"""Tokens and the account of whoever asks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja.throttling import SimpleRateThrottle
from pydantic import Field

from podium.rules.errors import UserError
from podium.server.accounts.people import person_of
from podium.server.accounts.queries import profile, user_of_password
from podium.server.accounts.services import create_api_token
from podium.server.api.answers import answer
from podium.server.api.asking import person_asking
from podium.server.api.bodies import Body, read

_LABEL = "name and password"


class Credentials(Body):
    """`username` is a name or an e-mail address."""

    username: str = Field(max_length=254)
    password: str = Field(max_length=4096)


class PasswordThrottle(SimpleRateThrottle):
    """Makes guessing a password slow: per name, wherever the guesses come from."""

    scope = "password"

    def __init__(self) -> None:
        super().__init__("20/m")

    def get_cache_key(self, request: HttpRequest) -> str | None:
        """The key to count attempts under; None for a body that the view refuses anyway."""
        try:
            name = read(request, Credentials).username
        except UserError:
            return None
        return f"password:{name.strip().lower().encode().hex()[:200]}"


def token(request: HttpRequest) -> HttpResponse:
    """The token of whoever knows the password; always the same one."""
    given = read(request, Credentials)
    user = user_of_password(given.username.strip(), given.password)
    person = person_of(user)
    if person is None:
        raise UserError(
            "credentials-wrong", "Unable to log in with provided credentials.", "Check the name and the password."
        )
    return answer({"token": create_api_token(person, _LABEL)})


def my_profile(request: HttpRequest) -> HttpResponse:
    """Who asks."""
    mine = profile(person_asking(request))
    return answer({"username": mine.username, "name": mine.name, "email": mine.email, "github_info": None})
