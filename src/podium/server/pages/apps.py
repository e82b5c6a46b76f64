"""The pages app."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Registers the tables of podium.server.pages."""

    name = "podium.server.pages"
    label = "pages"
