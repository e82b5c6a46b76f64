"""How allauth signs people up here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from podium.rules.errors import Conflict
from podium.server.accounts.models import User
from podium.server.accounts.people import person_of
from podium.server.accounts.services import record_registration
from podium.server.configuration import configuration


class AccountAdapter(DefaultAccountAdapter):
    """Closes the door where the administrator said so, and records who came in."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return configuration().sign_up == "open"

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Write the new account and its event.

        Raises:
            Conflict: somebody took the name or the address since the form was checked.
        """
        try:
            with transaction.atomic():
                saved: User = super().save_user(request, user, form, commit=commit)
                person = person_of(saved) if commit else None
                if person is not None:
                    record_registration(person)
        except IntegrityError as error:
            raise Conflict(
                "account-taken", "There is an account with this name or address by now.", "Sign in, or choose another."
            ) from error
        return saved
