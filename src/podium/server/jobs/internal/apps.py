"""The app of the site's own jobs."""

from django.apps import AppConfig


class InternalJobsConfig(AppConfig):
    """Registers the tables of podium.server.jobs.internal."""

    name = "podium.server.jobs.internal"
    label = "internal_jobs"
