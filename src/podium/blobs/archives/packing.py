"""Writing zips: the same content always gives the same bytes, and so the same SHA-256."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO, Literal, Protocol, cast

from podium.blobs.archives.limits import BUNDLE_LIMITS, ArchiveLimits
from podium.blobs.archives.sources import FolderSource, MemberSource
from podium.rules.bundle.files import ZIP_HEAD_BYTES, is_zip
from podium.rules.bundle.paths import is_clutter
from podium.rules.errors import ArchiveError, NotFound

_FILE_MODE = 0o100644
_FOLDER_MODE = 0o040755
_FOLDER_FLAG = 0x10
_UNIX = 3
# Packed data stays on our disks: the fastest level takes a quarter of the time and a tenth more room.
_LEVEL = 1
CHUNK_BYTES = 256 * 1024
# Larger members get 64-bit headers; a little below 4 GiB, because what does not pack grows.
LARGE_BYTES = 3 * 1024**3


class ByteSink(Protocol):
    """What a zip can be written to: an open file, or the writer of a blob."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> object: ...


def pack_folder(
    folder: Path,
    sink: ByteSink,
    limits: ArchiveLimits = BUNDLE_LIMITS,
    leave_out: Callable[[str], bool] = is_clutter,
) -> None:
    """Write a zip with the content of the folder at its root, without files and folders that `leave_out` names.

    Raises ArchiveError where a member is a link out of the folder or no ordinary file.
    """
    with FolderSource(folder, limits, leave_out) as source:
        _pack(source, "", sink)


def pack_member(source: MemberSource, name: str, sink: ByteSink, *, for_runs: bool = False) -> Literal["zip", "file"]:
    """Write a member of a bundle as it is stored: a folder as a zip of its content, a file unchanged.

    What is `for_runs` always becomes a zip, as it will be unpacked: of a file that is none, the only member. Returns
    "zip" where the result is a zip, "file" where it is another file. Raises NotFound and ArchiveError.
    """
    kind = source.kind(name)
    if kind == "folder":
        _pack(source, f"{name}/", sink)
        return "zip"
    if kind is None:
        raise NotFound("member-missing", f'There is no "{name}" in the bundle.')
    packed = is_zip(source.head(name, ZIP_HEAD_BYTES))
    if for_runs and not packed:
        _pack_alone(source, name, sink)
        return "zip"
    with source.open(name) as file:
        shutil.copyfileobj(file, sink, CHUNK_BYTES)
    return "zip" if packed else "file"


def _pack_alone(source: MemberSource, name: str, sink: ByteSink) -> None:
    with _new_zip(sink) as archive:
        _pack_file(source, name, PurePosixPath(name).name, archive)


def _pack(source: MemberSource, prefix: str, sink: ByteSink) -> None:
    _require_usable(source, prefix)
    members = [(name, True) for name in source.folders() if name.startswith(prefix)]
    members += [(name, False) for name in source.names() if name.startswith(prefix)]
    with _new_zip(sink) as archive:
        for name, is_folder in sorted(members):
            inner = name.removeprefix(prefix)
            if is_folder:
                folder = zipfile.ZipInfo(f"{inner}/")
                _set_mode(folder, _FOLDER_MODE, _FOLDER_FLAG)
                archive.writestr(folder, b"")
            else:
                _pack_file(source, name, inner, archive)


def _new_zip(sink: ByteSink) -> zipfile.ZipFile:
    return zipfile.ZipFile(cast("IO[bytes]", Forward(sink)), "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)


def _pack_file(source: MemberSource, name: str, inner: str, archive: zipfile.ZipFile) -> None:
    is_large = source.size(name) > LARGE_BYTES
    with source.open(name) as file, archive.open(inner, "w", force_zip64=is_large) as target:
        shutil.copyfileobj(file, target, CHUNK_BYTES)
    set_file_mode(archive.getinfo(inner))


def set_file_mode(info: zipfile.ZipInfo) -> None:
    """Give a member that has been written the mode of an ordinary file, whatever system writes it."""
    _set_mode(info, _FILE_MODE, 0)


def _set_mode(info: zipfile.ZipInfo, mode: int, flag: int) -> None:
    """The mode stands in the directory at the end of the zip only, so that it can be set after the content."""
    info.create_system = _UNIX
    info.external_attr = (mode << 16) | flag


def _require_usable(source: MemberSource, prefix: str) -> None:
    """Every member directly below, so that what a folder cannot give is named instead of being left out."""
    if prefix:
        source.kind(prefix.rstrip("/"))
    elif isinstance(source, FolderSource) and source.unusable:
        raise ArchiveError(source.unusable)


class Forward:
    """A stream that only goes forward, whatever the sink can do: files and blob writers get the same bytes."""

    def __init__(self, sink: ByteSink) -> None:
        self._sink = sink

    def write(self, data: bytes, /) -> int:
        self._sink.write(data)
        return len(data)

    def flush(self) -> None:
        self._sink.flush()
