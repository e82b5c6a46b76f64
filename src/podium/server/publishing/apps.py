"""The publishing app."""

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    """Registers the tables of podium.server.publishing."""

    name = "podium.server.publishing"
    label = "publishing"
