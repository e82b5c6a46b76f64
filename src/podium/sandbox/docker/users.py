"""The users of containers: one for the two programs of a step, which share files."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from threading import Lock

from podium.sandbox.slot_users import NUMBERS, SlotUser, reserve_user

_users: weakref.WeakValueDictionary[tuple[Path, int], SlotUser] = weakref.WeakValueDictionary()
_users_lock = Lock()


def user_of_pair(work_folder: Path, slot: int) -> SlotUser:
    """The user of an even slot and of the next one; that of another worker too where this one is not root.

    Raises:
        SandboxUnavailable: all are taken, or they cannot be kept apart.
    """
    key = (work_folder.resolve(), slot // 2)
    with _users_lock:
        user = _users.get(key)
        if user is None:
            user = reserve_user() if os.geteuid() == 0 else SlotUser(NUMBERS[0].start + slot // 2)
            _users[key] = user
        return user
