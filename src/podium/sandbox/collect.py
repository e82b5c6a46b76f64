"""Copy the harmless part of what a program wrote, after every process that could still change it is dead.

The folder is hostile: links that lead elsewhere, devices, pipes that never end, names made to deceive a reader or a
terminal, millions of files, files without end. Only plain files and folders with plain names are copied, byte by byte,
within caps; owner, rights, times and attributes are not. The rest is named with a reason.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from podium.rules.errors import InternalError

_CHUNK = 1 << 20
_LONGEST_NAME = 120
_MOST_REFUSALS = 100


@dataclass(frozen=True)
class Caps:
    """How much is copied at most; `depth` counts the folders above a file, the collected one included."""

    total_bytes: int
    entries: int
    depth: int = 8


@dataclass
class Collection:
    """What was copied (relative names) and what was left behind, each with its reason; both sorted at the end."""

    collected: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    refused_more: int = 0

    def refuse(self, name: str, reason: str) -> None:
        """Note what was left behind, unless there are too many already to be read by anybody."""
        if len(self.refused) < _MOST_REFUSALS:
            self.refused.append(f"{printable(name)}: {reason}")
        else:
            self.refused_more += 1

    def refusals(self) -> Sequence[str]:
        """The refusals, sorted, with a last line for those that were not listed."""
        more = [f"{self.refused_more} further entries were left behind"] if self.refused_more else []
        return (*sorted(self.refused), *more)


def collect(folder: int, into: Path, caps: Caps) -> Collection:
    """Copy what is safe below the folder of this descriptor into `into`, an existing empty folder.

    Raises:
        InternalError: the copy cannot be written, for want of space or permission.
    """
    copier = _Copier(caps)
    with ExitStack() as stack:
        destination = os.open(into, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        stack.callback(os.close, destination)
        copier.copy_folder(folder, destination, "", 1)
    copier.result.collected.sort()
    return copier.result


def name_problem(name: str) -> str:
    """Why a file of this name is left behind; empty where the name is harmless."""
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        return "its name is not valid UTF-8"
    if size > _LONGEST_NAME:
        return f"its name is longer than {_LONGEST_NAME} bytes"
    if name[0] in "-. " or name[-1] in " .":
        return "its name begins with a dash, a dot or a space, or ends with a space or a dot"
    if any(character in "\\:" for character in name):
        return "its name contains a backslash or a colon"
    if not name.isprintable():
        return "its name contains control characters"
    return ""


def printable(name: str) -> str:
    """The name as it can be shown anywhere: what no terminal or page should receive is written as an escape."""
    shown = "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in name[: _LONGEST_NAME * 2]
    )
    return shown if len(name) <= _LONGEST_NAME * 2 else f"{shown}..."


class _Copier:
    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        self._left_bytes = caps.total_bytes
        self._left_entries = caps.entries
        self.result = Collection()

    def copy_folder(self, source: int, destination: int, prefix: str, depth: int) -> None:
        with os.scandir(source) as found:
            for entry in found:
                if self._left_entries == 0:
                    self.result.refuse(prefix or ".", f"it holds more than the {self._caps.entries} entries allowed")
                    return
                self._left_entries -= 1
                self._copy_entry(source, destination, entry, prefix, depth)

    def _copy_entry(self, source: int, destination: int, entry: os.DirEntry[str], prefix: str, depth: int) -> None:
        path = f"{prefix}{entry.name}"
        problem = name_problem(entry.name)
        if problem:
            self.result.refuse(path, problem)
            return
        try:
            facts = entry.stat(follow_symlinks=False)
        except OSError as error:
            self.result.refuse(path, f"it cannot be read ({error.strerror})")
            return
        if stat.S_ISDIR(facts.st_mode):
            self._descend(source, destination, entry.name, path, depth)
        elif stat.S_ISREG(facts.st_mode):
            self._copy_file(source, destination, entry.name, path)
        else:
            self.result.refuse(path, f"it is {_kind(facts.st_mode)}, not a file")

    def _descend(self, source: int, destination: int, name: str, path: str, depth: int) -> None:
        if depth >= self._caps.depth:
            self.result.refuse(path, f"it is nested deeper than {self._caps.depth} folders")
            return
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            inner = os.open(name, flags, dir_fd=source)
        except OSError as error:
            self.result.refuse(path, f"it cannot be read ({error.strerror})")
            return
        with ExitStack() as stack:
            stack.callback(os.close, inner)
            try:
                os.mkdir(name, 0o700, dir_fd=destination)
                made = os.open(name, flags, dir_fd=destination)
            except OSError as error:
                raise _cannot_write(error) from error
            stack.callback(os.close, made)
            self.copy_folder(inner, made, f"{path}/", depth + 1)

    def _copy_file(self, source: int, destination: int, name: str, path: str) -> None:
        # Not blocking: a pipe put in the file's place must not hold us up.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        try:
            opened = os.open(name, flags, dir_fd=source)
        except OSError as error:
            self.result.refuse(path, f"it cannot be read ({error.strerror})")
            return
        with ExitStack() as stack:
            stack.callback(os.close, opened)
            facts = os.fstat(opened)
            if not stat.S_ISREG(facts.st_mode):
                self.result.refuse(path, f"it is {_kind(facts.st_mode)}, not a file")
            elif facts.st_nlink != 1:
                self.result.refuse(path, "it has a second name (a hard link)")
            elif facts.st_size > self._left_bytes:
                self.result.refuse(path, f"with it the output is larger than {self._caps.total_bytes} bytes")
            else:
                self._copy_bytes(opened, destination, name, facts.st_size)
                self.result.collected.append(path)

    def _copy_bytes(self, opened: int, destination: int, name: str, size_bytes: int) -> None:
        left = size_bytes
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            made = os.open(name, flags, 0o600, dir_fd=destination)
            with os.fdopen(made, "wb") as target:
                while left and (chunk := os.read(opened, min(left, _CHUNK))):
                    target.write(chunk)
                    left -= len(chunk)
        except OSError as error:
            raise _cannot_write(error) from error
        self._left_bytes -= size_bytes - left


def _cannot_write(error: OSError) -> InternalError:
    return InternalError(f"The worker cannot keep what the program wrote: {error.strerror}. Its disk may be full.")


def _kind(mode: int) -> str:
    kinds = (
        (stat.S_ISLNK, "a symbolic link"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISBLK, "a device"),
        (stat.S_ISCHR, "a device"),
    )
    return next((words for test, words in kinds if test(mode)), "of an unknown kind")
