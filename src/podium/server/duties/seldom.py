"""What has time: done once an hour, in a thread of its own, so that it holds up nothing else however long it takes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import structlog
from django.db import connections

from podium.rules.errors import InternalError
from podium.server.certainty.services import forget_items_of_deleted
from podium.server.files.garbage import remove_unused_blobs
from podium.server.past.services import keep_snapshots
from podium.server.removal.files import remove_ended_jobs, remove_expired_files

_log = structlog.get_logger(__name__)

SELDOM: Sequence[Callable[[], object]] = (
    remove_expired_files,
    remove_ended_jobs,
    forget_items_of_deleted,
    remove_unused_blobs,
    keep_snapshots,
)
# Soon after the start, so that a site which is restarted every day is swept too; but not during it.
_FIRST_S = 60.0
_EVERY_S = 3600.0


def make_seldom_rounds(stopping: threading.Event) -> None:
    """Do what has time until `stopping` is set. What fails is logged and tried again an hour later."""
    wait_s = _FIRST_S
    while not stopping.wait(wait_s):
        wait_s = _EVERY_S
        for duty in SELDOM:
            try:
                duty()
            except Exception as error:  # noqa: BLE001 - the edge of the thread: a database that is away comes back
                reference = InternalError(str(error)).reference
                _log.error("duty_failed", duty=duty.__name__, reference=reference, exc_info=error)
        # Not kept for an hour of doing nothing.
        connections.close_all()
