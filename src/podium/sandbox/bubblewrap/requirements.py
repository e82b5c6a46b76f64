"""What this machine must offer, and the exact line to type where it does not."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass

from podium.rules.errors import SandboxUnavailable

_DISABLE_USERNS_SINCE = (0, 8)
_JSON_STATUS_SINCE = (0, 5)


@dataclass(frozen=True)
class Bwrap:
    """The bubblewrap program of this machine."""

    path: str
    version: tuple[int, ...]

    @property
    def disables_userns(self) -> bool:
        """Whether it can forbid further user namespaces by itself; the system call filter forbids them anyway."""
        return self.version >= _DISABLE_USERNS_SINCE


def find_bwrap(path: str | None = None) -> Bwrap:
    """Find bubblewrap; `path` is a PATH to look in, by default the process's own.

    Raises:
        SandboxUnavailable: it is not installed, or too old.
    """
    found = shutil.which("bwrap", path=path)
    if found is None:
        raise SandboxUnavailable("The program bwrap is not installed.", "Type: apt install bubblewrap")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    numbers = re.findall(r"\d+", said.stdout)
    version = tuple(int(number) for number in numbers)
    if version < _JSON_STATUS_SINCE:
        message = f"bubblewrap {said.stdout.strip() or 'of unknown version'} is too old; 0.5 or newer is needed."
        raise SandboxUnavailable(message, "Type: apt install bubblewrap")
    return Bwrap(found, version)
