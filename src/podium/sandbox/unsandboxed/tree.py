"""A folder of the worker in which a program finds what it would find at fixed places in a sandbox.

Programs expect `/app/input` and the like. Without namespaces these paths cannot be given to them, so they are replaced
by the real ones: in the command, in variables, and in text files of a program's own copy. A program that puts such a
path together from pieces does not find it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from podium.sandbox.interface import Command, Mount, Root

TEMPORARY = "/tmp"  # noqa: S108 - the path inside
_MOST_LINKS = 20
_LARGEST_TEXT_BYTES = 1 << 20
_PARTS_OF_TOP = 2


@dataclass
class Tree:
    """The real places of paths inside, below `folder`, an empty folder."""

    folder: Path
    _places: dict[str, Path] = field(default_factory=dict)

    def lay_out(self, command: Command) -> Path:
        """Make what the command mounts, and its output; returns the real output folder.

        Raises:
            OSError: a source is missing, or the disk is full.
        """
        for source, target in command.root.binds:
            self._places[target] = source
        targets = [mount.target for mount in command.mounts] + [command.output]
        for mount in sorted(command.mounts, key=lambda mount: mount.target.count("/")):
            self._place(mount, [target for target in targets if target.startswith(f"{mount.target}/")])
        for target in (command.output, TEMPORARY):
            if target not in self._places:
                place = self._real(target)
                place.mkdir(parents=True)
                self._places[target] = place
        for target in targets:
            for parent in PurePosixPath(target).parents:
                # `/app/input` above `/app/input/ref`, but not `/app`.
                if len(parent.parts) > _PARTS_OF_TOP:
                    self._places.setdefault(str(parent), self._real(str(parent)))
        for mount in command.mounts:
            if mount.copied:
                self._translate_files(self._places[mount.target])
        return self._places[command.output]

    def _translate_files(self, folder: Path) -> None:
        for here, _, names in os.walk(folder):
            for path in (Path(here, name) for name in names):
                if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST_TEXT_BYTES:
                    continue
                content = path.read_bytes()
                with suppress(UnicodeDecodeError):
                    translated = self.translate(content.decode("utf-8")).encode()
                    if translated != content:
                        path.chmod(path.stat().st_mode | 0o200)
                        path.write_bytes(translated)

    def _place(self, mount: Mount, targets_below: list[str]) -> None:
        source, place = mount.source.resolve(strict=True), self._real(mount.target)
        place.parent.mkdir(parents=True, exist_ok=True)
        if mount.copied:
            shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True)
        elif targets_below and source.is_dir():
            place.mkdir(exist_ok=True)
            taken = {target[len(mount.target) + 1 :].split("/")[0] for target in targets_below}
            for entry in source.iterdir():
                if entry.name not in taken:
                    (place / entry.name).symlink_to(entry)
        else:
            place.symlink_to(source)
        self._places[mount.target] = place

    def _real(self, inside: str) -> Path:
        return self.folder / inside.lstrip("/")

    def real_path(self, inside: str) -> str:
        """The real path of one that is meant inside."""
        for target in sorted(self._places, key=len, reverse=True):
            if inside == target or inside.startswith(f"{target}/"):
                return f"{self._places[target]}{inside[len(target) :]}"
        return inside

    def translate(self, text: str) -> str:
        """The text with every path inside that it names replaced by the real one; `/tmp` stays the machine's."""
        targets = sorted((target for target in self._places if target != TEMPORARY), key=len, reverse=True)
        if not targets:
            return text
        pattern = rf"(?<![\w./-])(?:{'|'.join(map(re.escape, targets))})(?![\w.-])"
        return re.sub(pattern, lambda found: str(self._places[found.group()]), text)

    def find_program(self, word: str, root: Root, working_directory: str) -> Path | None:
        """The real file of a command's first word; None where there is none that can be run."""
        if "/" in word:
            candidates = [word if word.startswith("/") else f"{working_directory}/{word}"]
        else:
            candidates = [f"{folder}/{word}" for folder in root.path]
        found = (self._follow(candidate) for candidate in candidates)
        return next(
            (path for path in found if path is not None and path.is_file() and path.stat().st_mode & 0o111), None
        )

    def _follow(self, inside: str) -> Path | None:
        """The real file behind links that lead to places inside."""
        path = Path(self.real_path(inside))
        for _ in range(_MOST_LINKS):
            if not path.is_symlink():
                return path
            link = path.readlink()
            path = Path(self.real_path(str(link))) if link.is_absolute() else path.parent / link
        return None


def python_variables(root: Root, program: Path) -> Mapping[str, str]:
    """What makes an interpreter find the packages of a runtime, which was laid out to be seen at another place."""
    for source, _ in root.binds:
        if (source / "pyvenv.cfg").is_file():
            packages = next(iter(sorted(source.glob("lib/python3.*/site-packages"))), None)
            if packages is not None:
                home = {"PYTHONHOME": str(program.parents[1])} if program.name.startswith("python") else {}
                return {"PYTHONPATH": str(packages), **home}
    return {}
