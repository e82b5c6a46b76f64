"""What the worker tells the keeper to run: everything decided, nothing left to choose beside the program."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal["read", "copy", "shared"]


@dataclass(frozen=True)
class Bind:
    """One host path and where the program sees it. `growth_bytes` is what a copy may grow by."""

    source: str
    target: str
    kind: Kind
    growth_bytes: int = 0


@dataclass(frozen=True)
class Network:
    """What connects a run with other machines: the paths of two programs, and the networks nearby that it may reach."""

    slirp4netns: str
    nft: str
    allowed: Sequence[str]


@dataclass(frozen=True)
class Order:
    """One run. Sizes in bytes; `slot_uid` is None where the keeper is an ordinary user and stays one."""

    bwrap: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    working_directory: str
    binds: Sequence[Bind]
    symlinks: Sequence[tuple[str, str]]
    output: str | None
    """Where the private output folder lies; None where a shared folder takes its place."""
    output_bytes: int
    output_entries: int
    temporary_bytes: int
    shared_memory_bytes: int
    cgroup_entrances: Sequence[str]
    """The files of the run's own control groups that take in who writes 0; the keeper removes the groups if the worker
    dies."""
    rlimits: Sequence[tuple[int, int]]
    seccomp: str
    processors: Sequence[int]
    """The processors to run on; empty where a control group shares them out."""
    slot_uid: int | None
    disable_userns: bool
    network: Network | None = None
    """None where the run reaches nothing."""

    def encode(self) -> bytes:
        """The order as bytes; names that are no valid text survive."""
        return json.dumps(asdict(self)).encode("ascii")

    @classmethod
    def decode(cls, data: bytes) -> Order:
        """The opposite of `encode`."""
        content = json.loads(data)
        content["binds"] = [Bind(**bind) for bind in content["binds"]]
        content["symlinks"] = [tuple(pair) for pair in content["symlinks"]]
        content["rlimits"] = [tuple(pair) for pair in content["rlimits"]]
        content["network"] = content["network"] and Network(**content["network"])
        return cls(**content)


def in_memory(name: str, content: bytes) -> int:
    """A descriptor of an anonymous file with this content, at its beginning; it survives no exec."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
