"""The certainty app."""

from django.apps import AppConfig


class CertaintyConfig(AppConfig):
    """Registers the tables of podium.server.certainty."""

    name = "podium.server.certainty"
    label = "certainty"
