"""The Linux calls that Python's library lacks: namespaces, mounts and the flags of a process."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_REC = 0x4000
MS_SLAVE = 0x80000

_AT_EMPTY_PATH = 0x1000
_AT_RECURSIVE = 0x8000
_OPEN_TREE_CLONE = 0x1
_MOVE_MOUNT_F_EMPTY_PATH = 0x4
_MOUNT_ATTR_IDMAP = 0x00100000

# These have the same number on every architecture that is younger than they are.
_SYS_OPEN_TREE = 428
_SYS_MOVE_MOUNT = 429
_SYS_MOUNT_SETATTR = 442

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("user_namespace", ctypes.c_uint64),
    )


def told(error: OSError | ValueError) -> str:
    """An error in words, without its number."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    return f"{error.strerror}: {error.filename}" if error.filename else error.strerror


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` for new ones."""
    _checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def mount_tmpfs(target: str, *, size_bytes: int, entries: int, mode: int, uid: int | None = None) -> None:
    """Mount an empty file system in memory that holds at most so many bytes and files."""
    options = f"size={size_bytes},nr_inodes={entries},mode={mode:o}"
    if uid is not None:
        options += f",uid={uid}"
    result = _libc.mount(
        b"tmpfs", os.fsencode(target), b"tmpfs", ctypes.c_ulong(MS_NOSUID | MS_NODEV), options.encode()
    )
    _checked(result, f"mount a tmpfs on {target}")


def receive_mounts_only() -> None:
    """Let later mounts of the host appear in this namespace, and none of this namespace in the host."""
    _checked(_libc.mount(b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_SLAVE), None), "make / a slave mount")


def clone_tree(path: str) -> int:
    """A descriptor of a copy of the mounts at `path`, attached nowhere yet."""
    flags = _OPEN_TREE_CLONE | _AT_RECURSIVE | os.O_CLOEXEC
    call = _libc.syscall(ctypes.c_long(_SYS_OPEN_TREE), ctypes.c_int(-100), os.fsencode(path), ctypes.c_uint(flags))
    return _checked(call, f"open {path}")


def attach_tree(tree: int, target: str) -> None:
    """Attach what `clone_tree` returned to an existing file or folder."""
    call = _libc.syscall(
        ctypes.c_long(_SYS_MOVE_MOUNT),
        ctypes.c_int(tree),
        b"",
        ctypes.c_int(-100),
        os.fsencode(target),
        ctypes.c_uint(_MOVE_MOUNT_F_EMPTY_PATH),
    )
    _checked(call, f"attach to {target}")


def map_owner(tree: int, user_namespace: int) -> bool:
    """Show the files of a cloned tree with other owners; False where the file system or the kernel cannot."""
    attributes = _MountAttributes(_MOUNT_ATTR_IDMAP, 0, 0, user_namespace)
    result = _libc.syscall(
        ctypes.c_long(_SYS_MOUNT_SETATTR),
        ctypes.c_int(tree),
        b"",
        ctypes.c_uint(_AT_EMPTY_PATH | _AT_RECURSIVE),
        ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )
    return int(result) == 0


def write_own_maps(uid: int, gid: int) -> None:
    """Make one user and one group of the parent namespace known, by the same numbers, in the one just entered."""
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="ascii")


def _prctl(option: int, value: int, what: str) -> None:
    zero = ctypes.c_ulong(0)
    _checked(_libc.prctl(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero), what)


def become_subreaper() -> None:
    """Become the parent of every descendant whose own parent dies."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, "become a subreaper")


def die_with_parent(signal_number: int) -> None:
    """Receive a signal when the thread that started this process ends; a change of user cancels it."""
    _prctl(_PR_SET_PDEATHSIG, signal_number, "ask for a signal")


def forbid_new_privileges() -> None:
    """Make setuid programs and file capabilities powerless for this process and its descendants."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1, "forbid new privileges")
