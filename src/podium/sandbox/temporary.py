"""Temporary folders of processes that may be killed at any moment: what they leave is removed by those that follow."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from podium.sandbox.removal import remove_tree


@contextmanager
def temporary_folder(prefix: str, within: Path | None = None) -> Iterator[Path]:
    """A folder of mode 0700, removed with all that is in it when the context ends; as far as that is possible.

    Its name begins with `prefix`; it lies in `within`, else where temporary files lie on this machine. While the
    context is open, `remove_left_behind` leaves it alone.
    """
    folder, lock = _made(prefix, within)
    try:
        yield folder
    finally:
        remove_tree(folder)
        os.close(lock)


def remove_left_behind(prefix: str, within: Path | None = None) -> int:
    """Remove the folders of that kind whose process was killed. Returns how many there were."""
    removed = 0
    for folder in (within or Path(tempfile.gettempdir())).glob(f"{prefix}*"):
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove_tree(folder)
                removed += 1
            finally:
                os.close(lock)
    return removed


def _made(prefix: str, within: Path | None) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
        # Somebody may take it for one left behind before it is locked.
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return folder, lock
        os.close(lock)


@contextmanager
def own_folder(name: str, within: Path) -> Iterator[Path]:
    """A lasting folder in `within` that no other process has while the context is open: `name`, or the first of
    `name-2`, `name-3` and so on that is free."""
    within.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        folder = within / (name if number == 1 else f"{name}-{number}")
        folder.mkdir(exist_ok=True)
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if _is_ours(lock):
                yield folder
                return
        finally:
            os.close(lock)


def _is_ours(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
