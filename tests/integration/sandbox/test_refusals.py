"""Where programs cannot be isolated, nothing is run, and the message ends with what to type."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from tests.requirements_on_machine import require
from tests.sandboxed import SMALL, HereBench, as_ordinary_user, install_for_ordinary_user

from podium.rules.errors import SandboxUnavailable
from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.interface import Command, Mount
from podium.sandbox.interpreter import interpreter, interpreter_root

pytestmark = pytest.mark.sandbox

_TRY = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
from podium.rules.errors import SandboxUnavailable
from podium.sandbox.bubblewrap import BubblewrapSandbox
try: BubblewrapSandbox(0, Path("/tmp"))
except SandboxUnavailable as error: print(error)
"""


@pytest.fixture
def home(here: HereBench) -> Iterator[Path]:
    """The home of an ordinary user, with an interpreter and this project."""
    require(os.geteuid() == 0, "only root can run a test as another user")
    with tempfile.TemporaryDirectory(prefix="podium-ordinary-") as folder:
        Path(folder).chmod(0o711)
        install_for_ordinary_user(Path(folder, "home"))
        yield Path(folder, "home")


def test_forbidden_user_namespaces_are_told_with_the_line_to_type(home: Path) -> None:
    # A namespace in which the kernel allows no further one, as on a machine where they are switched off.
    forbid = ["bwrap", "--unshare-user", "--disable-userns", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    python = str(next((home / "python/bin").iterdir()))
    command = as_ordinary_user([*forbid, python, "-I", "-S", "-c", _TRY, str(home / "src")])
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout
    assert said.startswith("The sandbox cannot get namespaces of its own: unshare: ")
    assert "ype as root: sysctl -w user.max_user_namespaces=15000" in said


_RUN_AS_ROOT = """
import sys, tempfile, threading
from pathlib import Path
from podium.rules.errors import SandboxUnavailable
from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.interface import Command, Limits
from podium.sandbox.interpreter import interpreter_root
with tempfile.TemporaryDirectory() as name:
    work = Path(name)
    command = Command(("true",), "/tmp", interpreter_root(), (), Limits(wall_s=20))
    try:
        BubblewrapSandbox(0, work).run(command, collect_into=work, log=print, cancel=threading.Event())
    except SandboxUnavailable as error:
        print(error)
"""


def test_root_without_further_user_namespaces_is_told_the_same(here: HereBench) -> None:
    require(os.geteuid() == 0, "only root has its files shown as those of a slot")
    # Root of a namespace in which no further one can be made: the first that is needed is refused.
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'
    command = ["unshare", "-Ur", "sh", "-c", forbid, "sh", sys.executable, "-c", _RUN_AS_ROOT]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert said.startswith("The program could not be isolated: user namespace: ")
    assert "ype as root: sysctl -w user.max_user_namespaces=15000" in said


def test_a_missing_bubblewrap_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="Type: apt install bubblewrap"):
        BubblewrapSandbox(0, tmp_path)


def test_a_working_directory_that_is_not_there_runs_nothing(here: HereBench, tmp_path: Path) -> None:
    command = Command((interpreter(), "-c", "print('ran')"), "/no/such/folder", interpreter_root(), (), SMALL)
    printed: list[bytes] = []
    with pytest.raises(SandboxUnavailable, match="/no/such/folder"):
        here.sandbox.run(command, collect_into=tmp_path, log=lambda _, chunk: printed.append(chunk), cancel=Event())
    assert printed == []


def test_two_mounts_inside_each_other_are_both_seen(here: HereBench) -> None:
    outer, inner = here.folder("outer"), here.folder("inner")
    (outer / "inner").mkdir()
    (inner / "file").write_text("inside")
    mounts = [Mount(inner, "/app/input/inner"), Mount(outer, "/app/input")]
    assert here.run("print(open('/app/input/inner/file').read())", mounts=mounts).lines == ["inside"]


def test_limits_that_are_tiny_do_not_break_the_start(here: HereBench) -> None:
    tiny = replace(SMALL, output_bytes=1, temporary_bytes=1, shared_memory_bytes=1, output_entries=1, log_bytes=1)
    assert here.run("print(1)", tiny).outcome.exit_code == 0
