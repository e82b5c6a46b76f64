"""What every sandbox back end offers: run commands that share a step, within limits, and hand over what they wrote."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Literal, Protocol, runtime_checkable

Stream = Literal["stdout", "stderr"]
FolderLook = Callable[[int], None]
"""Called about once a second with the descriptor of a folder that a program writes to; must not block for long, nor
trust what it finds."""
LogSink = Callable[[Stream, bytes], None]
"""Called with each chunk as the program writes it, from a thread of the sandbox; must not block for long."""


# Of Linux, in bytes.
_LONGEST_PATH = 4096
_LONGEST_NAME = 255

LOG_FACTOR = 8
"""A program that prints more than this many times what is kept is stopped: it prints for no reader."""


@dataclass(frozen=True)
class Limits:
    """What one command may use. Sizes in bytes, durations in seconds; every limit is always on."""

    wall_s: float = 600.0
    memory_bytes: int = 4 << 30
    cpus: float = 2.0
    processes: int = 256
    output_bytes: int = 1 << 30
    output_entries: int = 10_000
    temporary_bytes: int = 1 << 30
    shared_memory_bytes: int = 256 << 20
    program_growth_bytes: int = 256 << 20
    open_files: int = 1024
    log_bytes: int = 1 << 20


@dataclass(frozen=True)
class Mount:
    """A host file or folder at `target` inside.

    `copied` gives the program a private, writable, size-capped copy of a folder instead of a read-only view (programs
    that write beside their script need one); the copy vanishes with the sandbox.

    `shared` lets two commands of one step exchange files while both run, each in a sandbox of its own of the same
    process. `source` is an empty host folder that names what they share. It holds at most `output_bytes` and
    `output_entries`, and lives until the caller removes the folder. Whether the host sees the files in it depends on
    the back end (under bubblewrap it does not). Shared at the place of `Command.output`, it replaces the private
    output folder, and nothing is collected.
    """

    source: Path
    target: str
    copied: bool = False
    shared: bool = False


@dataclass(frozen=True)
class Root:
    """The file system the program sees around its mounts: read-only host paths that make up a runtime.

    `binds` are (host path, path inside); `path` are the folders of PATH in order; `environment` is added. With
    an `image` it is that of a container image instead, which only the back end `docker` knows.
    """

    binds: Sequence[tuple[Path, str]]
    path: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    image: str = ""


@dataclass(frozen=True)
class Command:
    """One program to run. `argv` is never given to a shell; `output` is the writable folder that is collected;
    `look` is asked about it now and then while the program runs, where the back end has a descriptor of it. With
    `network` it reaches other machines, but nothing that listens on this one's loopback."""

    argv: Sequence[str]
    working_directory: str
    root: Root
    mounts: Sequence[Mount]
    limits: Limits
    output: str = "/app/output"
    environment: Mapping[str, str] = field(default_factory=dict)
    look: FolderLook | None = None
    network: bool = False

    @property
    def can_be_run(self) -> bool:
        """Whether its words are such that there may be a program of that name; if not, it is not even tried."""
        if not self.argv or any("\0" in word for word in self.argv):
            return False
        name = os.fsencode(self.argv[0])
        return 0 < len(name) < _LONGEST_PATH and all(len(part) <= _LONGEST_NAME for part in name.split(b"/"))


class Ending(StrEnum):
    """Why a command ended. Everything but EXITED means that the sandbox killed it, could not start it, or found a limit
    reached when it had ended by itself (then the outcome has an exit code too)."""

    EXITED = "exited"
    TIME_LIMIT = "time-limit"
    MEMORY_LIMIT = "memory-limit"
    OUTPUT_LIMIT = "output-limit"
    LOG_LIMIT = "log-limit"
    CANCELLED = "cancelled"
    NOT_FOUND = "not-found"
    """The command's first word is no program in this runtime."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended. `exit_code` is None unless it exited by itself (128 + n after signal n)."""

    ending: Ending
    exit_code: int | None
    elapsed_s: float
    cpu_s: float | None = None
    memory_peak_bytes: int | None = None
    collected: Sequence[str] = ()
    """Names of the output files copied to `collect_into`, relative, sorted."""
    refused: Sequence[str] = ()
    """What was left behind of the output (links, devices, unsafe names, beyond the caps), each with its reason."""


Enforcement = Literal["enforced", "approximate", "not enforced"]
LimitKind = Literal["isolation", "resource"]
"""Whether a limit keeps a program inside, or keeps it from using up the machine."""


@dataclass(frozen=True)
class LimitReport:
    """Whether one limit holds here, found by trying; `advice` says what to do where it does not."""

    limit: str
    enforcement: Enforcement
    detail: str = ""
    advice: str = ""
    kind: LimitKind = "resource"


class Sandbox(Protocol):
    """A back end. One object serves one slot of a worker: two commands never run in it at the same time."""

    name: str

    @property
    def no_network(self) -> str:
        """Why commands with a network cannot be run here, with what to do; empty where they can."""
        ...

    @property
    def approximations(self) -> Mapping[str, str]:
        """The limits, named as the doctor names them, that hold only because somebody looks now and then: how, in a
        sentence without its full stop."""
        ...

    def run(self, command: Command, *, collect_into: Path, log: LogSink, cancel: Event) -> Outcome:
        """Run the command to its end and copy the safe part of its output into `collect_into` (made by the caller).

        When this returns, no process of the command is alive and nothing it mounted remains.

        Raises:
            SandboxUnavailable: the isolation itself could not be set up; nothing ran.
        """
        ...


@runtime_checkable
class TakesImages(Protocol):
    """What a back end can do besides that knows container images by their names."""

    def image_id(self, name: str) -> str:
        """The id of an image, fetched where that is allowed.

        Raises:
            UserError: it is not there (`runtime-unavailable`).
        """
        ...
