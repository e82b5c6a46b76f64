"""A bundle in a zip or in a folder, as the reader of bundles wants it, and its files as streams."""

from __future__ import annotations

import os
import stat
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from podium.blobs.archives.limits import BUNDLE_LIMITS, ArchiveLimits
from podium.blobs.archives.listing import list_members, open_member, open_zip, refuse
from podium.rules.bundle.paths import PathFault, is_clutter, tidy_path
from podium.rules.bundle.source import BundleSource, MemberKind
from podium.rules.errors import ArchiveError, NotFound, Problem, TooLarge


class MemberSource(BundleSource, Protocol):
    """A BundleSource whose members can be streamed; to be used in a `with` block."""

    def open(self, name: str) -> BinaryIO:
        """A file's content, for reading. Raises NotFound; reading raises ArchiveError where it is damaged."""

    def size(self, name: str) -> int:
        """A file's size in bytes. Raises NotFound."""

    def folders(self) -> Collection[str]:
        """The names of all folders, the root not among them."""

    def close(self) -> None:
        """Let go of what is open."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class _Source(ABC):
    """What both sources share: reading by way of `open` and `size`."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO: ...

    @abstractmethod
    def size(self, name: str) -> int: ...

    @abstractmethod
    def close(self) -> None: ...

    def head(self, name: str, size_bytes: int) -> bytes:
        """The first bytes of a file, fewer where it is shorter."""
        with self.open(name) as file:
            return file.read(size_bytes)

    def read(self, name: str, *, limit_bytes: int) -> bytes:
        """A whole file. Raises TooLarge where it is longer than the limit."""
        too_large = TooLarge("file-large", f'"{name}" is longer than {limit_bytes:,} bytes.', "Shorten it.")
        if self.size(name) > limit_bytes:
            raise too_large
        with self.open(name) as file:
            content = file.read(limit_bytes + 1)
        if len(content) > limit_bytes:
            raise too_large
        return content

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ZipSource(_Source):
    """A bundle in a zip; every member is checked when it is opened. Raises ArchiveError where one is unsafe."""

    def __init__(self, path: Path, limits: ArchiveLimits = BUNDLE_LIMITS) -> None:
        self._zip = open_zip(path, limits)
        try:
            listing = list_members(self._zip, path.name, limits)
        except BaseException:
            self._zip.close()
            raise
        self._files = {name: info for name, info in listing.files.items() if not is_clutter(name)}
        self._folders = frozenset(name for name in listing.folders if not is_clutter(name) and name != ".")
        self.notes: tuple[Problem, ...] = listing.notes

    def names(self) -> Collection[str]:
        """The names of all files, without what macOS adds."""
        return self._files.keys()

    def folders(self) -> Collection[str]:
        """The names of all folders."""
        return self._folders

    def kind(self, name: str) -> MemberKind | None:
        """Whether `name` is a file or a folder; None where there is no such member."""
        if name in self._files:
            return "file"
        return "folder" if name in self._folders else None

    def size(self, name: str) -> int:
        """A file's size in bytes. Raises NotFound."""
        return self._info(name).file_size

    def open(self, name: str) -> BinaryIO:
        """A file's content, for reading. Raises NotFound, ArchiveError where it is damaged."""
        return open_member(self._zip, self._info(name), name)

    def checksum(self, name: str) -> str:
        """What the directory of the zip says of a file's content, which is not read: its size and CRC. Raises NotFound.

        Good for telling versions apart for people; who makes the zip may make any two alike.
        """
        info = self._info(name)
        return f"{info.file_size}-{info.CRC:08x}"

    def close(self) -> None:
        """Close the zip."""
        self._zip.close()

    def _info(self, name: str) -> zipfile.ZipInfo:
        if name not in self._files:
            raise _no_member(name)
        return self._files[name]


