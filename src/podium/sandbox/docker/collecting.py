"""Copy the harmless part of an output that comes as a tar stream, by the rules of `podium.sandbox.collect`."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from podium.rules.errors import InternalError
from podium.sandbox.collect import Caps, Collection, name_problem

_CHUNK = 1 << 20
_PAGE = 4096
_MOST_ANNOUNCED = 4
"""Holes in files come as zeros, all of which would have to be read: terabytes may fit where megabytes do."""


@dataclass
class Arrived:
    """What came: what was kept of it, and how much the file system held, in pages and in entries."""

    collection: Collection = field(default_factory=Collection)
    pages: int = 0
    entries: int = 0


def collect_archive(chunks: Iterable[bytes], into: Path, caps: Caps) -> Arrived:
    """Copy what is safe out of a tar file whose first component is the output folder itself into `into`, an existing
    empty folder. Reading ends early where there are more entries than allowed.

    Raises:
        InternalError: the copy cannot be written, for want of space or permission.
    """
    arriving = _Arriving(into, caps)
    try:
        with tarfile.open(fileobj=io.BufferedReader(_Stream(chunks)), mode="r|", errorlevel=1) as tar:
            for entry in tar:
                if not arriving.take(tar, entry):
                    break
    except (tarfile.TarError, EOFError, ValueError) as error:
        arriving.result.collection.refuse(".", f"the rest of it cannot be read ({error})")
    except OSError as error:
        raise InternalError(f"The worker cannot keep what the program wrote: {error.strerror or error}.") from error
    arriving.result.collection.collected.sort()
    return arriving.result


class _Stream(io.RawIOBase):
    """Chunks as a file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__()
        self._chunks = iter(chunks)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._left:
            try:
                self._left = next(self._chunks)
            except StopIteration:
                return 0
            except OSError as error:
                raise InternalError(f"The container engine did not hand over the output: {error}.") from error
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


class _Arriving:
    def __init__(self, into: Path, caps: Caps) -> None:
        self._into = into
        self._caps = caps
        self._left_bytes = caps.total_bytes
        self._left_entries = caps.entries
        self._announced_bytes = 0
        self._refused_folders: set[str] = set()
        self._kept: dict[str, int] = {}
        self.result = Arrived()

    def take(self, tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bool:
        """Keep or refuse one entry; False ends the reading."""
        path = "/".join(entry.name.split("/")[1:])
        if not path:
            return True
        collection = self.result.collection
        self.result.entries += 1
        self.result.pages += -(-entry.size // _PAGE) if entry.isreg() else 0
        above = path.rpartition("/")[0]
        if any(above == folder or above.startswith(f"{folder}/") for folder in self._refused_folders):
            return True
        if self._left_entries == 0:
            collection.refuse(above or ".", f"it holds more than the {self._caps.entries} entries allowed")
            return False
        self._left_entries -= 1
        self._announced_bytes += entry.size
        if self._announced_bytes > _MOST_ANNOUNCED * self._caps.total_bytes:
            collection.refuse(above or ".", "its files claim to be much larger than they are")
            return False
        problem = _names_problem(path) or self._place_problem(path, entry)
        if problem:
            collection.refuse(path, problem)
            if entry.isdir():
                self._refused_folders.add(path)
        elif entry.isdir():
            (self._into / path).mkdir(mode=0o700)
        elif entry.islnk():
            self._refuse_twin(path, entry)
        elif entry.isreg():
            self._keep(tar, entry, path)
        else:
            collection.refuse(path, f"it is {_kind(entry)}, not a file")
        return True

    def _place_problem(self, path: str, entry: tarfile.TarInfo) -> str:
        if path.count("/") + (1 if entry.isdir() else 0) >= self._caps.depth:
            return f"it is nested deeper than {self._caps.depth} folders"
        if not (self._into / path).parent.is_dir() or (self._into / path).exists():
            return "its folder is not there, or it comes twice"
        return ""

    def _refuse_twin(self, path: str, entry: tarfile.TarInfo) -> None:
        """A hard link: neither of its names is kept, whichever came first."""
        reason = "it has a second name (a hard link)"
        first = "/".join(entry.linkname.split("/")[1:])
        if first in self._kept:
            (self._into / first).unlink()
            self._left_bytes += self._kept.pop(first)
            self.result.collection.collected.remove(first)
            self.result.collection.refuse(first, reason)
        self.result.collection.refuse(path, reason)

    def _keep(self, tar: tarfile.TarFile, entry: tarfile.TarInfo, path: str) -> None:
        if entry.size > self._left_bytes:
            self.result.collection.refuse(path, f"with it the output is larger than {self._caps.total_bytes} bytes")
            return
        content = tar.extractfile(entry)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        made = os.open(self._into / path, flags, 0o600)
        try:
            with os.fdopen(made, "wb") as target:
                while content is not None and (chunk := content.read(_CHUNK)):
                    target.write(chunk)
        except BaseException:
            (self._into / path).unlink()
            raise
        self._left_bytes -= entry.size
        self._kept[path] = entry.size
        self.result.collection.collected.append(path)


def _names_problem(path: str) -> str:
    parts = path.split("/")
    if not all(parts):
        return "its name has an empty part"
    return name_problem(parts[-1]) or next((problem for part in parts if (problem := name_problem(part))), "")


def _kind(entry: tarfile.TarInfo) -> str:
    if entry.issym():
        return "a symbolic link"
    if entry.isfifo():
        return "a pipe"
    return "a device" if entry.ischr() or entry.isblk() else "of an unknown kind"
