"""Competitions run from folders that nobody else may enter, with a Python that lies in one too."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.requirements_on_machine import require, require_program
from tests.small_bundles import small_bundle

import podium

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

ORDINARY_USER = 61_900
"""A user id without a name or a home, which no slot of a sandbox uses."""


def copied_python(home: Path) -> tuple[Path, dict[str, str]]:
    """A Python below `home` with the standard library only, and the environment that it needs to start."""
    version = f"python3.{sys.version_info.minor}"
    prefix = Path(sys.base_prefix)
    python = home / "python"
    (python / "bin").mkdir(parents=True)
    shutil.copy2((prefix / "bin" / version).resolve(), python / "bin" / version)
    unwanted = shutil.ignore_patterns("test", "tests", "site-packages", "dist-packages", "idlelib", "config-3.*")
    shutil.copytree(prefix / "lib" / version, python / "lib" / version, ignore=unwanted)
    library = Path(sysconfig.get_config_var("LIBDIR") or "") / str(sysconfig.get_config_var("INSTSONAME"))
    if sysconfig.get_config_var("Py_ENABLE_SHARED") and library.is_file():
        shutil.copy2(library, python / "lib" / library.name)
    packages = [sysconfig.get_path("purelib"), str(Path(podium.__file__).parents[1])]
    return python / "bin" / version, {
        "LD_LIBRARY_PATH": str(python / "lib"),
        "PYTHONPATH": os.pathsep.join(packages),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    require_program("bwrap", "bubblewrap")
    # Below /var/tmp, because pytest's own folders may be entered by nobody else, whoever owns the home inside.
    folder = Path("/var/tmp") / f"podium-shut-{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def own(folder: Path, user: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


def run_as(user: int, home: Path) -> None:
    """Run a competition from a folder of mode 0700 in `home` as this user, and check its board."""
    place = home / str(user)
    place.mkdir(mode=0o700)
    python, environment = copied_python(place)
    bundle = small_bundle(place / "bundle", solutions=({"answer.txt": "a b c x"},))
    bundle.chmod(0o700)
    (place / "tmp").mkdir(mode=0o700)
    become: list[str] = []
    if user != os.geteuid():
        own(place, user)
        home.chmod(0o711)
        setpriv = require_program("setpriv", "util-linux")
        become = [str(setpriv), f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    environment |= {
        "HOME": str(place),
        "PATH": "/usr/bin:/bin",
        "TMPDIR": str(place / "tmp"),
        "PODIUM_RUNTIMES": str(place / "runtimes"),
    }
    can_start = subprocess.run(
        [*become, str(python), "-c", "import podium.cli.main"],
        env=environment,
        cwd=place,
        capture_output=True,
        check=False,
    )
    require(can_start.returncode == 0, f"user {user} cannot read the packages: {can_start.stderr.decode()[-200:]}")
    ended = subprocess.run(
        [*become, str(python), "-m", "podium.cli.main", "run", str(bundle), "--json"],
        env=environment,
        cwd=place,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    (board,) = json.loads(ended.stdout)
    # Three of four words are right.
    assert [entry["scores"]["share"] for entry in board["entries"]] == [0.75]
    assert any(str(place / "python") in path.read_text() for path in (place / "runtimes").glob("*/podium-runtime.json"))


def test_as_whoever_runs_the_tests(home: Path) -> None:
    run_as(os.geteuid(), home)


def test_as_an_ordinary_user(home: Path) -> None:
    require(os.geteuid() == 0, "only root can become another user; the other test ran as an ordinary one")
    run_as(ORDINARY_USER, home)
