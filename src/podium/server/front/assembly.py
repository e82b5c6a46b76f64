"""Podium's own front: Django's application, the asynchronous routes of `live`, and the configuration's limits."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import django
from django.db import close_old_connections
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.types import Scope

from podium.server.configuration import Configuration, configuration, make_data_folder
from podium.server.front.application import FrontSettings, create_application
from podium.server.front.limits import MEBIBYTE, BridgeLimits
from podium.server.front.pool import ServicePool

_IMPORT_PATHS = re.compile(r"/competitions/import/?\Z")
_PLAIN_BODY_BYTES = 64 * MEBIBYTE
_FORM_BYTES = MEBIBYTE


def assemble() -> Starlette:
    """The application of one web process, by the configuration of this process."""
    chosen = configuration()
    make_data_folder(chosen)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "podium.server.settings")
    django.setup()
    # These import models, which exist only after Django's set-up.
    from podium.server.front.admission import admission
    from podium.server.live.background import lease_watch, wakeups
    from podium.server.live.hub import open_hub
    from podium.server.live.job_ends import until_job_ended
    from podium.server.live.log_writer import open_log_writer
    from podium.server.live.routes import routes
    from podium.server.wsgi import application

    services = ServicePool(after_each=close_old_connections)
    return create_application(
        wsgi=application,
        async_routes=routes,
        settings=FrontSettings(
            spool_folder=chosen.data_folder / "spool",
            limits=BridgeLimits(max_body_bytes=body_limits(chosen), disk_floor_bytes=chosen.disk_floor_bytes),
        ),
        services=services,
        admit=admission(services),
        background=[wakeups, lease_watch, open_hub, open_log_writer],
        wait=until_job_ended,
    )


def body_limits(chosen: Configuration) -> Callable[[Scope], int]:
    """How long a request's body may be: a bundle where competitions are imported, references and inputs of a model
    board, a submission in any other form with files, else what one part of an upload may be."""

    def limit(scope: Scope) -> int:
        if _IMPORT_PATHS.match(scope["path"]):
            return chosen.max_upload_bytes
        if Headers(scope=scope).get("content-type", "").startswith("multipart/form-data"):
            if scope["path"].startswith("/api/leaderboard/"):
                return 2 * chosen.modelboard_file_bytes + _FORM_BYTES
            return chosen.max_submission_bytes
        return _PLAIN_BODY_BYTES

    return limit
