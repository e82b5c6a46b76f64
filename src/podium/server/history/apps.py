"""The history app."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """Registers the tables of podium.server.history."""

    name = "podium.server.history"
    label = "history"
