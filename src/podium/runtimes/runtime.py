"""A built runtime, and the file system that programs see when they run in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

PACKAGES_INSIDE = "/opt/podium/runtime"
"""Where the folder of the runtime lies for the programs that run in it."""

PYTHON_INSIDE = "/opt/podium/python"
"""Where the interpreter lies for them, if it is not the system's own below /usr."""

_SYSTEM = Path("/usr")
_SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SYSTEM_SETTINGS = ("/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache")

_ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108 - the private temporary folder inside the sandbox
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp/.matplotlib",  # noqa: S108
    "PYTHONUNBUFFERED": "1",
    "VIRTUAL_ENV": PACKAGES_INSIDE,
    "XDG_CACHE_HOME": "/tmp/.cache",  # noqa: S108
}


@dataclass(frozen=True)
class Runtime:
    """An environment that programs run in.

    `folder` is a virtual environment, laid out to be seen at PACKAGES_INSIDE. `digest` is the sha256 of what it was
    made from (list of packages, version of Python, kind of machine): the same on every machine that built the same.
    `prefix` is the folder of the base installation that `interpreter` belongs to.
    """

    name: str
    folder: Path
    digest: str
    interpreter: Path
    python_version: str
    prefix: Path
    shared_library: bool = False

    image: ClassVar[str] = ""
    """It is no image, but files of this machine."""

    @property
    def binds(self) -> tuple[tuple[Path, str], ...]:
        """What programs see, read-only: (path here, path inside)."""
        shown = [(Path(name), name) for name in (*_SYSTEM_FOLDERS, *_SYSTEM_SETTINGS) if Path(name).exists()]
        shown.append((self.folder, PACKAGES_INSIDE))
        if not lies_in_system(self.prefix):
            shown.append((self.prefix, PYTHON_INSIDE))
        return tuple(shown)

    @property
    def path(self) -> tuple[str, ...]:
        """The folders of PATH inside, in order."""
        return (f"{PACKAGES_INSIDE}/bin", "/usr/local/bin", "/usr/bin", "/bin")

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables that programs find set."""
        if self.shared_library and not lies_in_system(self.prefix):
            # An interpreter that was moved no longer finds its own library by itself.
            return {**_ENVIRONMENT, "LD_LIBRARY_PATH": f"{PYTHON_INSIDE}/lib"}
        return _ENVIRONMENT


@dataclass(frozen=True)
class ImageRuntime:
    """A container image in the place of a runtime. `digest` is its id in the engine that has it."""

    name: str
    digest: str

    binds: tuple[tuple[Path, str], ...] = ()
    path: tuple[str, ...] = ()

    @property
    def image(self) -> str:
        """What to run: the very image that was found under the name."""
        return self.digest

    @property
    def environment(self) -> Mapping[str, str]:
        """Nothing beside what the image itself sets."""
        return {}


AnyRuntime = Runtime | ImageRuntime


def lies_in_system(prefix: Path) -> bool:
    """Whether an installation is below /usr, which programs see anyway."""
    return prefix.is_relative_to(_SYSTEM)


def inside(path: Path, prefix: Path) -> str:
    """Where a file of the base installation `prefix` lies for programs."""
    if lies_in_system(prefix):
        return str(path)
    return f"{PYTHON_INSIDE}/{path.relative_to(prefix)}"
