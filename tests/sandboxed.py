"""Run small programs in a real sandbox, as the user of the tests or as an ordinary user in a process of its own."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Timer
from typing import Any, Protocol

from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.interface import Command, Ending, Limits, Mount, Outcome, Sandbox, Stream
from podium.sandbox.interpreter import interpreter, interpreter_root

ORDINARY_UID = 54_321
MEBIBYTE = 1 << 20

SMALL = Limits(
    wall_s=20.0,
    memory_bytes=256 * MEBIBYTE,
    cpus=2.0,
    processes=32,
    output_bytes=4 * MEBIBYTE,
    output_entries=200,
    temporary_bytes=4 * MEBIBYTE,
    shared_memory_bytes=4 * MEBIBYTE,
    program_growth_bytes=1 * MEBIBYTE,
    log_bytes=16 * 1024,
)


@dataclass(frozen=True)
class Seen:
    """What a run left: how it ended, what it printed, and the folder its output was copied to."""

    outcome: Outcome
    stdout: bytes
    stderr: bytes
    folder: Path

    @property
    def lines(self) -> list[str]:
        return self.stdout.decode("utf-8", "replace").splitlines()


class Bench(Protocol):
    """Runs a Python program in a sandbox. `name` is that of the back end."""

    name: str

    def run(
        self,
        program: str,
        limits: Limits = SMALL,
        mounts: Sequence[Mount] = (),
        *,
        argv: Sequence[str] = (),
        cancel_after_s: float | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Seen: ...

    def folder(self, name: str) -> Path:
        """A new folder of the worker's user."""
        ...

    def own(self, folder: Path) -> None:
        """Make the worker's user the owner of all that lies in the folder."""
        ...


class HereBench:
    """As the user that runs the tests."""

    def __init__(self, work: Path, slot: int = 7, sandbox: Sandbox | None = None) -> None:
        self._work = work
        self.sandbox: Sandbox = sandbox or BubblewrapSandbox(slot, work)
        self.name = self.sandbox.name

    def folder(self, name: str) -> Path:
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._work))

    def own(self, folder: Path) -> None:
        assert folder.stat().st_uid == os.geteuid()

    def run(
        self,
        program: str,
        limits: Limits = SMALL,
        mounts: Sequence[Mount] = (),
        *,
        argv: Sequence[str] = (),
        cancel_after_s: float | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Seen:
        printed: dict[Stream, list[bytes]] = {"stdout": [], "stderr": []}
        cancel = Event()
        into = self.folder("collected")
        command = Command(
            argv=tuple(argv) or (interpreter(), "-I", "-S", "-c", program),
            working_directory="/tmp",
            root=interpreter_root(),
            mounts=tuple(mounts),
            limits=limits,
            environment=environment or {},
        )
        timer = Timer(cancel_after_s or 0, cancel.set)
        if cancel_after_s is not None:
            timer.start()
        outcome = self.sandbox.run(
            command, collect_into=into, log=lambda stream, chunk: printed[stream].append(chunk), cancel=cancel
        )
        timer.cancel()
        return Seen(outcome, b"".join(printed["stdout"]), b"".join(printed["stderr"]), into)


class ThereBench:
    """As an ordinary user, in a process that reads runs and writes outcomes, one JSON object per line."""

    name = BubblewrapSandbox.name

    def __init__(self, process: subprocess.Popen[str], work: Path) -> None:
        self._process = process
        self._work = work

    def folder(self, name: str) -> Path:
        made = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._work))
        os.chown(made, ORDINARY_UID, ORDINARY_UID)
        return made

    def own(self, folder: Path) -> None:
        for here, folders, names in os.walk(folder):
            for name in (*folders, *names):
                os.lchown(Path(here, name), ORDINARY_UID, ORDINARY_UID)

    def run(
        self,
        program: str,
        limits: Limits = SMALL,
        mounts: Sequence[Mount] = (),
        *,
        argv: Sequence[str] = (),
        cancel_after_s: float | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Seen:
        wanted = {
            "program": program,
            "limits": asdict(limits),
            "mounts": [[str(m.source), m.target, m.copied, m.shared] for m in mounts],
            "argv": list(argv),
            "cancel_after_s": cancel_after_s,
            "environment": dict(environment or {}),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        outcome = answer["outcome"]
        return Seen(
            Outcome(**{**outcome, "ending": Ending(outcome["ending"])}),
            base64.b64decode(answer["stdout"]),
            base64.b64decode(answer["stderr"]),
            Path(answer["folder"]),
        )


def serve(work: Path) -> None:
    """Be the process of a ThereBench."""
    bench = HereBench(work)
    for line in sys.stdin:
        wanted: dict[str, Any] = json.loads(line)
        mounts = [
            Mount(Path(source), target, copied, shared) for source, target, copied, shared in wanted.pop("mounts")
        ]
        seen = bench.run(wanted.pop("program"), Limits(**wanted.pop("limits")), mounts, **wanted)
        answer = {
            "outcome": asdict(seen.outcome),
            "stdout": base64.b64encode(seen.stdout).decode(),
            "stderr": base64.b64encode(seen.stderr).decode(),
            "folder": str(seen.folder),
        }
        print(json.dumps(answer), flush=True)


@contextmanager
def ordinary_user(place: Path) -> Iterator[ThereBench]:
    """A bench of an ordinary user whose home, with sources and interpreter, is closed to others; only root can."""
    home = place / "home"
    python = install_for_ordinary_user(home)
    work = home / "work"
    work.mkdir()
    give_away(work)
    command = as_ordinary_user([str(python), "-I", "-S", "-c", _SERVE, str(home), str(work)])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/") as process:
        yield ThereBench(process, work)
        assert process.stdin is not None
        process.stdin.close()


_SERVE = """
import sys; sys.path.insert(0, sys.argv[1] + "/src")
from pathlib import Path
from tests.sandboxed import serve
serve(Path(sys.argv[2]))
"""


def as_ordinary_user(command: Sequence[str]) -> list[str]:
    """The command under another user's number, without any of root's rights."""
    return ["setpriv", f"--reuid={ORDINARY_UID}", f"--regid={ORDINARY_UID}", "--clear-groups", *command]


def install_for_ordinary_user(home: Path) -> Path:
    """Put an interpreter and this project's sources into a home with mode 0700; returns the interpreter."""
    sources, project = home / "src", Path(__file__).parents[1]
    sources.mkdir(parents=True)
    (sources / "tests").mkdir()
    shutil.copy(__file__, sources / "tests")
    forget = shutil.ignore_patterns("__pycache__", "server")
    shutil.copytree(project / "src/podium", sources / "podium", ignore=forget)
    python = home / "python"
    prefix, version = Path(sys.base_prefix), f"python{sys.version_info.major}.{sys.version_info.minor}"
    (python / "bin").mkdir(parents=True)
    _link_or_copy(os.path.realpath(sys.executable), python / "bin" / version)
    unneeded = shutil.ignore_patterns("__pycache__", "site-packages", "dist-packages", "test", "idlelib", "ensurepip")
    shutil.copytree(
        prefix / "lib" / version, python / "lib" / version, ignore=unneeded, copy_function=_link_or_copy, symlinks=True
    )
    give_away(home)
    home.chmod(0o700)
    return python / "bin" / version


def give_away(folder: Path) -> None:
    """Make the ordinary user the owner of a folder and the folders below; linked files keep theirs."""
    for here, _, _ in os.walk(folder):
        os.chown(here, ORDINARY_UID, ORDINARY_UID)


def _link_or_copy(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
