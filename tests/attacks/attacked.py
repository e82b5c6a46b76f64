"""A slot that is attacked: it runs hostile programs, and then shows that nothing of them is left."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.docker_engine import Engine
from tests.running_site import eventually
from tests.sandboxed import MEBIBYTE, SMALL, Bench, HereBench, Seen

from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.docker import DockerSandbox
from podium.sandbox.docker.names import Names
from podium.sandbox.interface import Ending, Limits, Mount, Sandbox

PROGRAMS = Path(__file__).parent / "programs"
MARK = "ATTACK_MARK"
WORD = "a-word-that-only-files-of-the-machine-hold"
BENIGN = "benign"

_TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm", "/run")
_MEMORY_THAT_OTHERS_MAY_TAKE = 2048 * MEBIBYTE


def memory_available() -> int:
    """The bytes of memory that the machine could still give."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


@dataclass
class Slot:
    """One slot of a back end, and what was on the machine before it was attacked.

    `counts_in_kernel` is whether control groups hold the limits; `uid` is the user of its programs where it is one that
    no other process has, else None; `engine` runs its containers, if it has any.
    """

    bench: Bench
    counts_in_kernel: bool
    uid: int | None = None
    engine: Engine | None = None
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    _memory_before: int = field(default_factory=memory_available)
    _state_before: object = None

    def __post_init__(self) -> None:
        self._state_before = self._state()

    @property
    def work(self) -> Path:
        """The folder of the worker."""
        return self.bench._work  # type: ignore[attr-defined, no-any-return]

    @property
    def slot_name(self) -> str:
        """The beginning of the names of this slot's control groups."""
        assert isinstance(self.bench, HereBench)
        return str(self.bench.sandbox._group_name)  # type: ignore[attr-defined]

    def attack(
        self,
        program: str,
        limits: Limits = SMALL,
        mounts: Sequence[Mount] = (),
        *,
        targets: Sequence[object] = (),
        cancel_after_s: float | None = None,
    ) -> Seen:
        """Run a hostile program of the folder `programs`; `targets` is what it is told to look for."""
        told = {MARK: self.mark, "ATTACK_TARGETS": json.dumps(list(targets)), "ATTACK_WORD": WORD}
        text = (PROGRAMS / f"{program}.py").read_text(encoding="utf-8")
        seen = self.bench.run(text, limits, mounts, cancel_after_s=cancel_after_s, environment=told)
        # The promise: when `run` returns, nothing of it is alive. Not a moment later.
        assert self.alive() == []
        return seen

    def beside(self) -> Slot:
        """The next slot of the same worker and back end."""
        assert isinstance(self.bench, HereBench)
        sandbox, work = self.bench.sandbox, self.bench.folder("beside")
        if isinstance(sandbox, DockerSandbox):
            other: Sandbox = DockerSandbox(_number(self.bench) + 2, work, sandbox.engine.options)
        else:
            other = BubblewrapSandbox(_number(self.bench) + 2, work)
        return Slot(HereBench(work, sandbox=other), self.counts_in_kernel, None, self.engine)

    def alive(self) -> list[int]:
        """The processes of this machine that were started by an attack."""
        found, wanted = [], f"{MARK}={self.mark}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if wanted in (process / "environ").read_bytes():
                    found.append(int(process.name))
        return found

    def assert_unharmed(self) -> None:
        """The next run finds everything that its limits promise, and the machine is as it was."""
        seen = self.bench.run((PROGRAMS / f"{BENIGN}.py").read_text(encoding="utf-8"))
        ended = (seen.outcome.ending, seen.outcome.exit_code, seen.stdout, seen.stderr)
        assert ended == (Ending.EXITED, 0, b"unharmed\n", b""), ended
        assert [file.stat().st_size for file in seen.folder.iterdir()] == [3 * MEBIBYTE]
        assert self.alive() == []
        eventually(lambda: self._state() == self._state_before, "the machine is as it was before the attack")
        eventually(
            lambda: memory_available() > self._memory_before - _MEMORY_THAT_OTHERS_MAY_TAKE, "memory is free again"
        )

    def _state(self) -> object:
        """Mounts, control groups, containers, volumes and temporary files that belong to this slot."""
        if self.engine is not None:
            return self._in_engine(self.engine)
        groups = []
        if isinstance(self.bench, HereBench) and self.counts_in_kernel:
            groups = [group for group in Path("/sys/fs/cgroup").glob(f"*/**/{self.slot_name}") if group.is_dir()]
        return (_mounts(str(self.work)), groups, self._temporary_files())

    def _in_engine(self, engine: Engine) -> object:
        assert isinstance(self.bench, HereBench)
        labels = [f"{name}={value}" for name, value in Names(self.work, _number(self.bench)).of_slot.items()]
        client = engine.client()
        try:
            containers = len(client.api.containers(all=True, filters={"label": labels}))
            volumes = len(client.api.volumes(filters={"label": labels}).get("Volumes") or ())
        finally:
            client.close()
        return (containers, volumes, _mounts(str(engine.folder)), self._temporary_files())

    def _temporary_files(self) -> list[str]:
        """What the slot's user owns where everybody may write."""
        if self.uid is None:
            return []
        found = []
        for folder in _TEMPORARY:
            with suppress(OSError):
                found += [e.path for e in os.scandir(folder) if e.stat(follow_symlinks=False).st_uid == self.uid]
        return found


def _number(bench: HereBench) -> int:
    sandbox = bench.sandbox
    return sandbox._names.slot if isinstance(sandbox, DockerSandbox) else sandbox._slot  # type: ignore[attr-defined]


def _mounts(folder: str) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    return sorted(place for place in (line.split(" ")[4] for line in lines) if place.startswith(folder))


def breaches(seen: Seen) -> list[str]:
    """What a program says that it could do, and should not have been able to; it must have gone through to its end."""
    assert seen.lines, (seen.outcome, seen.stderr.decode("utf-8", "replace"))
    assert seen.lines[-1].startswith("done"), (seen.lines, seen.outcome, seen.stderr.decode("utf-8", "replace"))
    return [line for line in seen.lines if line.startswith("breach")]