class FolderSource(_Source):
    """A bundle in a folder. Links are followed as long as they stay inside it.

    A link that leaves the folder, and what is neither file nor folder, makes only the members unusable that are or
    contain it: a virtual environment beside a bundle does no harm. Files and folders for whose names `leave_out` is
    true are as if they were not there.
    """

    def __init__(
        self, path: Path, limits: ArchiveLimits = BUNDLE_LIMITS, leave_out: Callable[[str], bool] = is_clutter
    ) -> None:
        self._root = path.resolve()
        self._limits = limits
        self._leave_out = leave_out
        self._files: dict[str, Path] = {}
        self._folders: set[str] = set()
        self._unusable: dict[str, Problem] = {}
        self.notes: tuple[Problem, ...] = ()
        self._collect(self._root, "", ())

    def names(self) -> Collection[str]:
        """The names of all files, without what macOS adds."""
        return self._files.keys()

    def folders(self) -> Collection[str]:
        """The names of all folders."""
        return self._folders

    def kind(self, name: str) -> MemberKind | None:
        """Whether `name` is a file or a folder; None where there is no such member. Raises ArchiveError where it is
        unusable, or has something unusable in it.
        """
        inside = f"{name}/"
        faults = [fault for place, fault in self._unusable.items() if place == name or place.startswith(inside)]
        if faults:
            raise ArchiveError(faults)
        if name in self._files:
            return "file"
        return "folder" if name in self._folders else None

    @property
    def unusable(self) -> tuple[Problem, ...]:
        """What cannot be used, wherever in the folder it is."""
        return tuple(self._unusable.values())

    def size(self, name: str) -> int:
        """A file's size in bytes. Raises NotFound."""
        return self._path(name).stat().st_size

    def open(self, name: str) -> BinaryIO:
        """A file's content, for reading. Raises NotFound."""
        return self._path(name).open("rb")

    def close(self) -> None:
        """Nothing is open."""

    def _path(self, name: str) -> Path:
        if name not in self._files:
            raise _no_member(name)
        return self._files[name]

    def _collect(self, folder: Path, prefix: str, above: tuple[Path, ...]) -> None:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            name = f"{prefix}{entry.name}"
            if is_clutter(name) or self._leave_out(name):
                continue
            if len(self._files) + len(self._folders) > self._limits.entries:
                message = f"The folder has more than {self._limits.entries:,} members."
                raise refuse("archive-entries", message, "Keep the bundle in a folder of its own.")
            try:
                fault = self._add(entry, name, (*above, folder))
            except PermissionError:
                fault = Problem("archive-unreadable", f'"{name}" may not be read.', "Change its mode.", file=name)
            if fault is not None:
                self._unusable[name] = fault

    def _add(self, entry: os.DirEntry[str], name: str, above: tuple[Path, ...]) -> Problem | None:
        target = Path(entry.path)
        tidied = tidy_path(name)
        if isinstance(tidied, PathFault):
            return Problem(tidied.code, f"The name {name!r} {tidied.reason}.", "Rename it.", file=repr(name))
        if entry.is_symlink():
            try:
                target = target.resolve(strict=True)
            except (OSError, RuntimeError):
                return Problem("archive-link", f'"{name}" is a link that leads nowhere.', "Remove it.", file=name)
            if not target.is_relative_to(self._root) or target in above:
                message = f'"{name}" is a link that leaves the bundle or leads in a circle.'
                return Problem("archive-link", message, "Put the file itself into the bundle.", file=name)
        kind = stat.S_IFMT(target.stat().st_mode)
        if kind == stat.S_IFREG:
            self._files[name] = target
        elif kind == stat.S_IFDIR and len(above) <= self._limits.depth:
            self._folders.add(name)
            self._collect(target, f"{name}/", above)
        else:
            message = f'"{name}" is not an ordinary file, or lies too deep.'
            return Problem("archive-special", message, "Leave it out.", file=name)
        return None


@contextmanager
def open_source(path: Path, limits: ArchiveLimits = BUNDLE_LIMITS) -> Iterator[ZipSource | FolderSource]:
    """The bundle at `path`, a folder or a zip. Raises NotFound, or ArchiveError where it cannot be used."""
    if not path.exists():
        raise NotFound("bundle-missing", f"There is no file or folder {path}.", "Check the path.")
    with FolderSource(path, limits) if path.is_dir() else ZipSource(path, limits) as source:
        yield source


def _no_member(name: str) -> NotFound:
    return NotFound("member-missing", f'There is no file "{name}" in the bundle.')
