"""The submissions app."""

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """Registers the tables of podium.server.submissions."""

    name = "podium.server.submissions"
    label = "submissions"
