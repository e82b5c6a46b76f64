"""Users of slots: numbers that no account has, each held by one sandbox of this machine at a time.

The kernel counts the processes of a user, whoever started them. Two sandboxes with one user, of two workers perhaps,
would take each other's share of that limit. So a sandbox holds a lock on a file that stands for its user. The kernel
lets go of it when the process ends, however it ends, and a number with processes left is taken by nobody.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import weakref
from contextlib import suppress
from itertools import chain
from pathlib import Path

from podium.rules.errors import SandboxUnavailable

PLACE = Path("/run/podium-slot-users")
"""The folder of the locks. Only root may write there, or a program could hold what it wants others not to have."""

NUMBERS = (range(61_000, 61_184), range(66_000, 68_000))
"""The users of slots, in this order: numbers that Debian gives to nobody, and systemd neither."""


class SlotUser:
    """The user of a slot. Where `is_own`, no other sandbox of this machine has it as long as this object lives."""

    def __init__(self, uid: int, lock: int | None = None) -> None:
        self.uid = uid
        self.is_own = lock is not None
        if lock is not None:
            weakref.finalize(self, os.close, lock)


def reserve_user(place: Path = PLACE, proc: Path = Path("/proc")) -> SlotUser:
    """A user for a sandbox of this process; only root can have one.

    Raises:
        SandboxUnavailable: all are taken, or the locks cannot be kept.
    """
    try:
        folder = _opened(place)
        try:
            for uid in chain(*NUMBERS):
                lock = _locked(folder, uid)
                if lock is None:
                    continue
                if not _is_account(uid) and uid not in _users_of_processes(proc):
                    return SlotUser(uid, lock)
                os.close(lock)
        finally:
            os.close(folder)
    except OSError as error:
        message = f"The users of slots cannot be kept apart: {error.strerror} ({place})."
        raise SandboxUnavailable(message, f"Let root make {place} and lock files in it.") from error
    raise SandboxUnavailable(f"All {sum(map(len, NUMBERS))} users of slots are taken.", "Give workers fewer slots.")


def _opened(place: Path) -> int:
    # Bare images of containers have no /run.
    place.parent.mkdir(mode=0o755, exist_ok=True)
    with suppress(FileExistsError):
        place.mkdir(mode=0o700)
    folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    facts = os.fstat(folder)
    if facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
        os.close(folder)
        raise PermissionError(1, "Others than root can write there")
    return folder


def _locked(folder: int, uid: int) -> int | None:
    """A descriptor that holds the lock of a user; None where somebody else has it. The file is never removed: a lock
    on one that is gone would keep nobody out."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    lock = os.open(str(uid), flags, 0o600, dir_fd=folder)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    except OSError:
        os.close(lock)
        raise
    return lock


def _is_account(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _users_of_processes(proc: Path) -> set[int]:
    """The users of all processes: of a worker that was killed a moment ago, some may still be dying."""
    found: set[int] = set()
    for process in proc.glob("[0-9]*"):
        with suppress(OSError):
            lines = (process / "status").read_text(encoding="utf-8", errors="replace").splitlines()
            users = next((line for line in lines if line.startswith("Uid:")), "Uid:")
            found |= {int(uid) for uid in users.split()[1:]}
    return found
