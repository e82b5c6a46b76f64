"""A whole site, started as people start it: `podium up` in an empty folder, on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from podium.sdk.client import PodiumClient

PASSWORD = "a horse and a staple"
_PATIENCE_S = 60.0


@dataclass
class RunningSite:
    """A site that serves, and what tests do to it."""

    url: str
    data: Path
    supervisor: subprocess.Popen[bytes]

    def podium(self, *arguments: str) -> str:
        """What the command `podium` prints about this site's data folder."""
        done = subprocess.run(
            [sys.executable, "-m", "podium", *arguments],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def client_of(self, name: str, *, admin: bool = False) -> PodiumClient:
        """A client that speaks for a new account of that name."""
        extra = ["--admin"] if admin else []
        self.podium("user", "create", name, f"{name}@example.org", *extra)
        return PodiumClient(self.url, self.podium("token", "create", name))

    def processes(self, module: str) -> list[psutil.Process]:
        """The site's processes that run a module."""
        children = psutil.Process(self.supervisor.pid).children(recursive=True)
        return [child for child in children if module in _command(child)]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PODIUM_DATA": str(self.data), "PODIUM_USER_PASSWORD": PASSWORD}


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@contextmanager
def running_site(data: Path, *options: str) -> Iterator[RunningSite]:
    """A site that answers; ended with SIGTERM afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data.mkdir(parents=True, exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_DATA")}
    with (data.parent / "site.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "podium", "up", "--data", str(data), "--port", str(port), *options],
            env=environment,
            stdin=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _answers(url, process), "the site answers")
        yield RunningSite(url, data, process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE_S)


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the site ended before it answered"
    try:
        return httpx.get(f"{url}/health", timeout=5).is_success
    except httpx.HTTPError:
        return False


def eventually(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds; fail where it does not within a minute."""
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)
