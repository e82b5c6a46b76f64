"""Blobs as files of a local folder.

    <folder>/ab/cd/abcd...   the blobs, by the first bytes of their SHA-256
    <folder>/incoming/       files still being written

Files are written to `incoming`, flushed to the disk, and moved to their name in one step: a blob is there whole or
not at all, whenever the power fails. Whoever gives a blob its place holds a shared lock on the folder, and whoever
takes old ones away holds it alone.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from podium.blobs.store import Blob, require_sha256
from podium.rules.errors import NotFound, OutOfSpace, TooLarge, UserError

MIN_FREE_BYTES = 256 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024

_INCOMING = "incoming"
_ALL = "[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"
_LOOK_AT_DISK_EVERY_BYTES = 16 * 1024 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT)


class LocalBlobStore:
    """A BlobStore in `folder`, which is made where it does not exist. Several processes may share it.

    Writing stops where less than `min_free_bytes` of the disk would be left, so that the database beside the blobs
    can still work.
    """

    def __init__(self, folder: Path, *, min_free_bytes: int = MIN_FREE_BYTES) -> None:
        self.folder = folder
        self.min_free_bytes = min_free_bytes
        self._incoming = folder / _INCOMING
        _make_folder(folder)
        _make_folder(self._incoming)

    def writer(self, max_bytes: int) -> LocalBlobWriter:
        """A new writer that takes at most `max_bytes`. Raises OutOfSpace where the disk is nearly full."""
        self.check_free_space(0)
        return LocalBlobWriter(self, max_bytes)

    def put_stream(self, chunks: Iterable[bytes], *, max_bytes: int) -> Blob:
        """Store what the chunks contain. Raises TooLarge or OutOfSpace; nothing is stored then."""
        with self.writer(max_bytes) as writer:
            for chunk in chunks:
                writer.write(chunk)
            return writer.commit()

    def put_file(self, path: Path) -> Blob:
        """Store a copy of a file. Raises OutOfSpace before anything is copied where it does not fit."""
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            self.check_free_space(size)
            return self.put_stream(iter(lambda: file.read(CHUNK_BYTES), b""), max_bytes=size)

    def path(self, sha256: str) -> Path:
        """The file of an existing blob; to be read only. Raises NotFound."""
        path = self._place_of(sha256)
        if not path.is_file():
            raise _missing(sha256)
        return path

    def open(self, sha256: str) -> BinaryIO:
        """The content, for reading. Raises NotFound."""
        try:
            return self._place_of(sha256).open("rb")
        except FileNotFoundError as failure:
            raise _missing(sha256) from failure

    def size(self, sha256: str) -> int:
        """The size in bytes. Raises NotFound."""
        try:
            return self._place_of(sha256).stat().st_size
        except FileNotFoundError as failure:
            raise _missing(sha256) from failure

    def exists(self, sha256: str) -> bool:
        """Whether the blob is stored; False for what is no SHA-256."""
        try:
            return self._place_of(sha256).is_file()
        except NotFound:
            return False

    def delete_old(self, sha256: str, older_than: float) -> bool:
        """Remove the blob unless it was stored, or stored again, since `older_than` (seconds since 1970). Returns
        whether it was removed. Readers that have it open keep their content, and whoever stores the same at this moment
        finds it afterwards.
        """
        place = self._place_of(sha256)
        with self._changing(fcntl.LOCK_EX):
            try:
                if place.stat().st_mtime >= older_than:
                    return False
                place.unlink()
            except FileNotFoundError:
                return False
        return True

    def old_blobs(self, older_than: float) -> Iterator[str]:
        """The hashes of all blobs that were last stored before `older_than` (seconds since 1970), in no order."""
        for path in self.folder.glob(_ALL):
            try:
                if path.stat().st_mtime < older_than:
                    yield path.name
            except FileNotFoundError:
                continue

    def __iter__(self) -> Iterator[Blob]:
        """All blobs, in no particular order; what comes and goes meanwhile may or may not be among them."""
        for path in self.folder.glob(_ALL):
            try:
                yield Blob(path.name, path.stat().st_size)
            except FileNotFoundError:
                continue

    def remove_abandoned(self) -> int:
        """Remove what processes that died left half written: files that nobody holds a lock of. Returns how many."""
        removed = 0
        for path in self._incoming.iterdir():
            with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
                removed += 1
        return removed

    def check_free_space(self, size_bytes: int) -> None:
        """Raises OutOfSpace where `size_bytes` more would leave too little of the disk."""
        if shutil.disk_usage(self.folder).free - size_bytes < self.min_free_bytes:
            raise _out_of_space()

    def new_incoming(self) -> tuple[int, Path]:
        """A new file to write to, only for this process's user: its descriptor, which holds a lock of it, and its
        path."""
        while True:
            with disk_errors():
                descriptor, name = tempfile.mkstemp(dir=self._incoming)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Before it was locked, it may have looked like one that was abandoned.
            if Path(name).exists():
                return descriptor, Path(name)
            os.close(descriptor)

    def adopt(self, incoming: Path, blob: Blob) -> None:
        """Give a file that was written and flushed its place; where the blob exists already, renew only its age."""
        place = self._place_of(blob.sha256)
        with disk_errors(), self._changing(fcntl.LOCK_SH):
            if self._renew(place, blob.size_bytes):
                incoming.unlink()
                return
            for folder in (place.parent.parent, place.parent):
                if not folder.is_dir():
                    _make_folder(folder)
                    _flush_folder(folder.parent)
            incoming.replace(place)
            _flush_folder(place.parent)

    @contextmanager
    def _changing(self, how: int) -> Iterator[None]:
        """Between seeing that a blob is there and renewing its age nobody may take it away: a shared lock for that, and
        one that excludes all others for taking away."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)

    def _renew(self, place: Path, size_bytes: int) -> bool:
        try:
            if place.stat().st_size == size_bytes:
                os.utime(place)
                return True
        except FileNotFoundError:
            pass
        return False

    def _place_of(self, sha256: str) -> Path:
        name = require_sha256(sha256)
        return self.folder / name[:2] / name[2:4] / name


