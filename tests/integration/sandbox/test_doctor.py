"""The doctor with real sandboxes: one that holds, ones from which a single protection was taken, and none at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from tests.requirements_on_machine import require
from tests.running_site import plain_environment
from tests.sandboxed import MEBIBYTE, HereBench, as_ordinary_user, install_for_ordinary_user

from podium.sandbox.doctor import RESOURCES, TRIALS, examine
from podium.sandbox.interface import Command, LogSink, Outcome, Sandbox

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

LIMITS = [trial.limit for trial in TRIALS]


def doctor(tmp_path: Path, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "podium", "doctor", "--data", str(tmp_path / "no-site"), *options],
        env={**plain_environment(), **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_everything_holds_here(here: HereBench, tmp_path: Path) -> None:
    done = doctor(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not enforced" not in done.stdout
    assert all(any(line.startswith(f"  {limit} ") for line in done.stdout.splitlines()) for limit in LIMITS)
    assert "Everything holds." in done.stdout
    assert done.stderr == ""


class Loosened:
    """A sandbox in which one kind of limit is far away."""

    def __init__(self, sandbox: Sandbox, **limits: Any) -> None:
        self.name = sandbox.name
        self.approximations: Mapping[str, str] = {}
        self._sandbox = sandbox
        self._limits = limits
        self.most_processors = 0.0

    def run(self, command: Command, *, collect_into: Path, log: LogSink, cancel: Event) -> Outcome:
        loosened = replace(command, limits=replace(command.limits, **self._limits))
        outcome = self._sandbox.run(loosened, collect_into=collect_into, log=log, cancel=cancel)
        self.most_processors = max(self.most_processors, (outcome.cpu_s or 0.0) / max(outcome.elapsed_s, 0.5))
        return outcome


FAR = 64 * MEBIBYTE


@pytest.mark.parametrize(
    ("limit", "limits"),
    [
        ("memory", {"memory_bytes": 8 * FAR}),
        ("processes", {"processes": 500}),
        ("processors", {"cpus": 16.0}),
        ("time", {"wall_s": 60.0}),
        ("output size", {"output_bytes": FAR}),
        ("output files", {"output_entries": 2000}),
        ("temporary files", {"temporary_bytes": FAR, "program_growth_bytes": FAR}),
        ("shared memory", {"shared_memory_bytes": FAR}),
        ("open files", {"open_files": 1024}),
        ("printed text", {"log_bytes": FAR}),
    ],
)
def test_a_limit_that_is_really_far_away_is_found_and_no_other(
    here: HereBench, limit: str, limits: dict[str, Any]
) -> None:
    loosened = Loosened(here.sandbox, **limits)
    reports = list(examine(loosened, RESOURCES))
    if limit == "processors" and loosened.most_processors < 1.4:
        pytest.skip(f"this machine left the trial {loosened.most_processors:.1f} processors: others use them")
    assert [report.limit for report in reports if report.enforcement == "not enforced"] == [limit], reports


# What is put before bwrap: it takes a protection away, as an old or an odd version might.
_WITHOUT = """#!/usr/bin/python3 -IS
import os, sys
words = sys.argv[1:]
if "--args" not in words: os.execv({bwrap!r}, [{bwrap!r}, *words])
i = words.index("--args")
with open(int(words[i + 1]), "rb") as told: words[i:i + 2] = told.read().decode().rstrip("\\0").split("\\0")
def drop(option, count):
    while option in words: i = words.index(option); del words[i:i + 1 + count]
{changes}
os.execv({bwrap!r}, [{bwrap!r}, *words])
"""
_KEPT = '"--unshare-ipc", "--unshare-uts", "--unshare-cgroup"'
_NO_FILTER = 'i = words.index("--seccomp"); os.close(int(words[i + 1])); del words[i:i + 2]'
_WRITABLE_ROOT = 'i = len(words) - 1 - words[::-1].index("--remount-ro"); del words[i:i + 2]'
_NO_NETWORK_NAMESPACE = f'drop("--unshare-all", 0); words[:0] = ["--unshare-pid", {_KEPT}]'
_NO_PROCESS_NAMESPACE = f'drop("--unshare-all", 0); words[:0] = ["--unshare-net", {_KEPT}]'
_SHOWN_FOLDER = 'i = words.index("--chdir"); words[i - 2:i - 2] = ["--bind", {shown!r}, {shown!r}]'


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Path]:
    """A folder that the user of a slot can enter."""
    with tempfile.TemporaryDirectory(prefix="podium-public-", dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        (_NO_FILTER, {"other sockets", "system calls"}),
        (_NO_NETWORK_NAMESPACE, {"network"}),
        (_NO_PROCESS_NAMESPACE, {"other processes"}),
        (_WRITABLE_ROOT, {"writing outside"}),
        (_SHOWN_FOLDER, {"files of this machine"}),
    ],
)
def test_a_protection_that_is_really_missing_is_found_and_no_other(
    here: HereBench, tmp_path: Path, public: Path, changes: str, broken: set[str]
) -> None:
    require(Path("/usr/bin/python3").exists(), "/usr/bin/python3 is missing: apt install python3")
    bwrap = public / "bwrap"
    laid = public / "laid"
    laid.mkdir()
    laid.chmod(0o777)
    changes = changes.replace("{shown!r}", repr(str(laid)))
    bwrap.write_text(_WITHOUT.format(changes=changes, bwrap=shutil.which("bwrap")))
    bwrap.chmod(0o755)
    # The secret and all else that the doctor lays out is below TMPDIR, which one of them shows.
    done = doctor(tmp_path, "--json", PATH=f"{public}:{os.environ['PATH']}", TMPDIR=str(laid))
    content = json.loads(done.stdout)
    assert content["sandbox"]["error"] is None, content
    found = {line["limit"] for line in content["sandbox"]["limits"] if line["enforcement"] == "not enforced"}
    assert found == broken
    assert done.returncode == 1
    assert content["healthy"] is False


@pytest.mark.parametrize(
    "words",
    [
        # With apparmor_restrict_unprivileged_userns=1 (Ubuntu 24.04), in a container, and where a switch forbids it.
        "bwrap: setting up uid map: Permission denied",
        "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
        "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
        "bwrap: No permissions to create a new namespace, likely because the kernel does not allow it.",
    ],
)
def test_what_the_machine_forbids_is_told_with_the_line_to_type(
    here: HereBench, tmp_path: Path, public: Path, words: str
) -> None:
    bwrap = public / "bwrap"
    real = shutil.which("bwrap")
    bwrap.write_text(f'#!/bin/sh\n[ "$1" = --version ] && exec {real} --version\necho "{words}" >&2; exit 1\n')
    bwrap.chmod(0o755)
    done = doctor(tmp_path, PATH=f"{public}:{os.environ['PATH']}")
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if "could not isolate" in line]
    assert words.removeprefix("bwrap: ").rstrip(".") in line
    assert "ype as root: sysctl -w" in line
    assert "Traceback" not in done.stderr


def test_an_ordinary_user_has_limits_that_hold_or_are_approximate(here: HereBench) -> None:
    require(os.geteuid() == 0, "only root can run a test as another user")
    with tempfile.TemporaryDirectory(prefix="podium-ordinary-") as folder:
        Path(folder).chmod(0o711)
        home = Path(folder, "home")
        python = install_for_ordinary_user(home)
        command = as_ordinary_user([str(python), "-I", "-S", "-c", _EXAMINE, str(home / "src")])
        said = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/", timeout=120).stdout
    found = dict(line.split(": ") for line in said.splitlines())
    assert list(found) == LIMITS
    approximate = {limit for limit, enforcement in found.items() if enforcement == "approximate"}
    assert approximate in ({"memory", "processors"}, set())
    assert set(found.values()) <= {"enforced", "approximate"}


_EXAMINE = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
from podium.sandbox.backends import open_sandbox
from podium.sandbox.doctor import examine
for report in examine(open_sandbox("bubblewrap", 0, Path("/tmp"))): print(f"{report.limit}: {report.enforcement}")
"""


