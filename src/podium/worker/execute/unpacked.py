"""Unpacked archives, kept by content and shared read-only between runs."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from podium.blobs.archives import BUNDLE_LIMITS, ArchiveLimits, extract_archive

_DRAFT = ".draft"
_LEAVING = ".leaving"


@dataclass(frozen=True)
class UnpackedCache:
    """Folders below `folder`, one per archive, named by the sha256 of its bytes. Processes may share it.

    `capacity_bytes` is what `trim` leaves; between two trims the cache may be larger.
    """

    folder: Path
    capacity_bytes: int = 10 << 30

    @contextmanager
    def use(self, archive: Path, *, sha256: str | None = None, limits: ArchiveLimits = BUNDLE_LIMITS) -> Iterator[Path]:
        """The unpacked content of a zip, for reading only; it stays while the context is open.

        `sha256` spares reading the file where the caller knows its hash already.

        Raises:
            ArchiveError: the zip cannot be unpacked safely.
            OutOfSpace: the disk is full.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.folder / (sha256 or sha256_of(archive))
        with _lock_file(place).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            while not place.is_dir():
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not place.is_dir():
                    _unpack(archive, place, limits)
                # Changing the kind of lock lets go of it for a moment, in which another process may trim.
                fcntl.flock(lock, fcntl.LOCK_SH)
            os.utime(_lock_file(place))
            yield place

    def holds(self, sha256: str) -> bool:
        """Whether an archive of that hash is unpacked already."""
        return (self.folder / sha256).is_dir()

    def remove_left_behind(self) -> int:
        """Remove what a killed process half unpacked or half removed. Returns how many folders there were."""
        removed = 0
        for suffix in (_DRAFT, _LEAVING):
            for folder in self.folder.glob(f".*{suffix}"):
                place = folder.with_name(folder.name[1:].removesuffix(suffix))
                with _lock_file(place).open("a") as lock, suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)
                    removed += 1
        return removed

    def trim(self) -> int:
        """Remove what was used longest ago until the rest fits; what is in use stays. Returns the bytes freed."""
        places = [entry for entry in self.folder.glob("[0-9a-f]*") if entry.is_dir()]
        places.sort(key=lambda place: _lock_file(place).stat().st_mtime)
        sizes = {place: _size_of(place) for place in places}
        excess = sum(sizes.values()) - self.capacity_bytes
        freed = 0
        for place in places:
            if freed >= excess:
                break
            if _remove_unused(place):
                freed += sizes[place]
        return freed


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lock_file(place: Path) -> Path:
    return place.with_name(f".{place.name}.lock")


def _unpack(archive: Path, place: Path, limits: ArchiveLimits) -> None:
    draft = place.with_name(f".{place.name}{_DRAFT}")
    shutil.rmtree(draft, ignore_errors=True)  # what a killed process left behind
    draft.mkdir()
    try:
        extract_archive(archive, draft, limits)
        draft.chmod(0o755)
        draft.rename(place)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _remove_unused(place: Path) -> bool:
    with _lock_file(place).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        leaving = place.with_name(f".{place.name}{_LEAVING}")
        place.rename(leaving)  # nobody may find it half removed
        shutil.rmtree(leaving)
        return True


def _size_of(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*"))
