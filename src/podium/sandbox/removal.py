"""Removing what programs left in a folder, however deep they nested it and whatever rights they took from it."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count
from pathlib import Path


def remove_tree(folder: Path) -> None:
    """Remove a folder with all that is in it, as far as that is possible; nothing may write there any more.

    Folders within folders are moved up to the top before they are emptied, so that neither the length of a path nor
    the number of open files bounds how deep they may lie.
    """
    with suppress(OSError):
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            _empty(top)
        finally:
            os.close(top)
    with suppress(OSError):
        folder.rmdir()


def _empty(top: int) -> None:
    waiting = _remove_files(top)
    used = set(waiting)
    names = (name for name in map(str, count()) if name not in used)
    while waiting:
        name = waiting.pop()
        with suppress(OSError):
            # Its owner may have closed it, also against being moved from.
            os.chmod(name, 0o700, dir_fd=top)
            place = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=top)
            try:
                for inner in _remove_files(place):
                    with suppress(OSError):
                        os.chmod(inner, 0o700, dir_fd=place)
                        new = next(names)
                        os.rename(inner, new, src_dir_fd=place, dst_dir_fd=top)
                        waiting.append(new)
            finally:
                os.close(place)
            os.rmdir(name, dir_fd=top)


def _remove_files(place: int) -> list[str]:
    """Remove all that is no folder; returns the names of the folders."""
    folders = []
    with os.scandir(place) as found:
        entries = list(found)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            folders.append(entry.name)
        else:
            with suppress(OSError):
                os.unlink(entry.name, dir_fd=place)
    return folders
