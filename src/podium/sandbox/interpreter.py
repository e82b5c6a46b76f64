"""The interpreter that runs Podium, as a runtime of its own for small programs of ours."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from podium.sandbox.interface import Root


def interpreter_root() -> Root:
    """The system's files and the interpreter that runs Podium, without any package."""
    folders = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache")
    shown = [(Path(folder), folder) for folder in folders if Path(folder).exists()]
    prefix = Path(sys.base_prefix).resolve()
    if not prefix.is_relative_to("/usr"):
        shown.append((prefix, str(prefix)))
    return Root(tuple(shown), (str(prefix / "bin"), "/usr/bin", "/bin"))


def interpreter() -> str:
    """The interpreter's path, the same inside `interpreter_root` as outside."""
    return os.path.realpath(sys.executable)
