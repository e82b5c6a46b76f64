"""The charts app."""

from django.apps import AppConfig


class ChartsConfig(AppConfig):
    """Registers the tables of podium.server.charts."""

    name = "podium.server.charts"
    label = "charts"
