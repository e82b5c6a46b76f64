"""The model boards app."""

from django.apps import AppConfig


class ModelBoardsConfig(AppConfig):
    """Registers the tables of podium.server.modelboards."""

    name = "podium.server.modelboards"
    label = "modelboards"
