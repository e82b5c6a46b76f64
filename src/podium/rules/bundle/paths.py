"""Names of files inside a bundle: always relative, always below it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class PathFault:
    """Why a name cannot be used: a stable `code`, and `reason`, which completes "The name ... "."""

    code: str
    reason: str


def tidy_path(name: str) -> str | PathFault:
    """The name without `./`, doubled and closing slashes, or the fault that makes it unusable.

    The result never is empty, never starts with `/` and has no `..`: joined to a folder it stays below it.
    """
    fault = _fault_of(name)
    if fault is not None:
        return fault
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts:
        return PathFault("path-empty", "names no file or folder inside the bundle")
    return "/".join(parts)


def _fault_of(name: str) -> PathFault | None:
    if "\\" in name:
        return PathFault("path-backslash", "has a backslash; folders are separated by /")
    if name.startswith("/") or _DRIVE.match(name):
        return PathFault("path-absolute", "is absolute; write it relative to the folder of competition.yaml")
    if ".." in name.split("/"):
        return PathFault("path-outside", "leads out of the bundle by `..`; put the file into it")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        return PathFault("path-characters", "has control characters")
    return None


def is_clutter(name: str) -> bool:
    """True for what macOS leaves in archives and folders: the `__MACOSX` tree and `.DS_Store` files."""
    parts = name.split("/")
    return parts[0] == "__MACOSX" or parts[-1] == ".DS_Store"
