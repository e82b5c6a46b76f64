"""Programs that look for what was not shown to them."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import pytest
from tests.attacks.attacked import WORD, Slot, breaches
from tests.sandboxed import Seen

from podium.sandbox.interface import Mount

pytestmark = pytest.mark.sandbox


@pytest.fixture
def secrets(slot: Slot, tmp_path: Path) -> Iterator[list[Path]]:
    """Files of the machine with a word that nothing else holds: of the worker's user, of others, open to everybody."""
    with tempfile.TemporaryDirectory(prefix="podium-secret-") as folder, ExitStack() as stack:
        open_to_all = Path(folder, "reference.csv")
        Path(folder).chmod(0o755)
        of_worker = slot.bench.folder("other-input") / "truth"
        in_memory = stack.enter_context(tempfile.NamedTemporaryFile(dir="/dev/shm", prefix="podium-secret-"))
        found = [open_to_all, of_worker, tmp_path / "closed", Path(in_memory.name)]
        for path in found:
            path.write_text(WORD)
            path.chmod(0o644)
        yield found


def test_files_of_the_machine(slot: Slot, secrets: list[Path]) -> None:
    assert breaches(slot.attack("host_files", targets=[str(path) for path in secrets])) == []


def test_everything_that_is_in_sight(slot: Slot, secrets: list[Path]) -> None:
    data = slot.bench.folder("data")
    (data / "input").write_text("an input like any other")
    slot.bench.own(data)
    seen = slot.attack("search_of_everything", mounts=[Mount(data, "/app/input")])
    assert breaches(seen) == []
    assert seen.lines[-1] == "done True"


def test_variables_and_open_files(slot: Slot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PODIUM_WORKER_TOKEN", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    with (tmp_path / "open").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        assert breaches(slot.attack("environment_and_descriptors")) == []


def test_other_processes(any_slot: Slot) -> None:
    uid = any_slot.uid
    with subprocess.Popen(["sleep", "60"], user=uid, cwd="/") as bystander:
        seen = any_slot.attack("other_processes", targets=[bystander.pid, os.getpid(), os.getppid()])
        alive = bystander.poll() is None
        bystander.kill()
    assert alive
    # The engine's `docker-init` and podman's may be the first process.
    assert breaches(seen) == []


def test_the_kernels_files_and_devices(any_slot: Slot) -> None:
    assert breaches(any_slot.attack("kernel_interfaces")) == []


def test_sockets_of_services(slot: Slot) -> None:
    with tempfile.TemporaryDirectory(prefix="podium-service-") as folder, socket.socket(socket.AF_UNIX) as service:
        Path(folder).chmod(0o755)
        service.bind(f"{folder}/service.sock")
        Path(folder, "service.sock").chmod(0o777)
        service.listen()
        assert breaches(slot.attack("engine_socket")) == []


def test_what_the_worker_talks_to(slot: Slot) -> None:
    seen = slot.attack("talk_to_the_worker")
    assert breaches(seen) == []
    # What it says of itself is text of its own, and nothing else.
    assert seen.outcome.exit_code == 3
    assert b'"error": "no isolation"' in seen.stdout
    assert b'"error": "no isolation"' in seen.stderr


_VICTIM = """
import ctypes, os, socket, time
memory = bytearray(b"of the neighbour" * 1000)
for path in ("/tmp/secret", "/dev/shm/secret", "/app/output/secret"):
    open(path, "w").write("of the neighbour")
libc = ctypes.CDLL(None)
libc.shmget(0x504F4449, 4096, 0o1666); libc.msgget(0x504F4449, 0o1666)
abstract, inet = socket.socket(socket.AF_UNIX), socket.socket()
abstract.bind("\\0of-the-neighbour"); abstract.listen()
try: inet.bind(("127.0.0.1", 40123)); inet.listen()
except OSError: pass
print("ready", flush=True)
while not os.path.exists("/app/input/over"): time.sleep(0.02)
"""


def test_a_run_beside_it(counting_slot: Slot, second: Slot) -> None:
    """A run in another slot has files, memory and sockets at the same time, and its input holds the word too."""
    data = second.bench.folder("data")
    data.chmod(0o755)  # what is closed, an engine gets a copy of
    (data / "truth").write_text("of the neighbour")
    second.bench.own(data)
    victims: list[Seen] = []

    def be_attacked() -> None:
        environment = {"WHO": "the-victim"}
        victims.append(second.bench.run(_VICTIM, mounts=[Mount(data, "/app/input")], environment=environment))

    victim = Thread(target=be_attacked)
    victim.start()
    try:
        attack = counting_slot.attack("neighbour")
    finally:
        (data / "over").write_text("")
        victim.join()
    assert breaches(attack) == []
    assert victims[0].lines == ["ready"]
    assert victims[0].outcome.exit_code == 0


@pytest.fixture
def second(counting_slot: Slot) -> Slot:
    """The slot beside the one that is attacked, of the same worker."""
    return counting_slot.beside()
