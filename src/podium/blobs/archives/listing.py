"""The members of a zip, all of them checked before a single byte is unpacked."""

from __future__ import annotations

import errno
import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from podium.blobs.archives.limits import ArchiveLimits
from podium.rules.bundle.paths import PathFault, tidy_path
from podium.rules.errors import ArchiveError, Problem

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8_NAME = 0x800
_LOCAL_HEADER_BYTES = 30
_DIRECTORY_BYTES_PER_ENTRY = 256
_MAX_PROBLEMS = 50
_MEMBER_BUFFER_BYTES = 64 * 1024
_MAX_PART_BYTES = 255
_HINT_REPACK = "Pack it again, as an ordinary zip."
_DAMAGE = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError)


@dataclass(frozen=True)
class Listing:
    """What a zip contains: files by name, folders, and notes about oddities that do no harm."""

    files: dict[str, zipfile.ZipInfo]
    folders: frozenset[str]
    notes: tuple[Problem, ...]


@contextmanager
def damaged_archive(archive: str) -> Iterator[None]:
    """Turns whatever a damaged zip makes the library raise into ArchiveError."""
    try:
        yield
    except _DAMAGE as failure:
        raise refuse("archive-damaged", f"{archive} is damaged: {_reason(failure)}.", _HINT_REPACK) from failure
    except NotImplementedError as failure:
        raise refuse("archive-method", f"{archive}: {_reason(failure)}.", _HINT_REPACK) from failure
    except RuntimeError as failure:
        # `zipfile` says so of members that are encrypted.
        raise refuse("archive-encrypted", f"{archive} is encrypted.", "Pack it without a password.") from failure
    except OSError as failure:
        if failure.errno != errno.EINVAL:
            raise
        # An offset before the start of the file.
        raise refuse("archive-damaged", f"{archive} is damaged.", _HINT_REPACK) from failure


def open_zip(path: Path, limits: ArchiveLimits) -> zipfile.ZipFile:
    """Open a zip. Raises ArchiveError where it is empty, no zip, or damaged. The caller closes it.

    The library reads the central directory, however long, in one piece; a file that refuses to hand out more than
    the limits allow for keeps that from filling the memory.
    """
    file = path.open("rb")
    try:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise refuse("archive-empty", f"{path.name} has 0 bytes.", "Send it again; the file was empty.")
        if file.read(2) != b"PK" and not zipfile.is_zipfile(file):
            raise refuse("archive-not-zip", f"{path.name} is not a zip file.", "Pack the content as a .zip.")
        with damaged_archive(path.name):
            capped = _CappedFile(file, limits.entries * _DIRECTORY_BYTES_PER_ENTRY)
            return _OwningZip(cast("IO[bytes]", capped))
    except BaseException:
        file.close()
        raise


def list_members(archive: zipfile.ZipFile, label: str, limits: ArchiveLimits) -> Listing:
    """Check every member. Raises ArchiveError with all problems; `label` is what messages call the archive."""
    infos = archive.infolist()
    if len(infos) > limits.entries:
        message = f"{label} has {len(infos):,} members; at most {limits.entries:,} are possible."
        raise refuse("archive-entries", message, "Pack many small files into one.")
    problems = _size_problems(infos, label, limits)
    problems += _overlaps(infos, label)
    files: dict[str, zipfile.ZipInfo] = {}
    folders: set[str] = set()
    notes: list[Problem] = []
    for info in infos:
        name = _checked_name(info, label, limits)
        fault = name if isinstance(name, Problem) else _unsafe_member(info, name, label)
        if fault is not None:
            problems.append(fault)
        elif info.orig_filename.endswith("/"):
            folders.add(str(name))
        else:
            if name in files:
                message = f'"{name}" occurs more than once; the last one counts.'
                notes.append(Problem("archive-duplicate", message, "Keep one.", file=label, severity="note"))
            files[str(name)] = info
        if len(problems) >= _MAX_PROBLEMS:
            break
    for name in files:
        folders.update(_parents(name))
    clash = next((name for name in files if name in folders), None)
    if clash is not None and not problems:
        problems.append(_problem("archive-clash", f'"{clash}" is a file and a folder at once.', label, _HINT_REPACK))
    if problems:
        raise ArchiveError(problems)
    return Listing(files, frozenset(folders), tuple(dict.fromkeys(notes)))


def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> BinaryIO:
    """A member's content, for reading; opening and reading raise ArchiveError where it is damaged."""
    with damaged_archive(f'"{name}"'):
        return io.BufferedReader(_Member(archive.open(info), name, info.file_size), _MEMBER_BUFFER_BYTES)


class _Member(io.RawIOBase):
    """Bytes of a member as they are unpacked, counted against what the archive announces."""

    def __init__(self, stream: IO[bytes], name: str, size_bytes: int) -> None:
        self._stream = stream
        self._member = name
        self._left = size_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        with damaged_archive(f'"{self._member}"'):
            data = self._stream.read(len(view))
            self._left -= len(data)
            if self._left < 0 or (not data and self._left > 0):
                raise zipfile.BadZipFile("its content is not as long as announced")
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def refuse(code: str, message: str, hint: str = "") -> ArchiveError:
    """An ArchiveError with one problem."""
    return ArchiveError([Problem(code, message, hint)])


