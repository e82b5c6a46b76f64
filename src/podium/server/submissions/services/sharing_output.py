"""Setting apart what of the output of scoring participants may have."""

from __future__ import annotations

import structlog

from podium.blobs.archives import PREDICTION_LIMITS, MemberSource, ZipSource
from podium.blobs.archives.writing import writing_zip
from podium.rules.errors import ArchiveError, NotFound, OutOfSpace, TooLarge
from podium.rules.per_item import file_among
from podium.rules.private_output import is_private
from podium.server.files.models import Blob
from podium.server.files.services import keep_blob, store
from podium.server.submissions.models import RunFile

_log = structlog.get_logger(__name__)
_LARGEST_BYTES = 16 << 30


def keep_shared(file: RunFile) -> None:
    """Keep the output of a scoring step, which has arrived, without what is for the organizers only. Where it cannot be
    read, or not be kept, participants have nothing of it."""
    if file.ticket.blob is None:
        return
    try:
        with ZipSource(store().path(file.ticket.blob.sha256), PREDICTION_LIMITS) as source:
            file.has_items = file_among(source.names()) is not None
            private = any(is_private(name) for name in (*source.names(), *source.folders()))
            file.shared = _without_private(source) if private else file.ticket.blob
    except (ArchiveError, NotFound, OutOfSpace, TooLarge, OSError) as error:
        _log.warning("output_not_shared", attempt=file.attempt_id, reason=str(error))
        return
    file.save(update_fields=["shared", "has_items"])


def _without_private(source: MemberSource) -> Blob:
    with store().writer(_LARGEST_BYTES) as writer:
        with writing_zip(writer) as archive:
            for name in sorted(source.names()):
                if not is_private(name):
                    with source.open(name) as content:
                        archive.add(name, content, source.size(name), packed=False)
        return keep_blob(writer.commit())
