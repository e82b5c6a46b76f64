"""Lay out, in the mount namespace of one run, all that the run may see, where the slot's user can reach it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from podium.sandbox.keeper import kernel
from podium.sandbox.keeper.arguments import SHARED_MEMORY, TEMPORARY
from podium.sandbox.keeper.order import Bind, Order
from podium.sandbox.readable import belongs_to_system, readable_by_all

# bwrap needs this folder too; what the host keeps there stays reachable, because it is opened before it is covered.
STAGE = "/tmp"  # noqa: S108

_PAGE = 4096
_ENTRIES_OF_A_COPY = 10_000
_ENTRIES_OF_TEMPORARY = 100_000


@dataclass(frozen=True)
class Staged:
    """Where each target's content lies now, and a descriptor of the output folder (None without a private one)."""

    places: dict[str, str]
    output: int | None


def lay_out(order: Order, owners: int | None) -> Staged:
    """Mount everything the order names below STAGE. `owners` is a user namespace that shows root's files as the slot's.

    Raises:
        OSError: a source is missing, or this kernel cannot do what is needed.
    """
    sources = _open_sources(order.binds, owners)
    mine = os.geteuid() if order.slot_uid is None else order.slot_uid
    kernel.mount_tmpfs(STAGE, size_bytes=1 << 20, entries=4096, mode=0o755)
    places: dict[str, str] = {}
    for number, (bind, source) in enumerate(zip(order.binds, sources, strict=True)):
        place = f"{STAGE}/{number}"
        _make_mount_point(place, is_folder=stat.S_ISDIR(os.fstat(source).st_mode))
        if bind.kind == "copy":
            place = _copy(source, place, bind, mine)
        else:
            kernel.attach_tree(source, place)
        os.close(source)
        places[bind.target] = place
    spaces = {TEMPORARY: order.temporary_bytes, SHARED_MEMORY: order.shared_memory_bytes}
    for number, (target, size_bytes) in enumerate(spaces.items()):
        places[target] = f"{STAGE}/space-{number}"
        _space(places[target], size_bytes, _ENTRIES_OF_TEMPORARY, 0o1777, mine)
    if order.output is None:
        return Staged(places, None)
    places[order.output] = f"{STAGE}/output"
    # A page and a file more than allowed: when these are used too, more than allowed was wanted.
    _space(places[order.output], order.output_bytes + _PAGE, order.output_entries + 2, 0o755, mine)
    return Staged(places, os.open(places[order.output], os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))


def _open_sources(binds: Sequence[Bind], owners: int | None) -> list[int]:
    sources = []
    for bind in binds:
        tree = kernel.clone_tree(bind.source)
        if owners is not None and bind.kind == "read" and not belongs_to_system(bind.source):
            _show_to_slot(tree, bind.source, owners)
        sources.append(tree)
    return sources


def _show_to_slot(tree: int, source: str, owners: int) -> None:
    if kernel.map_owner(tree, owners) or readable_by_all(source):
        return
    message = (
        f"{source} is readable by root alone, and its file system cannot show it to another user; "
        f"type `chmod -R o+rX {source}` or keep it on ext4, XFS or Btrfs"
    )
    raise PermissionError(message)


def _make_mount_point(place: str, *, is_folder: bool) -> None:
    if is_folder:
        Path(place).mkdir(mode=0o755)
    else:
        Path(place).touch(mode=0o644)


def _space(place: str, size_bytes: int, entries: int, mode: int, uid: int) -> None:
    Path(place).mkdir(mode=0o755)
    kernel.mount_tmpfs(place, size_bytes=max(size_bytes, _PAGE), entries=entries, mode=mode, uid=uid)


def _copy(source: int, place: str, bind: Bind, uid: int) -> str:
    """Copy a folder into a file system of its own, and return where that is."""
    kernel.attach_tree(source, place)
    used_bytes, entries = _measure(place)
    space = f"{place}-copy"
    _space(space, used_bytes + bind.growth_bytes, entries + _ENTRIES_OF_A_COPY, 0o755, uid)
    _copy_folder(place, space, uid)
    return space


def _rounded(size_bytes: int) -> int:
    return -(-size_bytes // _PAGE) * _PAGE


def _measure(folder: str) -> tuple[int, int]:
    size_bytes = entries = 0
    for here, folders, names in os.walk(folder):
        entries += len(folders) + len(names)
        size_bytes += sum(_rounded(Path(here, name).lstat().st_size) for name in names) + _PAGE * len(folders)
    return size_bytes, entries


def _copy_folder(source: str, destination: str, uid: int) -> None:
    with os.scandir(source) as found:
        for entry in found:
            target = f"{destination}/{entry.name}"
            if entry.is_symlink():
                Path(target).symlink_to(Path(entry.path).readlink())
                os.lchown(target, uid, -1)
            elif entry.is_dir(follow_symlinks=False):
                Path(target).mkdir(mode=0o755)
                os.chown(target, uid, -1)
                _copy_folder(entry.path, target, uid)
            elif entry.is_file(follow_symlinks=False):
                _copy_file(entry.path, target, uid)


def _copy_file(source: str, target: str, uid: int) -> None:
    shutil.copyfile(source, target, follow_symlinks=False)
    # Compiled modules are found stale where the time of their source is another one.
    facts = Path(source).stat()
    os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    Path(target).chmod(0o755 if facts.st_mode & 0o111 else 0o644)
    os.chown(target, uid, -1)
