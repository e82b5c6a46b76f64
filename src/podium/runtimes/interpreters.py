"""Find a CPython on this machine that a runtime can be built on. Nothing is ever downloaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from uv import find_uv_bin

_QUERY = """
import json, platform, sys, sysconfig
print(json.dumps({
    "executable": getattr(sys, "_base_executable", None) or sys.executable,
    "prefix": sys.base_prefix,
    "version": platform.python_version(),
    "implementation": sys.implementation.name,
    "machine": platform.machine(),
    "shared": bool(sysconfig.get_config_var("Py_ENABLE_SHARED")),
}))
"""
_QUERY_TIMEOUT_S = 20


@dataclass(frozen=True)
class Interpreter:
    """A CPython outside any virtual environment.

    `shared` is true where its library is a file of its own that the loader has to find.
    """

    executable: Path
    prefix: Path
    version: str
    machine: str
    shared: bool

    @property
    def minor(self) -> int:
        """The y of Python 3.y."""
        return int(self.version.split(".")[1])


def find_interpreter(minors: Sequence[int]) -> Interpreter | None:
    """The CPython 3 of one of these minor versions: the one Podium runs on if it fits, else the first one found."""
    for candidate in _candidates(minors):
        found = _query(candidate)
        if found is not None and found.minor in minors:
            return found
    return None


def _candidates(minors: Sequence[int]) -> Iterator[str]:
    yield sys.executable
    for minor in minors:
        for folder in os.get_exec_path():
            path = Path(folder) / f"python3.{minor}"
            if path.is_file():
                yield str(path)
    yield from _known_to_uv()


def _known_to_uv() -> list[str]:
    """Interpreters that uv has installed or knows where to look for."""
    command = [find_uv_bin(), "python", "list", "--only-installed", "--no-python-downloads", "--output-format", "json"]
    try:
        answer = subprocess.run(command, capture_output=True, check=True, timeout=_QUERY_TIMEOUT_S)  # noqa: S603
        return [str(entry["path"]) for entry in json.loads(answer.stdout)]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return []


@lru_cache(maxsize=64)
def _query(executable: str) -> Interpreter | None:
    try:
        answer = subprocess.run(  # noqa: S603
            [executable, "-I", "-c", _QUERY], capture_output=True, check=True, timeout=_QUERY_TIMEOUT_S
        )
        found = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        # A version manager's placeholder for a version that is not installed, for example.
        return None
    if found["implementation"] != "cpython":
        return None
    return Interpreter(
        executable=Path(found["executable"]).resolve(),
        prefix=Path(found["prefix"]).resolve(),
        version=found["version"],
        machine=found["machine"],
        shared=found["shared"],
    )