class LocalBlobWriter:
    """Receives the bytes of one new blob; see BlobWriter."""

    def __init__(self, store: LocalBlobStore, max_bytes: int) -> None:
        self.size_bytes = 0
        self._store = store
        self._max_bytes = max_bytes
        self._hash = hashlib.sha256()
        self._looked_at = 0
        self._descriptor, self._path = store.new_incoming()
        self._open = True

    def write(self, data: bytes, /) -> int:
        """Append. Raises TooLarge beyond the limit and OutOfSpace where the disk is full; both end the writer."""
        self._require_open()
        try:
            self._check(len(data))
            with disk_errors():
                view = memoryview(data)
                while view:
                    view = view[os.write(self._descriptor, view) :]
        except (UserError, OSError):
            self.abort()
            raise
        self._hash.update(data)
        self.size_bytes += len(data)
        return len(data)

    @property
    def written(self) -> Blob:
        """What a commit would store now."""
        return Blob(self._hash.hexdigest(), self.size_bytes)

    def commit(self, expected_sha256: str | None = None, expected_size: int | None = None) -> Blob:
        """Make the blob exist, durably. Raises UserError where hash or size differ from what is expected."""
        self._require_open()
        blob = self.written
        try:
            _check_expected(blob, expected_sha256, expected_size)
            with disk_errors():
                os.fsync(self._descriptor)
            self._store.adopt(self._path, blob)
        except (UserError, OSError):
            self.abort()
            raise
        self._close()
        return blob

    def abort(self) -> None:
        """Forget everything written. Harmless after a commit."""
        if self._open:
            self._close()
            self._path.unlink(missing_ok=True)

    def flush(self) -> None:
        """Nothing is buffered here; `zipfile` calls this on what it writes to."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()

    def _check(self, more: int) -> None:
        size = self.size_bytes + more
        if size > self._max_bytes:
            message = f"The file is larger than the limit of {self._max_bytes:,} bytes."
            raise TooLarge("file-too-large", message, "Send a smaller file.")
        if size - self._looked_at >= _LOOK_AT_DISK_EVERY_BYTES:
            self._store.check_free_space(more)
            self._looked_at = size

    def _close(self) -> None:
        self._open = False
        os.close(self._descriptor)

    def _require_open(self) -> None:
        if not self._open:
            raise ValueError("the writer was committed or aborted before")


def _check_expected(blob: Blob, sha256: str | None, size_bytes: int | None) -> None:
    hint = "Send the file again."
    if size_bytes is not None and size_bytes != blob.size_bytes:
        message = f"{blob.size_bytes:,} bytes arrived where {size_bytes:,} were announced."
        raise UserError("upload-size-differs", message, hint)
    if sha256 is not None and sha256.lower() != blob.sha256:
        message = f"The SHA-256 of what arrived is {blob.sha256}, not the announced {sha256[:64]}."
        raise UserError("upload-hash-differs", message, hint)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turns a full disk into OutOfSpace."""
    try:
        yield
    except OSError as failure:
        if failure.errno in _FULL:
            raise _out_of_space() from failure
        raise


def _out_of_space() -> OutOfSpace:
    hint = "Try again later; an administrator has to free space."
    return OutOfSpace("disk-full", "The disk of the server is nearly full; nothing was stored.", hint)


def _missing(sha256: str) -> NotFound:
    return NotFound("blob-missing", f"There is no stored file {sha256[:12]}.")


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
