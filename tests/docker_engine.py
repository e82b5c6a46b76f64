"""Docker's engine and podman's, started by hand on a socket in a temporary folder, gone with whoever started them.

    python tests/docker_engine.py docker|podman COMMAND ...

runs a command with the address of an engine in PODIUM_DOCKER_HOST. Nothing is fetched from a registry: an image is made
of files of this machine where one is needed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import docker

Kind = Literal["docker", "podman"]

PYTHON_INSIDE = "/opt/python"
"""Where the interpreter lies in an image of `import_image`."""

_PROGRAMS: dict[Kind, tuple[str, ...]] = {"docker": ("dockerd", "containerd", "runc"), "podman": ("podman", "runc")}
_PACKAGES: dict[Kind, str] = {"docker": "docker.io", "podman": "podman runc"}
_START_LIMIT_S = 60.0
_END_LIMIT_S = 20.0
_LOOK_EVERY_S = 0.05
_TOOLS = ("sh", "sleep", "true", "cat", "tr")


@dataclass(frozen=True)
class Engine:
    """A running engine: the address of its API, and the folder that holds all of it."""

    kind: Kind
    host: str
    folder: Path

    def client(self) -> docker.DockerClient:
        """A client of its own; the caller closes it."""
        return docker.DockerClient(base_url=self.host, timeout=120)

    def log(self) -> str:
        """What the engine printed."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def processes(self) -> list[int]:
        """The engine's processes and those that watch its containers: all that name its folder."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if os.fsencode(self.folder) in (entry / "cmdline").read_bytes() and int(entry.name) != os.getpid():
                    found.append(int(entry.name))
        return found


def missing(kind: Kind) -> str:
    """What to do to have this engine; empty where all is there."""
    if os.geteuid() != 0:
        return "only root can start an engine for containers"
    absent = [program for program in _PROGRAMS[kind] if shutil.which(program) is None]
    return f"{' and '.join(absent)} missing: apt install {_PACKAGES[kind]}" if absent else ""


@contextmanager
def docker_engine(
    kind: Kind = "docker", *, before: Sequence[str] = (), options: Sequence[str] = ("--iptables=false",)
) -> Iterator[Engine]:
    """An engine with an empty store and without a network. All its processes and mounts end with it.

    `before` are words put before its command, say to start it in another network namespace; `options` are dockerd's.

    Raises:
        RuntimeError: it did not start; the message holds its log.
    """
    # Not below the folder of the tests: the path of a socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="podium-engine-"))
    engine = Engine(kind, f"unix://{folder}/api.sock", folder)
    words = [*before, *(_podman(folder) if kind == "podman" else _dockerd(folder, options))]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            # Whoever is killed in the middle of the tests takes the engine along.
            ["setpriv", "--pdeathsig", "TERM", *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
        )
    try:
        _await_answer(engine, process)
        yield engine
    finally:
        _end(process, engine)
        _unmount(folder)
        shutil.rmtree(folder, ignore_errors=True)


def import_image(engine: Engine, image: str) -> None:
    """Make an image of this interpreter, its libraries and a shell, and give it the name `image` (with a tag)."""
    repository, _, tag = image.rpartition(":")
    with tempfile.NamedTemporaryFile(prefix="podium-image-", suffix=".tar") as archive:
        with tarfile.open(fileobj=archive, mode="w") as root:
            _write_root(root)
        archive.flush()
        client = engine.client()
        try:
            said = client.api.import_image_from_file(archive.name)
            # By a second call: podman forgets the tag of what it imports.
            client.api.tag(json.loads(said)["status"], repository, tag)
        finally:
            client.close()


def _dockerd(folder: Path, options: Sequence[str]) -> list[str]:
    return [
        "dockerd",
        *("--ip6tables=false", "--bridge=none", *options),
        *("--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "-p", f"{folder}/pid"),
        *("-H", f"unix://{folder}/api.sock", "--exec-opt", "native.cgroupdriver=cgroupfs"),
    ]


def _podman(folder: Path) -> list[str]:
    return [
        "podman",
        *("--root", f"{folder}/data", "--runroot", f"{folder}/exec", "--tmpdir", f"{folder}/tmp"),
        *("--cgroup-manager=cgroupfs", "--events-backend=file", "--runtime", "runc"),
        *("system", "service", "--time=0", f"unix://{folder}/api.sock"),
    ]


def _await_answer(engine: Engine, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while True:
        with suppress(docker.errors.DockerException, OSError):
            # The client forgets to close the socket of an attempt that failed.
            with socket.socket(socket.AF_UNIX) as knock:
                knock.connect(engine.host.removeprefix("unix://"))
            client = engine.client()
            try:
                client.ping()
            finally:
                client.close()
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{engine.kind} did not start:\n{engine.log()}")
        time.sleep(_LOOK_EVERY_S)


def _end(process: subprocess.Popen[bytes], engine: Engine) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_END_LIMIT_S)
    _await(lambda: engine.processes() == [], 2.0)
    for pid in engine.processes():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(_END_LIMIT_S)
    _await(lambda: engine.processes() == [], _END_LIMIT_S)


def _await(condition: Callable[[], bool], limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)


def _unmount(folder: Path) -> None:
    mounts = [line.split(" ")[4] for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
    for mount in reversed([mount for mount in mounts if mount.startswith(f"{folder}/")]):
        subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)


def _write_root(root: tarfile.TarFile) -> None:
    for name in ("bin", "dev", "etc", "proc", "root", "sys", "tmp", "usr/bin", "var"):
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
        root.addfile(entry)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = Path(sys.base_prefix) / "lib" / version
    binaries = [Path(sys.executable).resolve(), *(Path(str(shutil.which(tool))).resolve() for tool in _TOOLS)]
    root.add(binaries[0], f"{PYTHON_INSIDE}/bin/python3")
    root.add(library, f"{PYTHON_INSIDE}/lib/{version}", filter=_only_what_runs)
    for tool, path in zip(_TOOLS, binaries[1:], strict=True):
        root.add(path, f"bin/{tool}")
    needed = {path for binary in (*binaries, *(library / "lib-dynload").glob("*.so")) for path in _libraries(binary)}
    for path in sorted(needed):
        # Where the loader looks for it; the file behind a link goes by the link's name.
        root.add(os.path.realpath(path), path.lstrip("/"))


def _only_what_runs(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    unneeded = {"__pycache__", "site-packages", "dist-packages", "test", "idlelib", "ensurepip", "tkinter", "lib2to3"}
    parts = Path(entry.name).parts
    return None if unneeded & set(parts) or any(part.startswith("config-3") for part in parts) else entry


def _libraries(binary: Path) -> list[str]:
    listed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=False).stdout
    words = [word for line in listed.splitlines() for word in line.split() if word.startswith("/")]
    return [word for word in words if Path(word).is_file()]


def main() -> int:
    """Run a command beside an engine; returns its exit status."""
    kind: Kind = "podman" if sys.argv[1] == "podman" else "docker"
    if reason := missing(kind):
        print(reason, file=sys.stderr)
        return 1 if os.environ.get("PODIUM_TEST_REQUIRE") == "all" else 0
    with docker_engine(kind) as engine:
        environment = {**os.environ, "PODIUM_DOCKER_HOST": engine.host}
        return subprocess.run(sys.argv[2:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
