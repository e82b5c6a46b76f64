"""The leaderboards app."""

from django.apps import AppConfig


class LeaderboardsConfig(AppConfig):
    """Registers the tables of podium.server.leaderboards."""

    name = "podium.server.leaderboards"
    label = "leaderboards"
