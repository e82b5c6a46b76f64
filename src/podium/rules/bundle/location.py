"""Where competition.yaml lies in a bundle."""

from __future__ import annotations

from dataclasses import dataclass

from podium.rules.bundle.paths import is_clutter
from podium.rules.bundle.source import BundleSource
from podium.rules.errors import Problem

_PROPER_NAME = "competition.yaml"
_NAMES = (_PROPER_NAME, "competition.yml")
_DEEPEST = 3


@dataclass(frozen=True)
class Location:
    """The file `name`, in the folder `root` ("" at the top), and notes about how it was found."""

    name: str
    root: str
    notes: tuple[Problem, ...]


def locate_yaml(source: BundleSource) -> Location | Problem:
    """The competition.yaml nearest to the top, or the problem that there is none, or no single one."""
    candidates = [name for name in source.names() if _is_candidate(name)]
    if not candidates:
        return _nothing_found(source)
    depth = min(name.count("/") for name in candidates)
    nearest = sorted(name for name in candidates if name.count("/") == depth)
    folders = sorted({name.rpartition("/")[0] for name in nearest})
    if len(folders) > 1:
        message = f"There are several competition.yaml: in {', '.join(folders[:5])}."
        return Problem("bundle-several", message, "Send one competition at a time.")
    name = min(nearest, key=lambda path: _NAMES.index(path.rpartition("/")[2].lower()))
    return Location(name, folders[0], tuple(_notes(name, folders[0], nearest)))


def _is_candidate(name: str) -> bool:
    return name.rpartition("/")[2].lower() in _NAMES and name.count("/") <= _DEEPEST and not is_clutter(name)


def _notes(name: str, root: str, nearest: list[str]) -> list[Problem]:
    notes = []
    base = name.rpartition("/")[2]
    if root:
        message = f'The bundle lies in the folder "{root}"; its content is taken as the bundle.'
        hint = "Other platforms need competition.yaml at the top of the zip."
        notes.append(Problem("bundle-nested", message, hint, file=name, severity="note"))
    if base != _PROPER_NAME:
        message = f'"{base}" is taken as {_PROPER_NAME}.'
        hint = f"Name it {_PROPER_NAME} for other platforms."
        notes.append(Problem("bundle-file-name", message, hint, file=name, severity="note"))
    for other in nearest:
        if other != name:
            message = f'"{other}" is ignored because there is "{name}".'
            notes.append(Problem("bundle-file-ignored", message, "Keep one of the two.", file=other, severity="note"))
    return notes


def _nothing_found(source: BundleSource) -> Problem:
    top = sorted({name.partition("/")[0] for name in source.names() if not is_clutter(name)})
    message = "There is no competition.yaml in the bundle"
    message += f"; it has {', '.join(top[:8])}{' and more' if len(top) > 8 else ''}." if top else "; it is empty."
    return Problem("bundle-no-yaml", message, "Put competition.yaml at the top of the bundle.")
