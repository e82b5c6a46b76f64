"""Unpacking a zip into a folder: ordinary files and folders only, and never more than the limits."""

from __future__ import annotations

import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from podium.blobs.archives.limits import ArchiveLimits
from podium.blobs.archives.listing import list_members, open_member, open_zip, refuse
from podium.blobs.local import disk_errors
from podium.rules.bundle.paths import is_clutter
from podium.rules.errors import Problem

FILE_MODE = 0o644
FOLDER_MODE = 0o755
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Extracted:
    """What came out of an archive: the number of files, their bytes, and notes such as duplicate names."""

    files: int
    size_bytes: int
    notes: tuple[Problem, ...]


def extract_archive(archive: Path, destination: Path, limits: ArchiveLimits) -> Extracted:
    """Unpack into `destination`, a new or empty folder to which nobody else writes meanwhile.

    Files get mode 0644, folders 0755; what macOS adds is left out. Raises ArchiveError and OutOfSpace; the
    destination is empty again then.
    """
    destination.mkdir(parents=True, exist_ok=True)
    with os.scandir(destination) as entries:
        if next(entries, None) is not None:
            raise ValueError(f"{destination} is not empty")
    with open_zip(archive, limits) as opened:
        listing = list_members(opened, archive.name, limits)
        files = {name: info for name, info in listing.files.items() if not is_clutter(name)}
        folders = sorted(name for name in listing.folders if not is_clutter(name) and name != ".")
        try:
            with disk_errors():
                for folder in folders:
                    _make_folder(destination / folder)
                size = _extract_files(opened, files, destination, limits)
        except BaseException:
            _empty(destination)
            raise
    return Extracted(len(files), size, listing.notes)


def _extract_files(
    archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo], destination: Path, limits: ArchiveLimits
) -> int:
    total = 0
    for name, info in files.items():
        total += _extract_file(archive, info, name, destination / name, limits.total_bytes - total)
    return total


def _extract_file(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, path: Path, left: int) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    size = 0
    with open_member(archive, info, name) as source, os.fdopen(os.open(path, flags, FILE_MODE), "wb") as target:
        os.fchmod(target.fileno(), FILE_MODE)
        while chunk := source.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > left:
                raise refuse("archive-too-large", f'At "{name}" the archive unpacks to more than is allowed.')
            target.write(chunk)
    return size


def _make_folder(path: Path) -> None:
    path.mkdir(exist_ok=True)
    path.chmod(FOLDER_MODE)


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
