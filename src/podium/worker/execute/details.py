"""The page that a scoring program writes about a submission, read while the program may still change it."""

from __future__ import annotations

import os
import stat
from itertools import islice

NAME = "detailed_results.html"
LARGEST_BYTES = 32 << 20
_MOST_ENTRIES = 1000
_ENDING = ".html"


class DetailReader:
    """Reads the page again and again from the folder that a program writes to. The folder is hostile: nothing but a
    plain file of moderate size with a single name is read, and never through a link."""

    def __init__(self) -> None:
        self._seen: tuple[str, int, int, int] | None = None

    def read_if_changed(self, folder: int) -> bytes | None:
        """The page in the folder of this descriptor; None where there is none, or it is the one read before."""
        name = _page_in(folder)
        if name is None:
            return None
        # Not blocking: a pipe in the file's place must not hold us up.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        try:
            opened = os.open(name, flags, dir_fd=folder)
        except OSError:
            return None
        try:
            facts = os.fstat(opened)
            if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1 or not 0 < facts.st_size <= LARGEST_BYTES:
                return None
            seen = (name, facts.st_ino, facts.st_size, facts.st_mtime_ns)
            if seen == self._seen:
                return None
            content = _read(opened, facts.st_size)
        except OSError:
            return None
        finally:
            os.close(opened)
        self._seen = seen
        return content


def _page_in(folder: int) -> str | None:
    """`detailed_results.html`, else the first `*.html` by name."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, _MOST_ENTRIES) if entry.name.endswith(_ENDING)]
    except OSError:
        return None
    return NAME if NAME in names else min(names, default=None)


def _read(opened: int, size_bytes: int) -> bytes:
    content = bytearray()
    while len(content) < size_bytes and (chunk := os.read(opened, size_bytes - len(content))):
        content += chunk
    return bytes(content)
