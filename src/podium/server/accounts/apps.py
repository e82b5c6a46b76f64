"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the tables of podium.server.accounts."""

    name = "podium.server.accounts"
    label = "accounts"