def test_where_namespaces_are_forbidden_it_says_which_line_to_type(here: HereBench, tmp_path: Path) -> None:
    require(os.geteuid() == 0, "only root can have its files shown as those of a slot")
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'
    words = [sys.executable, "-m", "podium", "doctor", "--data", str(tmp_path / "none")]
    done = subprocess.run(
        ["unshare", "-Ur", "sh", "-c", forbid, "sh", *words],
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if "could not be isolated" in line]
    assert "ype as root: sysctl -w user.max_user_namespaces=15000" in line
    assert "Traceback" not in done.stderr
    assert "Programs cannot be run here." in done.stdout


def test_without_any_sandbox_it_finds_every_way_out_and_leaves_nothing_behind(here: HereBench, tmp_path: Path) -> None:
    folders = [Path(name) for name in ("/", "/usr", "/usr/bin", "/etc", "/dev", "/tmp", "/dev/shm")]
    done = doctor(
        tmp_path,
        "--sandbox",
        "none",
        "--json",
        PODIUM_ALLOW_UNSANDBOXED="yes-i-trust-every-submission",
        TMPDIR=str(tmp_path),
    )
    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads(done.stdout)["sandbox"]
    found = {line["limit"]: line for line in report["limits"]}
    assert list(found) == LIMITS, report
    open_ways = {"network", "files of this machine", "writing outside", "other processes", "system calls"}
    assert {limit for limit in open_ways if found[limit]["enforcement"] == "not enforced"} == open_ways
    assert all(found[limit]["advice"].endswith("PODIUM_SANDBOX=bubblewrap or docker.") for limit in open_ways)
    mine = [path for path in tmp_path.iterdir() if path.name.startswith("podium-doctor-")]
    assert mine == []
    marks = re.findall(r"podium-doctor-\w+", done.stdout)
    left = [path for folder in folders for path in folder.iterdir() if any(mark in path.name for mark in marks)]
    assert left == []