class _CappedFile:
    """A file for `zipfile` that refuses to read more than `cap_bytes` in one call."""

    def __init__(self, file: BinaryIO, cap_bytes: int) -> None:
        self._file = file
        self._cap_bytes = max(cap_bytes, 1024 * 1024)
        self.name = getattr(file, "name", None)
        self.seek, self.tell, self.close = file.seek, file.tell, file.close

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            size = os.fstat(self._file.fileno()).st_size - self._file.tell()
        if size > self._cap_bytes:
            message = (
                f"The list of members of the archive has {size:,} bytes; at most {self._cap_bytes:,} are possible."
            )
            raise refuse("archive-entries", message, "Pack many small files into one.")
        return self._file.read(size)

    def seekable(self) -> bool:
        return True


class _OwningZip(zipfile.ZipFile):
    """A zip that closes the file it was given."""

    def close(self) -> None:
        file = self.fp
        super().close()
        if file is not None:
            file.close()


def _checked_name(info: zipfile.ZipInfo, label: str, limits: ArchiveLimits) -> str | Problem:
    raw = info.orig_filename
    if not info.flag_bits & _UTF8_NAME:
        try:
            # Many tools write UTF-8 without saying so; `zipfile` has read it as code page 437 then.
            raw = raw.encode("cp437").decode("utf-8")
        except UnicodeError:
            message = f"The member name {raw[:100]!r} is not UTF-8."
            return _problem("archive-name-encoding", message, label, "Rename the file by plain letters and pack again.")
    if raw in ("./", "/", ""):
        return _problem("path-empty", "A member has no name.", label, _HINT_REPACK) if raw != "./" else "."
    name = tidy_path(raw)
    if isinstance(name, PathFault):
        return _problem(name.code, f"The member name {raw[:200]!r} {name.reason}.", label, "Rename it and pack again.")
    parts = name.split("/")
    too_long = len(name.encode()) > limits.name_bytes or max(len(part.encode()) for part in parts) > _MAX_PART_BYTES
    if too_long or len(parts) > limits.depth:
        message = f'The member name "{name[:80]}..." is too long or too deep.'
        return _problem("archive-name-long", message, label, "Shorten it and pack again.")
    return name


def _unsafe_member(info: zipfile.ZipInfo, name: str, label: str) -> Problem | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return _problem("archive-link", f'"{name}" is a link.', label, "Put the file itself into the archive.")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return _problem("archive-special", f'"{name}" is not an ordinary file.', label, "Leave it out.")
    if info.flag_bits & _ENCRYPTED:
        return _problem("archive-encrypted", f'"{name}" is encrypted.', label, "Pack it without a password.")
    if info.compress_type not in _METHODS:
        message = f'"{name}" is packed by a method that is not supported.'
        return _problem("archive-method", message, label, "Pack it by the usual method (deflate).")
    return None


def _size_problems(infos: list[zipfile.ZipInfo], label: str, limits: ArchiveLimits) -> list[Problem]:
    total = sum(info.file_size for info in infos)
    if total > limits.total_bytes:
        message = f"{label} unpacks to {total:,} bytes; at most {limits.total_bytes:,} are possible."
        return [_problem("archive-too-large", message, label, "Send less data.")]
    packed = sum(info.compress_size for info in infos)
    if total > limits.ratio_from_bytes and total > limits.ratio * packed:
        message = f"{label} unpacks to {total:,} bytes from {packed:,}: more than {limits.ratio} times its size."
        return [_problem("archive-bomb", message, label, "Leave out or shorten what packs that well.")]
    problems = []
    for info in infos:
        if info.file_size > limits.entry_bytes:
            message = (
                f"{info.filename[:200]!r} has {info.file_size:,} bytes; at most {limits.entry_bytes:,} are possible."
            )
            problems.append(_problem("archive-too-large", message, label, "Split it."))
        elif info.file_size > limits.ratio_from_bytes and info.file_size > limits.ratio * info.compress_size:
            message = f"{info.filename[:200]!r} unpacks to more than {limits.ratio} times its size."
            problems.append(_problem("archive-bomb", message, label, "Leave out or shorten what packs that well."))
    return problems[:_MAX_PROBLEMS]


def _overlaps(infos: list[zipfile.ZipInfo], label: str) -> list[Problem]:
    """Members that share bytes: harmless archives have none, bombs multiply their content that way."""
    spans = sorted(
        (info.header_offset, info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size, info.filename)
        for info in infos
    )
    for (_, end, first), (start, _, second) in pairwise(spans):
        if start < end:
            message = f"{first[:200]!r} and {second[:200]!r} overlap in the archive."
            return [_problem("archive-overlap", message, label, _HINT_REPACK)]
    return []


def _parents(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def _problem(code: str, message: str, label: str, hint: str) -> Problem:
    return Problem(code, message, hint, file=label)


def _reason(failure: Exception) -> str:
    text = str(failure).strip().rstrip(".")[:200]
    return text[:1].lower() + text[1:] if text else "its content cannot be read"
