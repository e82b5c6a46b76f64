"""A whole site in processes of its own, started as people start it: `podium up`, in an empty folder, on a free port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from podium.sdk.client import PodiumClient

PASSWORD = "a horse and a staple"
_PATIENCE_S = 60.0
_READY = "Podium is ready at "


@dataclass
class RunningSite:
    """A site that serves, and what tests do to it."""

    url: str
    data: Path
    supervisor: subprocess.Popen[bytes]
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """The command `podium`, which finds this site's data folder, its address and `more` in its environment."""
        variables = {"PODIUM_DATA": str(self.data), "PODIUM_SERVER": self.url, "PODIUM_USER_PASSWORD": PASSWORD}
        return subprocess.run(
            [sys.executable, "-m", "podium", *arguments],
            env={**plain_environment(), **self.environment, **variables, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_S * 2,
        )

    def podium(self, *arguments: str) -> str:
        """What the command `podium` prints, which must succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def token_of(self, name: str, *, admin: bool = False) -> str:
        """The API token of a new account of that name."""
        extra = ["--admin"] if admin else []
        self.podium("user", "create", name, f"{name}@example.org", *extra)
        return self.podium("token", "create", name)

    def client_of(self, name: str, *, admin: bool = False) -> PodiumClient:
        """A client that speaks for a new account of that name."""
        return PodiumClient(self.url, self.token_of(name, admin=admin))

    def processes(self, word: str) -> list[psutil.Process]:
        """The site's processes that have this word in their command: a module that they run, say."""
        children = psutil.Process(self.supervisor.pid).children(recursive=True)
        return [child for child in children if word in _command(child)]


def plain_environment() -> dict[str, str]:
    """The environment of the tests without what would lead a command to some other site."""
    leading = ("PODIUM_DATA", "PODIUM_URL", "PODIUM_SERVER", "PODIUM_TOKEN")
    return {name: value for name, value in os.environ.items() if not name.startswith(leading)}


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@contextmanager
def running_site(
    data: Path, *options: str, log: Path | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[RunningSite]:
    """A site that answers, with its data in `data` and what it says in `log`, else beside its data; ended with SIGTERM
    afterwards."""
    data.mkdir(parents=True, exist_ok=True)
    written = log or data.parent / f"{data.name}.log"
    variables = dict(environment or {})
    with written.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "podium", "up", "--data", str(data), "--port", "0", *options],
            env={**plain_environment(), **variables},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def ready() -> bool:
        assert process.poll() is None, f"podium up ended with status {process.returncode}:\n{written.read_text()}"
        return _READY in written.read_text()

    try:
        eventually(ready, "the site is ready")
        yield RunningSite(written.read_text().split(_READY, 1)[1].split(" ", 1)[0], data, process, variables)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE_S)


def eventually(condition: Callable[[], object], what: str, patience_s: float = _PATIENCE_S) -> None:
    """Wait until a condition holds; fail where it does not within a minute, or so many seconds."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)
