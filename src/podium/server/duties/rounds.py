"""Every duty in its turn."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import structlog
from django.db import close_old_connections

from podium.rules.errors import InternalError
from podium.server.certainty.services import refresh_certainty
from podium.server.files.garbage import remove_abandoned_uploads
from podium.server.leaderboards.services import rebuild_stale_boards
from podium.server.publishing.services import refresh_publications
from podium.server.submissions.services.migration import migrate_due
from podium.server.submissions.services.sweep import end_forgotten, end_unattended, sweep
from podium.server.submissions.services.worker_checks import check_workers

_log = structlog.get_logger(__name__)

URGENT: Sequence[Callable[[], object]] = (sweep,)
"""What is done beside the others, which may take as long as a large board does."""
DUTIES: Sequence[Callable[[], object]] = (
    end_unattended,
    end_forgotten,
    migrate_due,
    rebuild_stale_boards,
    refresh_publications,
    refresh_certainty,
    remove_abandoned_uploads,
    check_workers,
)
# Boards that are computed from ranks are to be at most a second behind.
_EVERY_S = 0.5
_END_WITHIN_S = 5.0


def make_rounds(stopping: threading.Event) -> None:
    """Do all duties twice a second until `stopping` is set. One that fails is logged and tried again next time."""
    beside = threading.Thread(target=_go_round, args=(stopping, URGENT), name="urgent-duties", daemon=True)
    beside.start()
    _go_round(stopping, DUTIES)
    beside.join(_END_WITHIN_S)


def _go_round(stopping: threading.Event, duties: Sequence[Callable[[], object]]) -> None:
    while not stopping.wait(_EVERY_S):
        for duty in duties:
            try:
                duty()
            except Exception as error:  # noqa: BLE001 - the edge of the process: a database that is away comes back
                reference = InternalError(str(error)).reference
                _log.error("duty_failed", duty=duty.__name__, reference=reference, exc_info=error)
            finally:
                close_old_connections()
