"""The back ends by their names."""

from __future__ import annotations

from pathlib import Path

from podium.rules.errors import UserError
from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.interface import Sandbox

DEFAULT = BubblewrapSandbox.name


def open_sandbox(name: str, slot: int, work_folder: Path) -> Sandbox:
    """A sandbox of the back end of that name, for one slot of a worker.

    Raises:
        UserError: there is no such back end.
        SandboxUnavailable: it cannot be used on this machine.
    """
    if name == BubblewrapSandbox.name:
        return BubblewrapSandbox(slot, work_folder)
    raise UserError("sandbox-unknown", f"There is no sandbox {name!r}.", f"Choose {DEFAULT}.")
