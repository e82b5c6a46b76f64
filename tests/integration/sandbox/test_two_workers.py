"""Two workers on one machine: neither takes what the other needs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.requirements_on_machine import require
from tests.sandboxed import SMALL, HereBench

from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.interface import Ending

pytestmark = pytest.mark.sandbox

# The first of both, as of any worker.
SLOT = 0

_OTHER = """
import sys; sys.path[:0] = sys.argv[1].split(":")
from dataclasses import replace
from pathlib import Path
from threading import Event
from tests.sandboxed import SMALL, HereBench
from podium.sandbox.interface import Command
from podium.sandbox.interpreter import interpreter, interpreter_root
bench = HereBench(Path(sys.argv[2]), slot=int(sys.argv[3]))
print(bench.sandbox.user, flush=True)
argv, limits = (interpreter(), "-I", "-S", "-c", sys.argv[4]), replace(SMALL, processes=300, wall_s=300.0)
command = Command(argv, "/tmp", interpreter_root(), (), limits)
tell = lambda _, chunk: print(chunk.decode(), end="", flush=True)
bench.sandbox.run(command, collect_into=bench.folder("into"), log=tell, cancel=Event())
"""
_MANY = """
import os, time
for _ in range(200):
    if os.fork() == 0: time.sleep(300)
print("many", flush=True)
time.sleep(300)
"""


@pytest.fixture
def other_user(here: HereBench, tmp_path: Path) -> Iterator[int]:
    """The user of another worker's slot, whose program has 200 processes."""
    require(os.geteuid() == 0, "an ordinary user cannot become another")
    project, work = Path(__file__).parents[3], tmp_path / "other"
    work.mkdir()
    words = [sys.executable, "-c", _OTHER, f"{project}/src:{project}", str(work), str(SLOT), _MANY]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        user = int(process.stdout.readline())
        assert process.stdout.readline() == "many\n"
        yield user
        process.kill()


def test_many_processes_of_one_leave_the_other_s_runs_alone(other_user: int, tmp_path: Path) -> None:
    work = tmp_path / "mine"
    work.mkdir()
    sandbox = BubblewrapSandbox(SLOT, work)
    assert sandbox.user != other_user
    bench, few = HereBench(work, sandbox=sandbox), replace(SMALL, processes=8)
    counted_by_group = bench.run("print('ran')", few)
    # As where no control groups can be made.
    sandbox._hierarchy = None
    counted_by_user = bench.run("print('ran')", few)
    for seen in (counted_by_group, counted_by_user):
        assert (seen.outcome.ending, seen.outcome.exit_code, seen.lines) == (Ending.EXITED, 0, ["ran"])
