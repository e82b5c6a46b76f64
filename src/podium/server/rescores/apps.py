"""The rescores app."""

from django.apps import AppConfig


class RescoresConfig(AppConfig):
    """Registers the tables of podium.server.rescores."""

    name = "podium.server.rescores"
    label = "rescores"
