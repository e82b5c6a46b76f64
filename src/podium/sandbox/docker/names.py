"""What the back end calls what it makes in the engine, so that it finds again what a killed worker left."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

SLOT_LABEL = "podium.slot"
SHARED_LABEL = "podium.shared"
OWNER_LABEL = "podium.owner"


@dataclass(frozen=True)
class Names:
    """Of one slot of the workers that share `folder`; two machines on one engine are told apart by their ids."""

    folder: Path
    slot: int

    @property
    def worker(self) -> str:
        """The workers of this folder on this machine."""
        try:
            machine = Path("/etc/machine-id").read_text(encoding="ascii").strip()
        except OSError:
            machine = os.uname().nodename
        return hashlib.sha256(f"{machine}:{self.folder.resolve()}".encode()).hexdigest()[:12]

    @property
    def of_slot(self) -> dict[str, str]:
        """The label of everything that one run in this slot makes."""
        return {SLOT_LABEL: f"{self.worker}-{self.slot}"}

    @property
    def of_shared(self) -> dict[str, str]:
        """The labels of a folder that two slots share: the process that made it removes it."""
        return {SHARED_LABEL: self.worker, OWNER_LABEL: str(os.getpid())}


def new_name() -> str:
    """A name nothing else has."""
    return f"podium-{uuid4().hex[:16]}"


def filter_by(labels: dict[str, str]) -> dict[str, list[str]]:
    """The engine's filter for what carries all of these labels."""
    return {"label": [f"{name}={value}" for name, value in labels.items()]}
