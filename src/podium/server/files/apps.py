"""The files app."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Registers the tables of podium.server.files."""

    name = "podium.server.files"
    label = "files"
