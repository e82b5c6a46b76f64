"""The back ends by their names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from podium.rules.errors import UserError
from podium.rules.unsandboxed import UNSANDBOXED
from podium.sandbox.interface import Sandbox

VARIABLE = "PODIUM_SANDBOX"
BUBBLEWRAP, DOCKER, NONE = "bubblewrap", "docker", UNSANDBOXED
NAMES = (BUBBLEWRAP, DOCKER, NONE)
DEFAULT = BUBBLEWRAP


def chosen(environment: Mapping[str, str]) -> str:
    """The back end that PODIUM_SANDBOX names, the default where it names none.

    Raises:
        UserError: there is no such back end (`sandbox-unknown`).
    """
    return known(environment.get(VARIABLE, "").strip() or DEFAULT)


def known(name: str) -> str:
    """The name, if it is one of a back end.

    Raises:
        UserError: there is no such back end (`sandbox-unknown`).
    """
    if name not in NAMES:
        raise UserError("sandbox-unknown", f"There is no sandbox called {name!r}.", f"Choose {', '.join(NAMES)}.")
    return name


def open_sandbox(name: str, slot: int, work_folder: Path) -> Sandbox:
    """The back end of that name for one slot of a worker. Never another one than was asked for.

    `slot` counts from 0 and is unique among those that share `work_folder`, which tells workers of one machine apart;
    the two programs of a step get an even one and the next. What a killed worker left behind for this slot is removed.

    Raises:
        SandboxUnavailable: it cannot be had here; the message ends with what to do.
        UserError: there is no such back end (`sandbox-unknown`), or one of its settings makes no sense.
    """
    # Each is imported where it is used: a worker needs one, and pays for no other.
    if known(name) == DOCKER:
        from podium.sandbox.docker import DockerSandbox

        return DockerSandbox(slot, work_folder)
    if name == NONE:
        from podium.sandbox.unsandboxed.sandbox import UnsandboxedSandbox

        return UnsandboxedSandbox(slot, work_folder)
    from podium.sandbox.bubblewrap import BubblewrapSandbox

    return BubblewrapSandbox(slot, work_folder)
