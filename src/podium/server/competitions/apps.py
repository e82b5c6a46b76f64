"""The competitions app."""

from django.apps import AppConfig


class CompetitionsConfig(AppConfig):
    """Registers the tables of podium.server.competitions."""

    name = "podium.server.competitions"
    label = "competitions"
