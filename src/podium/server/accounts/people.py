"""Who acts: what services and queries know of a person."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from podium.server.accounts.models import User


@dataclass(frozen=True)
class Person:
    """A signed-in person. Where a Person or None is asked for, None is a visitor."""

    id: int
    opaque_id: str
    name: str
    is_admin: bool = False


def person_of(user: User | AnonymousUser | None) -> Person | None:
    """The person behind a request's user; None for a visitor and for an account that may not act any more."""
    if not isinstance(user, User) or not user.is_active or user.is_banned:
        return None
    return Person(id=user.pk, opaque_id=str(user.opaque_id), name=user.shown_name, is_admin=user.is_superuser)
