"""The exports app."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Registers the tables of podium.server.exports."""

    name = "podium.server.exports"
    label = "exports"
