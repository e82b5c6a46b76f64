"""A whole site in processes of its own: web, jobs and worker, as `podium up` runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_READY = "Podium is ready at "


@contextmanager
def running_site(folder: Path) -> Iterator[str]:
    """`podium up` on a free port with its data in `folder`; the address that it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_D")}
    written = folder / "up.txt"
    with written.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "podium.cli.main", "up", "--port", "0", "--data", str(folder / "data")],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
    try:
        yield _address(process, written)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def _address(process: subprocess.Popen[bytes], written: Path) -> str:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        said = written.read_text(encoding="utf-8")
        if _READY in said:
            return said.split(_READY, 1)[1].split(" ", 1)[0].strip()
        try:
            status = process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"podium up ended with status {status}:\n{said}")
    pytest.fail(f"podium up was not ready within 90 s:\n{written.read_text(encoding='utf-8')}")
