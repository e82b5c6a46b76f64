"""Control groups of version 2, on a kernel that has them: Linux as a program of this machine, on its files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.requirements_on_machine import require_program
from tests.sandboxed import MEBIBYTE, SMALL

pytestmark = [pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(400)]

PROJECT = Path(__file__).parents[3]
_PATIENCE_S = 300
_OWN_PROCESSES = 4
"""Those of bubblewrap itself."""
_INIT = """#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run
mount -t cgroup2 groups /sys/fs/cgroup
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/run TMPDIR=/run PYTHONDONTWRITEBYTECODE=1 PYTHONPATH={paths}
{python} {script}
{python} -c 'import ctypes; ctypes.CDLL(None).reboot(0x4321fedc)'
"""


def boot(folder: Path) -> dict[str, dict[str, Any]]:
    """Boot a machine with these files, read-only, that runs the script; what it printed, by name."""
    kernel = require_program("linux.uml", "user-mode-linux")
    require_program("bwrap", "bubblewrap")
    init = folder / "init"
    script = Path(__file__).with_name("version_2_machine.py")
    init.write_text(_INIT.format(paths=f"{PROJECT}/src:{PROJECT}", python=sys.executable, script=script))
    init.chmod(0o755)
    root = ("root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", f"init={init}")
    done = subprocess.run(
        [kernel, "mem=384M", *root, "con=null", "con0=null,fd:1", "quiet"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=folder,
        timeout=_PATIENCE_S,
        check=False,
    )
    printed = done.stdout.decode("utf-8", "replace")
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert lines, printed
    print(printed)
    return {line["name"]: line for line in lines}


def test_memory_processes_and_processors_are_held(tmp_path: Path) -> None:
    told = boot(tmp_path)
    assert told["worker"]["counts"] is True
    benign = told["benign"]
    assert (benign["ending"], benign["printed"]) == ("exited", ["well"])
    # The kernel's own count: of what the program held, and the interpreter.
    assert 16 * MEBIBYTE < benign["memory_peak_bytes"] <= 48 * MEBIBYTE
    assert told["children"]["ending"] == "memory-limit"
    refused, made = told["processes"]["printed"]
    assert refused == "refused 11"  # EAGAIN
    assert 16 <= int(made) <= SMALL.processes + _OWN_PROCESSES
    # Half a processor: 0.6 s of work take at least 1.2 s, less a period of a tenth that may be begun.
    assert told["processors"]["cpu_s"] >= 0.6
    assert told["processors"]["elapsed_s"] >= 1.1
    assert [each.get("groups", []) for each in told.values()] == [[]] * 5
