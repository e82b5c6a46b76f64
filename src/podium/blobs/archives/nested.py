"""What is inside the members of a bundle: a folder or a zip, looked into as a bundle is."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from podium.blobs.archives.limits import BUNDLE_LIMITS, ArchiveLimits
from podium.blobs.archives.sources import MemberSource, ZipSource
from podium.rules.bundle.source import BundleSource, MemberKind
from podium.rules.errors import NotFound, Problem, TooLarge

_CHUNK_BYTES = 256 * 1024


class NestedContents:
    """Looks into the members of `source`.

    A zip in it is copied to a temporary file for as long as it is looked into; `budget_bytes` is how much all of them
    together may have, None for any amount.
    """

    def __init__(
        self, source: MemberSource, *, budget_bytes: int | None = None, limits: ArchiveLimits = BUNDLE_LIMITS
    ) -> None:
        self._source = source
        self._budget_bytes = budget_bytes
        self._limits = limits

    def size(self, name: str) -> int:
        """The size of a file, or of all files of a folder, in bytes."""
        if self._source.kind(name) == "file":
            return self._source.size(name)
        return sum(self._source.size(member) for member in self._source.names() if member.startswith(f"{name}/"))

    @contextmanager
    def inside(self, name: str) -> Iterator[BundleSource]:
        """The files of a folder or zip, by their names in it.

        Raises:
            NotFound: there is no such member.
            TooLarge: it is a zip larger than what is left of the budget.
            ArchiveError: it is a file but no zip, damaged, or unsafe.
        """
        kind = self._source.kind(name)
        if kind is None:
            raise NotFound("member-missing", f'There is no "{name}" in the bundle.')
        if kind == "folder":
            yield FolderOfSource(self._source, name)
            return
        self._spend(name)
        with tempfile.TemporaryDirectory(prefix="podium-member-") as folder:
            # Messages name an archive by its file name.
            copy = Path(folder, PurePosixPath(name).name)
            with self._source.open(name) as member, copy.open("wb") as target:
                shutil.copyfileobj(member, target, _CHUNK_BYTES)
            with ZipSource(copy, self._limits) as archive:
                yield archive

    def _spend(self, name: str) -> None:
        if self._budget_bytes is None:
            return
        size = self._source.size(name)
        if size > self._budget_bytes:
            raise TooLarge("file-large", f'"{name}" has {size:,} bytes; {self._budget_bytes:,} more are looked into.')
        self._budget_bytes -= size


class FolderOfSource:
    """One folder of a source as a source of its own."""

    notes: tuple[Problem, ...] = ()

    def __init__(self, source: MemberSource, folder: str) -> None:
        self._source = source
        self._prefix = f"{folder}/"
        below = (name for name in source.names() if name.startswith(self._prefix))
        self._names = frozenset(name.removeprefix(self._prefix) for name in below)

    def names(self) -> Collection[str]:
        """The names of all files, from the folder on."""
        return self._names

    def kind(self, name: str) -> MemberKind | None:
        """Whether `name` is a file or a folder; None where there is no such member."""
        return self._source.kind(self._prefix + name)

    def head(self, name: str, size_bytes: int) -> bytes:
        """The first bytes of a file, fewer where it is shorter."""
        return self._source.head(self._prefix + name, size_bytes)

    def read(self, name: str, *, limit_bytes: int) -> bytes:
        """A whole file. Raises TooLarge where it is longer than the limit."""
        return self._source.read(self._prefix + name, limit_bytes=limit_bytes)
