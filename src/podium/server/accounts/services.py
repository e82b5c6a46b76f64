"""Making accounts and API tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from podium.rules.errors import Conflict, NotFound, UserError
from podium.rules.history import EventKind
from podium.server import clock
from podium.server.accounts.models import ApiToken, User
from podium.server.accounts.people import Person, person_of
from podium.server.history.services import ChainName, append

_LABEL_LENGTH = 100
_LAST_USED_GRAIN = timedelta(minutes=10)


def create_user(username: str, email: str, password: str | None, *, is_admin: bool = False) -> Person:
    """Make an account; without a password nobody can sign in to it until one is set.

    Raises:
        UserError: the name, the address or the password does not do.
        Conflict: the name or the address is taken.
    """
    user = User(username=username.lower(), email=email, is_staff=is_admin, is_superuser=is_admin)
    try:
        if password is not None:
            validate_password(password, user)
        user.set_password(password)
        user.clean_fields()
    except ValidationError as error:
        raise UserError("account-invalid", " ".join(error.messages), "Correct it and try again.") from error
    try:
        with transaction.atomic():
            user.save()
            person = person_of(user)
            if person is None:
                message = "a new account can act"
                raise AssertionError(message)
            record_registration(person)
    except IntegrityError as error:
        raise Conflict(
            "account-taken", f"There is an account with the name {username} or the address {email}.", "Choose another."
        ) from error
    return person


def set_password(person: Person, password: str) -> None:
    """Give an account a new password, and let every session of it end: they are bound to the old one.

    Raises:
        UserError: the password does not do.
    """
    with transaction.atomic():
        user = hold_account(person.id)
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise UserError("account-invalid", " ".join(error.messages), "Choose another password.") from error
        user.set_password(password)
        user.save(update_fields=["password"])
        append(
            ChainName.site(), EventKind.USER_CHANGED, actor=None, payload={"user": person.opaque_id, "what": "password"}
        )


@transaction.atomic
def set_banned(by: Person | None, user_id: int, *, banned: bool) -> bool:
    """Keep an account from doing anything here, or let it act again. Returns whether that changed anything. `by` is
    None for whoever keeps the site; the right to do it is the caller's to check.

    Raises:
        Conflict: it is an administrator's.
    """
    user = hold_account(user_id)
    if banned and user.is_superuser:
        raise Conflict("administrator-banned", "An administrator cannot be banned.", "Take the right away first.")
    if user.is_banned == banned:
        return False
    user.is_banned = banned
    user.save(update_fields=["is_banned"])
    kind = EventKind.USER_BANNED if banned else EventKind.USER_UNBANNED
    append(ChainName.site(), kind, actor=by, payload={"user": str(user.opaque_id)})
    return True


def hold_account(user_id: int) -> User:
    """An account's row, held until the transaction ends, so that its owner's deeds come one after the other.

    Only the row, not its key: rows that name the account may still be written meanwhile. A transaction that holds
    what this one waits for, such as a board, must be able to add its owner's entry to it.
    """
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def record_registration(person: Person) -> None:
    """Append the event of a new account to the site's chain."""
    append(ChainName.site(), EventKind.USER_REGISTERED, actor=person, payload={"user": person.opaque_id})


def _token(nonce: str) -> str:
    """40 hexadecimal digits, the form that the contract's clients expect."""
    return hmac.new(settings.SECRET_KEY.encode(), f"api-token:{nonce}".encode(), hashlib.sha256).hexdigest()[:40]


def token_digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_api_token(person: Person, label: str) -> str:
    """The token of that label: made the first time, the same one ever after."""
    label = label.strip()
    if not 0 < len(label) <= _LABEL_LENGTH:
        raise UserError("token-label", "A token needs a label of 1 to 100 characters.", "Say what it is for.")
    with transaction.atomic():
        hold_account(person.id)
        existing = ApiToken.objects.filter(user_id=person.id, label=label).first()
        if existing is not None:
            return _token(existing.nonce)
        nonce = secrets.token_hex(16)
        token = _token(nonce)
        made = ApiToken.objects.create(
            user_id=person.id, label=label, nonce=nonce, digest=token_digest(token), created_at=clock.now()
        )
        append(
            ChainName.site(),
            EventKind.TOKEN_CREATED,
            actor=person,
            payload={"user": person.opaque_id, "token": made.pk},
        )
    return token


def revoke_api_token(person: Person, token_id: int) -> None:
    """Make a person's token worthless at once.

    Raises:
        NotFound: the person has no such token.
    """
    with transaction.atomic():
        deleted, _ = ApiToken.objects.filter(pk=token_id, user_id=person.id).delete()
        if not deleted:
            raise NotFound("no-such-token", "You have no such token.", "It may have been revoked already.")
        append(
            ChainName.site(),
            EventKind.TOKEN_REVOKED,
            actor=person,
            payload={"user": person.opaque_id, "token": token_id},
        )


def user_of_token(token: str) -> User | None:
    """The account that a token speaks for; None where it is unknown or the account may not act."""
    user = account_of_token(token)
    return None if person_of(user) is None else user


def account_of_token(token: str) -> User | None:
    """The account that a token belongs to, whether it may act or not; None where the token is unknown.

    That it was used is noted, to ten minutes: a write for every request would be a high price for a date.
    """
    found = ApiToken.objects.select_related("user").filter(digest=token_digest(token)).first()
    if found is None:
        return None
    now = clock.now()
    if found.last_used_at is None or now - found.last_used_at > _LAST_USED_GRAIN:
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found.user
