"""The past app."""

from django.apps import AppConfig


class PastConfig(AppConfig):
    """Registers the tables of podium.server.past."""

    name = "podium.server.past"
    label = "past"
