"""The jobs app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Registers the tables of podium.server.jobs."""

    name = "podium.server.jobs"
    label = "jobs"
