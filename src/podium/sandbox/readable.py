"""Whether another user than ours can read what is shown to a program."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def readable_by_all(source: str | Path) -> bool:
    """Whether every user can read this file, or enter this folder and read all that is in it."""
    top = Path(source).stat()
    if not stat.S_ISDIR(top.st_mode):
        return bool(top.st_mode & 0o004)
    for folder, _, names in os.walk(source):
        if Path(folder).stat().st_mode & 0o005 != 0o005:
            return False
        if any(not Path(folder, name).lstat().st_mode & 0o004 for name in names):
            return False
    return True


def belongs_to_system(source: str | Path) -> bool:
    """Whether everybody can read this anyway."""
    text = str(source)
    return text.startswith(("/usr/", "/etc/")) or text in {"/usr", "/bin", "/sbin", "/lib", "/lib64"}
