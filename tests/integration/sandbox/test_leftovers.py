"""Nothing of a run outlives it: no process, no control group, no mount, whatever died first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import psutil
import pytest
from tests.sandboxed import SMALL, HereBench

from podium.rules.errors import InternalError, SandboxUnavailable
from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.bubblewrap.sandbox import group_prefix
from podium.sandbox.bubblewrap.spawner import spawner
from podium.sandbox.interface import Command, Mount, Stream
from podium.sandbox.interpreter import interpreter, interpreter_root

pytestmark = pytest.mark.sandbox

SLOT = 33

_WORKER = """
import sys; sys.path[:0] = sys.argv[1].split(":")
from pathlib import Path
from tests.sandboxed import HereBench
print("begins", flush=True)
HereBench(Path(sys.argv[2]), slot=int(sys.argv[4])).run("import time; time.sleep(300)  # " + sys.argv[3])
"""


def until(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def alive_with(mark: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "cmdline").read_bytes() and int(process.name) != os.getpid():
                found.append(int(process.name))
        except OSError:
            continue
    return found


def own_mounts(bench: HereBench) -> list[str]:
    """What is mounted where this bench works: other programs of this machine mount and unmount as well."""
    work = str(bench.folder("asked").parent)
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if work in line]


def groups_of(work: Path) -> set[Path]:
    found: set[Path] = set()
    for here, folders, _ in os.walk("/sys/fs/cgroup"):
        found |= {Path(here, folder) for folder in folders if folder.startswith(group_prefix(work, SLOT))}
    return found


@pytest.fixture
def worker(here: HereBench, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A worker in the middle of a run, and the mark in the command line of the program it runs."""
    mark = f"podium-mark-{os.getpid()}-{time.monotonic_ns()}"
    project = Path(__file__).parents[3]
    command = [sys.executable, "-c", _WORKER, f"{project}/src:{project}", str(tmp_path), mark, str(SLOT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        until(lambda: any(b"bwrap" not in _words(pid)[0] and pid != process.pid for pid in alive_with(mark)))
        yield process, mark
        process.kill()


def _words(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return [b"bwrap"]


def keeper_of(worker: int) -> int:
    # By the parent of each process: the kernel's own list of children may miss one while another ends.
    return psutil.Process(worker).children()[0].pid


def test_a_killed_worker_leaves_no_process_and_no_control_group(
    worker: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    process, mark = worker
    process.kill()
    process.wait()
    until(lambda: alive_with(mark) == [])
    until(lambda: groups_of(tmp_path) == set())


def test_a_killed_worker_and_keeper_leave_nothing_that_the_next_does_not_remove(
    worker: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    process, mark = worker
    keeper = keeper_of(process.pid)
    os.kill(process.pid, signal.SIGSTOP)
    os.kill(keeper, signal.SIGKILL)
    process.kill()
    process.wait()
    until(lambda: alive_with(mark) == [])
    BubblewrapSandbox(SLOT, tmp_path)
    assert groups_of(tmp_path) == set()


def test_a_killed_keeper_is_our_failure_and_the_next_run_gets_another(here: HereBench, tmp_path: Path) -> None:
    first = spawner()

    def kill_the_keeper(stream: Stream, chunk: bytes) -> None:
        os.kill(first.pid, signal.SIGKILL)

    with pytest.raises(InternalError):
        run_here(here, tmp_path, "print('begun', flush=True); import time; time.sleep(300)", kill_the_keeper)
    assert here.run("print('again')").lines == ["again"]


def test_a_failing_reader_of_the_log_leaves_nothing(here: HereBench, tmp_path: Path) -> None:
    mark = f"podium-mark-{os.getpid()}-{time.monotonic_ns()}"

    def fail(stream: Stream, chunk: bytes) -> None:
        raise ConnectionError("the log cannot be sent")

    with pytest.raises(ConnectionError, match="the log cannot be sent"):
        run_here(here, tmp_path, f"print('begun', flush=True); import time; time.sleep(300)  # {mark}", fail)
    assert alive_with(mark) == []
    assert here.run("print('again')").lines == ["again"]


def run_here(here: HereBench, into: Path, program: str, log: Callable[[Stream, bytes], None]) -> None:
    command = Command((interpreter(), "-c", program), "/tmp", interpreter_root(), (), SMALL)
    here.sandbox.run(command, collect_into=into, log=log, cancel=Event())


def test_runs_leave_no_mounts_descriptors_or_processes(here: HereBench) -> None:
    def state() -> tuple[list[str], int, int]:
        children = Path(f"/proc/{spawner().pid}/task/{spawner().pid}/children").read_text()
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        return own_mounts(here), descriptors, len(children.split())

    here.run("pass")
    # The runner says that all is dead a moment before it ends itself.
    until(lambda: state()[2] == 0)
    before = state()
    for _ in range(5):
        here.run("open('/app/output/x', 'w').write('x')")
    until(lambda: state() == before)


def test_a_source_that_is_missing_is_told_and_leaves_nothing(here: HereBench, tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="no-such-folder"):
        here.run("pass", mounts=[Mount(tmp_path / "no-such-folder", "/app/input")])
    assert here.run("print('again')").lines == ["again"]
