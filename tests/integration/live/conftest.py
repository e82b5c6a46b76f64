"""Sites without a worker: two web processes on one set of data, so that what one commits the other must notice."""

from __future__ import annotations

import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from tests.running_site import PASSWORD, eventually, plain_environment

from podium.sdk.client import PodiumClient
from podium.server.front.listening import listen


@dataclass
class WebProcess:
    """One web process and where it listens."""

    url: str
    process: subprocess.Popen[bytes]


@dataclass
class QuietSite:
    """A site whose only worker is the test. `near` and `far` are two of its web processes; `token` is otto's, and
    `annas_token` is that of the site's other account."""

    near: WebProcess
    far: WebProcess
    environment: dict[str, str]
    worker_token: str
    token: str
    annas_token: str

    def client(self) -> PodiumClient:
        """Speaks for otto, with the far web process."""
        return PodiumClient(self.far.url, self.token)

    def worker(self) -> httpx.Client:
        """Speaks as the worker, with the near web process."""
        headers = {"Authorization": f"Worker {self.worker_token}"}
        return httpx.Client(base_url=self.near.url, headers=headers, timeout=60)


@contextmanager
def own_database(server_url: str) -> Iterator[str]:
    """A new database on the server, which other test processes may use too."""
    name = f"quiet_{secrets.token_hex(8)}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield server_url.rpartition("/")[0] + f"/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def web_process(environment: dict[str, str], listener: socket.socket | None = None) -> Iterator[WebProcess]:
    """A web process that answers, on a socket that outlives it where one is given."""
    with listen("127.0.0.1", 0) if listener is None else nullcontext(listener) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "podium.server.front", "--fd", str(listener.fileno())],
            env={**environment, "PODIUM_URL": url},
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    try:
        eventually(lambda: answers(url, process), "the web process answers")
        yield WebProcess(url, process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(30)


@contextmanager
def jobs_process(environment: dict[str, str]) -> Iterator[None]:
    """The process that does what the site does by itself: it makes competitions of bundles, say."""
    process = subprocess.Popen(
        [sys.executable, "-m", "podium.server.duties"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None
    try:
        return httpx.get(f"{url}/health", timeout=60).is_success
    except httpx.HTTPError:
        return False


MAKE_SITE = """
from podium.launch.prepare import prepare
prepare()
from podium.server.accounts.services import create_api_token, create_user
for name in ("otto", "anna"):
    print(create_api_token(create_user(name, f"{name}@example.org", "%s"), "tests"))
"""


@contextmanager
def quiet_site(folder: Path, database_url: str | None = None) -> Iterator[QuietSite]:
    """A site with its data in a folder, on that database, else on SQLite."""
    token = secrets.token_urlsafe(16)
    environment = {**plain_environment(), "PODIUM_DATA": str(folder / "data")}
    if database_url is not None:
        environment["PODIUM_DATABASE_URL"] = database_url
    # One process for what `podium up`, `podium user create` and `podium token create` do, one after the other.
    made = subprocess.run(
        [sys.executable, "-c", MAKE_SITE % PASSWORD],
        env={**environment, "PODIUM_WORKER_TOKEN": token},
        check=True,
        capture_output=True,
        text=True,
    )
    with jobs_process(environment), web_process(environment) as near, web_process(environment) as far:
        yield QuietSite(near, far, environment, token, *made.stdout.split())


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def quiet(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[QuietSite]:
    """A site on each database."""
    folder = tmp_path_factory.mktemp("quiet")
    with ExitStack() as stack:
        database = None
        if request.param == "postgresql":
            database = stack.enter_context(own_database(request.getfixturevalue("postgres_url")))
        yield stack.enter_context(quiet_site(folder, database))
