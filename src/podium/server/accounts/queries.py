"""Finding people, by name or by token."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import authenticate
from django.db.models import Q
from django.db.models.functions import Lower

from podium.rules.errors import NotFound
from podium.server.accounts.models import ApiToken, User
from podium.server.accounts.people import Person, person_of


@dataclass(frozen=True)
class TokenRow:
    """An API token as its owner sees it in a list: never the token itself."""

    id: int
    label: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class Profile:
    """What a person is told of their own account."""

    username: str
    name: str
    email: str


def profile(person: Person) -> Profile:
    """A person's own profile.

    Raises:
        NotFound: the account is gone.
    """
    found = User.objects.filter(pk=person.id).first()
    if found is None:
        raise NotFound("no-such-person", "This account is gone.", "Sign in again.")
    return Profile(username=found.username, name=found.shown_name, email=found.email)


def user_of_password(name_or_email: str, password: str) -> User | None:
    """The account with that name or e-mail address and password."""
    found = User.objects.filter(Q(username__iexact=name_or_email) | Q(email__iexact=name_or_email)).first()
    signed_in = authenticate(username=found.username if found else name_or_email, password=password)
    return signed_in if isinstance(signed_in, User) and person_of(signed_in) is not None else None


def person_named(name_or_email: str) -> Person:
    """The person with that name or e-mail address.

    Raises:
        NotFound: there is none.
    """
    found = User.objects.filter(Q(username__iexact=name_or_email) | Q(email__iexact=name_or_email)).first()
    person = person_of(found)
    if person is None:
        raise NotFound("no-such-person", f"There is no account {name_or_email}.", "Check the name or the address.")
    return person


def account_named(name_or_email: str) -> int:
    """The id of the account with that name or e-mail address, whether it may act or not.

    Raises:
        NotFound: there is none.
    """
    found = User.objects.filter(Q(username__iexact=name_or_email) | Q(email__iexact=name_or_email)).first()
    if found is None:
        raise NotFound("no-such-person", f"There is no account {name_or_email}.", "Check the name or the address.")
    return found.pk


def people_named(names: Collection[str]) -> dict[str, Person]:
    """The people behind names that a bundle gives, by the name as given; who has no account here is left out.

    A name with an @ is an address, and counts only where its owner has confirmed it: anybody may sign up with the
    address of somebody else. Other names are user names. Neither depends on letter case.
    """
    wanted = {name: name.lower() for name in names}
    addresses = {name for name in wanted.values() if "@" in name}
    confirmed = EmailAddress.objects.annotate(lower=Lower("email")).filter(lower__in=addresses, verified=True)
    accounts = {row.lower: row.user for row in confirmed.select_related("user")}
    users = User.objects.annotate(lower=Lower("username")).filter(lower__in=set(wanted.values()) - addresses)
    accounts |= {user.lower: user for user in users}
    people = {name: person_of(accounts.get(lower)) for name, lower in wanted.items()}
    return {name: person for name, person in people.items() if person is not None}


def address_of(user_id: int) -> str | None:
    """An account's e-mail address in lower case; None where this site asks people to confirm it and nobody did."""
    address = User.objects.values_list("email", flat=True).get(pk=user_id).lower()
    if settings.ACCOUNT_EMAIL_VERIFICATION == "none":
        return address
    confirmed = EmailAddress.objects.filter(user_id=user_id, email__iexact=address, verified=True)
    return address if confirmed.exists() else None


def is_bot(user_id: int) -> bool:
    """Whether the account is that of a program."""
    return User.objects.filter(pk=user_id, is_bot=True).exists()


def api_tokens(person: Person) -> list[TokenRow]:
    """A person's tokens, newest first."""
    rows = ApiToken.objects.filter(user_id=person.id).order_by("-created_at", "-id")
    return [TokenRow(row.pk, row.label, row.created_at, row.last_used_at) for row in rows]
