"""Writing a zip member by member: the same members in the same order always give the same bytes."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from podium.blobs.archives.packing import CHUNK_BYTES, LARGE_BYTES, ByteSink, Forward, set_file_mode


class ZipWriter:
    """Takes the members of one zip; to be had from `writing_zip`."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def add(self, name: str, content: BinaryIO, size_bytes: int, *, packed: bool) -> None:
        """Copy a file of that size into the zip, in constant memory; `packed` for what does not shrink any more."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        with self._archive.open(info, "w", force_zip64=size_bytes > LARGE_BYTES) as target:
            shutil.copyfileobj(content, target, CHUNK_BYTES)
        set_file_mode(info)

    def add_bytes(self, name: str, content: bytes) -> None:
        """Put a small file into the zip."""
        self.add(name, io.BytesIO(content), len(content), packed=False)

    def comment(self, text: str) -> None:
        """Say something about the zip itself, beside its members: at most 65,535 bytes."""
        self._archive.comment = text.encode()


@contextmanager
def writing_zip(sink: ByteSink) -> Iterator[ZipWriter]:
    """A zip that is complete when the block ends."""
    stream = cast("IO[bytes]", Forward(sink))
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        yield ZipWriter(archive)
