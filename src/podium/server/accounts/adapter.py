"""How allauth signs people up here."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from podium.server.configuration import configuration


class AccountAdapter(DefaultAccountAdapter):
    """Closes the door where the administrator said so."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return configuration().sign_up == "open"
