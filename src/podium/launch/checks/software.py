"""The programs that Podium rests on."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version

from podium.launch.checks.check import Check
from podium.runtimes import built, shipped_names

_OLDEST, _FIRST_UNTRIED = (3, 11), (3, 14)


def check_software() -> Iterator[Check]:
    """Whether Python is one that Podium was tried with, and which runtimes are built here."""
    said = f"Podium {version('podium')} under Python {platform.python_version()}."
    if _OLDEST <= sys.version_info[:2] < _FIRST_UNTRIED:
        yield Check("software", "in order", said)
    else:
        yield Check("software", "attention", said, "Use Python 3.11, 3.12 or 3.13, with which it was tried.")
    yield _runtimes()


def _runtimes() -> Check:
    ready = [name for name in shipped_names() if built(name) is not None]
    missing = [name for name in shipped_names() if name not in ready]
    later = f" Built when first needed: {', '.join(missing)}." if missing else ""
    if ready:
        return Check("runtimes", "in order", f"Built on this machine: {', '.join(ready)}.{later}")
    return Check(
        "runtimes",
        "attention",
        f"None is built on this machine.{later}",
        f"If a worker runs here, the first run waits for it; `podium runtime build {missing[0]}` builds it now.",
    )
