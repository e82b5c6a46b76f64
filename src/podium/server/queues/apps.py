"""The queues app."""

from django.apps import AppConfig


class QueuesConfig(AppConfig):
    """Registers the tables of podium.server.queues."""

    name = "podium.server.queues"
    label = "queues"
