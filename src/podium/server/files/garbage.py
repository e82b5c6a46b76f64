"""Taking away what nothing needs any more: blobs that no row names, and files of uploads whose process was killed.

Bytes arrive before the row that names them, and what a transaction leaves behind is not known to be useless at once.
So nothing is taken away that was stored, or stored again, within a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.fields.reverse_related import ForeignObjectRel

from podium.server import clock
from podium.server.files.models import Blob
from podium.server.files.services import store

GRACE = timedelta(hours=24)
_PORTION = 200
_log = structlog.get_logger(__name__)


def remove_unused_blobs() -> int:
    """Take away blobs that nothing has named for a day, first their rows and then their bytes. Returns how many it
    were.

    It may be killed at any moment, and run beside itself: what has no row any more is found by its file.
    """
    limit = clock.now() - GRACE
    rows = sum(_forget(portion, limit) for portion in _unused_portions(limit))
    removed = sum(_remove(portion, limit) for portion in _portions(store().old_blobs(limit.timestamp())))
    if rows or removed:
        _log.info("unused_files_removed", rows=rows, blobs=removed)
    return removed


def remove_abandoned_uploads() -> int:
    """Take away what uploads whose process was killed left half written. Returns how many files it were."""
    removed = store().remove_abandoned()
    if removed:
        _log.info("abandoned_uploads_removed", files=removed)
    return removed


def _unused(limit: datetime) -> QuerySet[Blob]:
    """Rows of blobs that no other row names, whichever table it is in, and that were last stored before `limit`."""
    found = Blob.objects.filter(touched_at__lt=limit)
    for field in Blob._meta.get_fields(include_hidden=True):  # noqa: SLF001 - the documented way to a model's relations
        if isinstance(field, ForeignObjectRel):
            naming = field.related_model._base_manager.filter(**{field.field.name: OuterRef("pk")})  # noqa: SLF001
            found = found.filter(~Exists(naming))
    return found


def _unused_portions(limit: datetime) -> Iterator[list[str]]:
    """Their hashes. No query stays open between two portions: on SQLite it would hold a view of the past."""
    last = ""
    while portion := list(_unused(limit).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_PORTION]):
        yield portion
        last = portion[-1]


def _forget(portion: list[str], limit: datetime) -> int:
    with transaction.atomic():
        # Held, so that whoever stores the same at this moment waits, and then writes the row anew.
        held = list(Blob.objects.select_for_update().filter(pk__in=portion).order_by("pk").values_list("pk", flat=True))
        deleted, _ = _unused(limit).filter(pk__in=held).delete()
    return deleted


def _remove(portion: list[str], limit: datetime) -> int:
    named = set(Blob.objects.filter(pk__in=portion).values_list("pk", flat=True))
    return sum(store().delete_old(sha256, limit.timestamp()) for sha256 in portion if sha256 not in named)


def _portions(hashes: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(hashes)
    while portion := list(islice(rest, _PORTION)):
        yield portion
