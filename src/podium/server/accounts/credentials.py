"""Who is behind a connection that stays open, asked again and again: the session or token may have ended meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from podium.server import clock
from podium.server.accounts.models import ApiToken, User
from podium.server.accounts.people import Person, person_of
from podium.server.accounts.services import token_digest

_SCHEMES = frozenset({"token", "bearer"})


@dataclass(frozen=True)
class Credential:
    """What a request proved itself with: the key of a session, or the digest of a token; nothing, for a visitor."""

    session_key: str = ""
    digest: str = ""

    def __repr__(self) -> str:
        return "Credential()"


def credential_of(cookie: str, authorization: str = "") -> Credential:
    """The credential in these two fields of a request; a token counts before a session."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() in _SCHEMES and token.strip():
        return Credential(digest=token_digest(token.strip()))
    try:
        session = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return Credential()
    return Credential(session_key=session.value[:100]) if session is not None else Credential()


def people_behind(credentials: Iterable[Credential]) -> Mapping[Credential, Person | None]:
    """The person behind each credential now; None for visitors, and for whoever is signed in no more.

    Three queries, however many they are.
    """
    asked = set(credentials)
    users = _users_of_tokens(asked) | _users_of_sessions(asked)
    return {each: person_of(users.get(each)) for each in asked}


def _users_of_tokens(asked: Iterable[Credential]) -> dict[Credential, User]:
    digests = [each.digest for each in asked if each.digest]
    if not digests:
        return {}
    found = ApiToken.objects.filter(digest__in=digests).select_related("user")
    return {Credential(digest=token.digest): token.user for token in found}


def _users_of_sessions(asked: Iterable[Credential]) -> dict[Credential, User]:
    keys = [each.session_key for each in asked if each.session_key]
    if not keys:
        return {}
    told = {
        session.session_key: session.get_decoded()
        for session in Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now())
    }
    ids = {int(content[SESSION_KEY]) for content in told.values() if SESSION_KEY in content}
    users = User.objects.in_bulk(ids)
    found = {}
    for key, content in told.items():
        user = users.get(int(content.get(SESSION_KEY, 0)))
        # A session is bound to the password that it was begun with.
        if user is not None and constant_time_compare(content.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
            found[Credential(session_key=key)] = user
    return found
