"""How each mount of a command gets into a container: shown as it is, or carried into a volume."""

from __future__ import annotations

import os
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from podium.sandbox.docker.volumes import Space
from podium.sandbox.interface import Command, Mount
from podium.sandbox.readable import belongs_to_system, readable_by_all

_PAGE = 4096
_ENTRIES_OF_A_COPY = 10_000


@dataclass(frozen=True)
class Load:
    """A volume and what is carried into it: pairs of (host path, name in it, empty for the volume's own folder).

    `places` are names of empty files and folders on which other things are mounted: (name, whether a folder).
    """

    space: Space
    sources: Sequence[tuple[Path, str]]
    places: Sequence[tuple[str, bool]] = ()
    read_only: bool = True


@dataclass(frozen=True)
class Layout:
    """Everything a container mounts besides its output and its temporary folders."""

    binds: Sequence[tuple[Path, str]]
    loads: Sequence[Load]
    shared: Sequence[Mount] = field(default_factory=tuple)


def lay_out(command: Command, uid: int, *, sees_our_files: bool) -> Layout:
    """Decide for each mount of the command. What another user cannot read, or another machine, is carried.

    Raises:
        OSError: a source is missing.
    """
    binds: list[tuple[Path, str]] = []
    loads: list[Load] = []
    carried_files: dict[str, list[tuple[Path, str]]] = defaultdict(list)
    for mount in command.mounts:
        if mount.shared:
            continue
        source = mount.source.resolve(strict=True)
        if mount.copied:
            loads.append(_copy(source, mount.target, uid, command.limits.program_growth_bytes))
        elif sees_our_files and (belongs_to_system(source) or readable_by_all(source)):
            binds.append((source, mount.target))
        elif source.is_dir():
            loads.append(Load(Space(mount.target, uid, None), [(source, "")]))
        else:
            place = PurePosixPath(mount.target)
            carried_files[str(place.parent)].append((source, place.name))
    loads += [
        Load(Space(parent, uid, None), sources, tuple(_places_below(parent, command)))
        for parent, sources in carried_files.items()
    ]
    return Layout(binds, loads, tuple(mount for mount in command.mounts if mount.shared))


def _places_below(parent: str, command: Command) -> Iterator[tuple[str, bool]]:
    """What else is mounted right below the folder of a volume."""
    for mount in command.mounts:
        place = PurePosixPath(mount.target)
        if str(place.parent) == parent and (mount.source.is_dir() or mount.copied or mount.shared):
            yield place.name, True
    if str(PurePosixPath(command.output).parent) == parent:
        yield PurePosixPath(command.output).name, True


def _copy(source: Path, target: str, uid: int, growth_bytes: int) -> Load:
    size_bytes = entries = 0
    for here, folders, names in os.walk(source):
        entries += len(folders) + len(names)
        size_bytes += sum(_rounded(Path(here, name).lstat().st_size) for name in names)
    space = Space(target, uid, size_bytes + growth_bytes, entries + _ENTRIES_OF_A_COPY)
    return Load(space, [(source, "")], read_only=False)


def _rounded(size_bytes: int) -> int:
    return -(-size_bytes // _PAGE) * _PAGE


def pack(load: Load, into: IO[bytes]) -> None:
    """Write what is carried into the volume as a tar file. All of it belongs to the slot's user."""
    with tarfile.open(fileobj=into, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, is_folder in load.places:
            _add_entry(tar, name, tarfile.DIRTYPE if is_folder else tarfile.REGTYPE, load.space.uid)
        for source, name in load.sources:
            if source.is_dir():
                _add_folder(tar, source, name, load.space.uid)
            else:
                _add_file(tar, source, name, load.space.uid)


def _add_folder(tar: tarfile.TarFile, source: Path, prefix: str, uid: int) -> None:
    with os.scandir(source) as found:
        for entry in found:
            name = f"{prefix}/{entry.name}" if prefix else entry.name
            if entry.is_symlink():
                link = tarfile.TarInfo(name)
                link.type, link.linkname, link.uid, link.gid = (
                    tarfile.SYMTYPE,
                    str(Path(entry.path).readlink()),
                    uid,
                    uid,
                )
                tar.addfile(link)
            elif entry.is_dir(follow_symlinks=False):
                _add_entry(tar, name, tarfile.DIRTYPE, uid)
                _add_folder(tar, Path(entry.path), name, uid)
            elif entry.is_file(follow_symlinks=False):
                _add_file(tar, Path(entry.path), name, uid)


def _add_entry(tar: tarfile.TarFile, name: str, kind: bytes, uid: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.uid, entry.gid = kind, uid, uid
    entry.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    tar.addfile(entry)


def _add_file(tar: tarfile.TarFile, source: Path, name: str, uid: int) -> None:
    with source.open("rb") as content:
        facts = os.fstat(content.fileno())
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.uid, entry.gid = facts.st_size, facts.st_mtime, uid, uid
        entry.mode = 0o755 if facts.st_mode & 0o111 else 0o644
        tar.addfile(entry, content)
