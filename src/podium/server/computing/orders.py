"""Orders to the process that computes, made of stored files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from podium.server.computing.process import Limits, computed
from podium.server.configuration import configuration
from podium.server.files.services import store
from podium.server.jobs.internal.problems import storable_text
from podium.server.jobs.internal.work import Work


@contextmanager
def done_by(room: str, work: Work, order: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Path]]:
    """What the process of a room makes of an order, as `computed` gives it, with the site's limits."""
    chosen = configuration()
    limits = Limits(memory_bytes=chosen.scoring_memory_bytes, seconds=chosen.scoring_time_s)
    with computed(room, order, limits, chosen.data_folder / "spool", work.check) as (found, place):
        yield _storable(found), place


def file_of(sha256: str, name: str) -> dict[str, str]:
    """A stored file, as orders name it."""
    return {"path": str(store().path(sha256)), "name": name}


def _storable(value: Any) -> Any:
    """The same without what not every database stores: labels are strangers' texts."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {storable_text(key): _storable(each) for key, each in value.items()}
    return value
