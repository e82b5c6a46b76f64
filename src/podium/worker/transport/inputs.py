"""Fetching what a run reads, once for each content."""

from __future__ import annotations

import logging
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from zipfile import is_zipfile

from podium.blobs.archives import BUNDLE_LIMITS, PREDICTION_LIMITS, SUBMISSION_LIMITS, ArchiveLimits
from podium.worker.execute.unpacked import UnpackedCache, sha256_of
from podium.worker.transport.client import ServerClient, ServerUnreachable
from podium.worker.transport.orders import RunOrder, content_key, file_name

_log = logging.getLogger(__name__)

_CONTENT = re.compile(r"/blobs/([0-9a-f]{64})/")
_LARGEST_DOWNLOAD_BYTES = 20 << 30
_PATIENCE_S = 60.0
_PAUSE_S = 1.0


@contextmanager
def fetched_inputs(
    client: ServerClient,
    order: RunOrder,
    cache: UnpackedCache,
    work: Path,
    cancel: Event,
    downloaded: Callable[[str, Path], None],
) -> Iterator[dict[str, Path]]:
    """The folders that a run reads, by the contract's names; for reading only, while the context is open. A server that
    is away for a while is waited for, until `cancel` is set. `downloaded` is shown each file that was not here yet.

    Raises:
        InternalError: something cannot be fetched.
        ArchiveError: something cannot be unpacked safely.
        OutOfSpace: the disk is full.
    """
    with ExitStack() as held:
        yield {
            name: held.enter_context(
                _fetched(
                    client,
                    link,
                    cache,
                    work / name,
                    _limits(order, name),
                    cancel,
                    partial(downloaded, name),
                )
            )
            for name, link in order.inputs.items()
        }


def _limits(order: RunOrder, name: str) -> ArchiveLimits:
    if name == "prediction_result":
        return PREDICTION_LIMITS
    return SUBMISSION_LIMITS if order.step == "prediction" and name == "program_data" else BUNDLE_LIMITS


@contextmanager
def _fetched(
    client: ServerClient,
    link: str,
    cache: UnpackedCache,
    place: Path,
    limits: ArchiveLimits,
    cancel: Event,
    downloaded: Callable[[Path], None],
) -> Iterator[Path]:
    named = _CONTENT.search(content_key(link))
    sha256 = named.group(1) if named else None
    archive = place.with_suffix(".download")
    if sha256 is None or not cache.holds(sha256):
        _download(client, link, archive, cancel)
        downloaded(archive)
        sha256 = sha256 or sha256_of(archive)
        if not is_zipfile(archive):
            yield _single_file(archive, place, file_name(link))
            return
    with cache.use(archive, sha256=sha256, limits=limits) as folder:
        archive.unlink(missing_ok=True)
        yield folder


def _download(client: ServerClient, link: str, archive: Path, cancel: Event) -> None:
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            client.download(link, archive, _LARGEST_DOWNLOAD_BYTES)
        except ServerUnreachable as error:
            if time.monotonic() > end or cancel.wait(_PAUSE_S):
                raise
            _log.warning("%s It will be tried again.", error)
        else:
            return


def _single_file(content: Path, folder: Path, name: str) -> Path:
    """A data set that is one plain file is seen as a folder that holds it."""
    folder.mkdir(mode=0o755)
    shutil.move(content, folder / name)
    (folder / name).chmod(0o644)
    return folder
